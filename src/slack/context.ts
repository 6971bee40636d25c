import type { WebClient } from '@slack/web-api';
import type { Log } from '../app/ports/log.ts';
import type { UseCases } from '../app/use-cases.ts';
import type { InFlight } from './in-flight.ts';

/** What every listener is given. */
export interface SlackContext {
  app: UseCases;
  /** The client for people who wait. */
  people: WebClient;
  apiUrl: string;
  /** The installed workspace; undefined until Slack has said which it is. */
  workspace(): string | undefined;
  inFlight: InFlight;
  log: Log;
  onError(method: string, code: string): void;
  /** The members of a user group changed. */
  onUsergroupChanged(id: string): void;
}
