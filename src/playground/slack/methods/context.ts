import type { Messages } from '../messages.ts';
import type { Modals } from '../modals.ts';
import type { Triggers } from '../triggers.ts';
import type { Workspace } from '../workspace.ts';
import type { Arguments } from './arguments.ts';

export interface Context {
  workspace: Workspace;
  messages: Messages;
  modals: Modals;
  triggers: Triggers;
  /** Where the Web API is, `http://127.0.0.1:…/api/`. */
  url: string;
  /** `chat:write.public` was granted by name. */
  postsAnywhere: boolean;
  /** `users:read.email` was granted. */
  showsEmails: boolean;
  /** Something that Slack accepts and a careful app avoids; kept with the call. */
  warn(warning: string): void;
}

/** A Web API method: answers what comes beside `ok: true`, or throws `SlackError`. */
export type Method = (args: Arguments, context: Context) => Record<string, unknown>;
