import type { Effect } from './effects.ts';
import type { DomainEvent } from './events.ts';
import type { Instant } from './instant.ts';
import type { Refusal, RefusalCode } from './refusal.ts';
import type { RequestState } from './request.ts';

/** What a decision leads to: what happened, and the outside work it asks for. */
export interface Outcome {
  events: DomainEvent[];
  effects: Effect[];
}

/** Every `decide…` answers with an outcome or a refusal; it never throws for what a person did. */
export type Decided = ({ ok: true } & Outcome) | { ok: false; refusal: Refusal };

export const refuse = (code: RefusalCode, sentence: string, rule?: string): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { code, sentence, ...(rule === undefined ? {} : { rule }) },
});

/** What every event of a request begins with. */
export const about = (
  { id, workspace, access }: Pick<RequestState, 'id' | 'workspace' | 'access'>,
  at: Instant,
  actor: string,
) => ({ at, workspace, actor, requestId: id, access });
