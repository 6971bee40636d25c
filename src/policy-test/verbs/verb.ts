import type { Refusal } from '../../domain/refusal.ts';
import type { RequestState } from '../../domain/request.ts';
import type { ActionQuestion, Question } from '../../policy/index.ts';
import type { NamedCaller, Names, Somebody } from '../grammar/names.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import type { Stage } from '../stage.ts';

/** What came of doing something. */
export interface Done {
  /** The request that it was about, if there is one. */
  requestId?: string;
  refusal?: Refusal;
  /** With a request: what the policies were asked. */
  question?: Omit<Question, 'now'>;
  /** It was asked for at once, in an emergency. */
  emergency?: true;
  /** With a request of a caller: what the policies were asked. */
  action?: Omit<ActionQuestion, 'now'>;
}

export type Act = (stage: Stage) => Promise<Done>;

/** One thing that somebody in Slack can do: a file of this folder, named in `index.ts`. */
export type Verb = Doing<Somebody>;
/** One thing that a caller of actions can do. */
export type CallersVerb = Doing<NamedCaller>;

interface Doing<Who> {
  /** What stands behind the person: `ana approves …`. More than one word are separated by one blank. */
  readonly word: string;
  /** For messages and documentation: `ana approves [ACCESS] [of PERSON]`. */
  readonly usage: string;
  /** Reads what follows the word. @throws NotUnderstood */
  read(words: Words, who: Who, names: Names): Act;
}

/** Which request a verb is about: the latest one; when they are named, of an access or action, and of a person or caller. */
export interface Which {
  access?: string;
  /** As the request names its requester. */
  of?: string;
}

/** What a request gave, or is about to extend. */
export const grantIdOf = ({ grantId, extension }: RequestState): string | undefined => grantId ?? extension?.grantId;

/** `[ACCESS] [of PERSON]`, ended by one of the words that begin something else. @throws NotUnderstood */
export function readWhich(words: Words, names: Names, ends: readonly string[] = []): Which {
  const which: Which = {};
  if (!words.atEnd && words.peek !== 'of' && !ends.includes(words.peek ?? '')) which.access = readAsked(words, names);
  if (words.takeIf('of')) which.of = found(names.requester(words.take('a person or a caller')));
  return which;
}

/** `because "REASON"`, when it is there. @throws NotUnderstood */
export const readReason = (words: Words): string | undefined =>
  words.takeIf('because') ? words.take('the reason, in quotes') : undefined;

/** @throws NotUnderstood */
export function readAccess(words: Words, names: Names): string {
  return found(names.access(words.take('the name of an access')));
}

/** @throws NotUnderstood */
export function readAction(words: Words, names: Names): string {
  return found(names.action(words.take('the name of an action')));
}

function readAsked(words: Words, names: Names): string {
  return found(names.asked(words.take('the name of an access or action')));
}

/** @throws NotUnderstood */
export function readPerson(words: Words, names: Names): string {
  return found(names.person(words.take('a person')));
}

function found<T>(result: { ok: true; value: T } | { ok: false; why: string }): T {
  if (!result.ok) throw new NotUnderstood(result.why);
  return result.value;
}
