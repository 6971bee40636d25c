import { formatDuration } from '../../domain/duration.ts';
import { entitlementKey } from '../../domain/entitlement.ts';
import type { AccessPolicy, FieldPolicy, PolicySet, TargetPolicy } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import type { ChangeKind, Direction } from './change.ts';

/** A difference between the rules of an access, whoever asks. */
export interface RuleDifference {
  kind: ChangeKind;
  direction: Direction;
  /** `the reason`, `what it gives`. */
  what: string;
  was: string;
  now: string;
  place: Place;
}

/** Parts of an access that are compared by what they decide, or decide nothing. */
const COMPARED: ReadonlySet<string> = new Set([
  ...['name', 'title', 'labels', 'targets', 'requesters', 'deny', 'flows', 'places'],
  ...['grants', 'duration', 'reason', 'fields', 'channel', 'breakGlass', 'revokeOnIdleMs'],
]);

/** What is different in two versions of an access beside who may ask for how long and who approves. */
export function ruleDifferences(was: AccessPolicy, now: AccessPolicy): RuleDifference[] {
  const found: RuleDifference[] = [];
  const say = (
    kind: ChangeKind,
    direction: Direction,
    what: string,
    before: string,
    after: string,
    place: Place,
  ): void => {
    if (before !== after) found.push({ kind, direction, what, was: before, now: after, place });
  };

  const before = permissionsOf(was);
  const after = permissionsOf(now);
  const more = [...after].filter(([key]) => !before.has(key)).map(([, label]) => label);
  const less = [...before].filter(([key]) => !after.has(key)).map(([, label]) => label);
  if (more.length > 0) say('gives', 'wider', 'also gives', '', more.join(', '), now.places.grants);
  if (less.length > 0) say('gives', 'narrower', 'no longer gives', less.join(', '), '', now.places.grants);

  found.push(...reasonDifferences(was, now));
  found.push(...fieldDifferences(was, now));

  const extra = ({ duration: { extend } }: AccessPolicy) => (extend ? extend.times * extend.byMs : 0);
  const extension = ({ duration: { extend } }: AccessPolicy) =>
    extend ? `${extend.times} × ${formatDuration(extend.byMs)}, approved by ${extend.approval}` : 'none';
  const STRICT = ['none', 'last-step', 'all-steps'];
  const eased =
    STRICT.indexOf(now.duration.extend?.approval ?? '') < STRICT.indexOf(was.duration.extend?.approval ?? '');
  const longer = extra(now) > extra(was) || (extra(now) > 0 && eased);
  say('rule', longer ? 'wider' : 'narrower', 'the extension', extension(was), extension(now), now.places.duration);

  const [quota, quotaNow] = [was.breakGlass?.quota, now.breakGlass?.quota];
  const often = (each: typeof quota): number => (each ? each.times / each.perMs : Number.POSITIVE_INFINITY);
  if (was.breakGlass && now.breakGlass) {
    const text = (each: typeof quota) => (each ? `${each.times} in ${formatDuration(each.perMs)}` : 'none');
    const oftener = often(quotaNow) > often(quota) || (quota && quotaNow && quotaNow.times > quota.times);
    say(
      'rule',
      oftener ? 'wider' : 'narrower',
      'the quota of emergencies',
      text(quota),
      text(quotaNow),
      now.places.breakGlass,
    );
    const within = ({ breakGlass }: AccessPolicy) => formatDuration(breakGlass?.reviewWithinMs ?? 0);
    say('rule', 'other', 'the time for the review of an emergency', within(was), within(now), now.places.breakGlass);
  }

  const idle = ({ revokeOnIdleMs: ms }: AccessPolicy) => (ms === undefined ? 'none' : formatDuration(ms));
  const kept = ({ revokeOnIdleMs: ms = Number.POSITIVE_INFINITY }: AccessPolicy) => ms;
  const keptLonger = kept(now) > kept(was);
  const unused = 'the time without use after which it ends';
  say('rule', keptLonger ? 'wider' : 'narrower', unused, idle(was), idle(now), now.places.revokeOnIdle);

  const usual = ({ duration }: AccessPolicy) => formatDuration(duration.defaultMs);
  say('rule', 'other', 'the default duration', usual(was), usual(now), now.places.duration);
  say('rule', 'other', 'the channel', channelText(was), channelText(now), now.places.access);

  // NB. whatever else an access may come to have: a change of it is never passed over in silence.
  const others = (access: AccessPolicy): Map<string, unknown> => {
    const { defaultMs: _default, maxMs: _max, extend: _extend, ...duration } = access.duration;
    const own = Object.entries(access).filter(([key]) => !COMPARED.has(key));
    return new Map([...own, ...Object.entries(duration)]);
  };
  const [rest, restNow] = [others(was), others(now)];
  for (const key of new Set([...rest.keys(), ...restNow.keys()])) {
    const text = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
    say('rule', 'other', `\`${key}\``, text(rest.get(key)), text(restNow.get(key)), now.places.access);
  }
  return found;
}

/** What must be written, of an access or of an action. */
export function reasonDifferences(was: Reasoned, now: Reasoned): RuleDifference[] {
  const [before, after] = [was.reason, now.reason];
  if (reasonText(before) === reasonText(after)) return [];
  const strictness = ({ required, minLength }: AccessPolicy['reason']) => (required ? 1_000_000 : 0) + minLength;
  const looser = strictness(after) < strictness(before) || (before.minLength > after.minLength && !after.required);
  return [
    {
      kind: 'reason',
      direction: looser ? 'wider' : 'narrower',
      what: 'the reason',
      was: reasonText(before),
      now: reasonText(after),
      place: now.places.reason,
    },
  ];
}

interface Reasoned extends Pick<AccessPolicy, 'reason'> {
  readonly places: Pick<AccessPolicy['places'], 'reason'>;
}

/** Whatever must be filled in makes a request harder, whatever form it must have, too. */
function fieldDifferences(was: AccessPolicy, now: AccessPolicy): RuleDifference[] {
  const text = (field: FieldPolicy | undefined): string => {
    if (!field) return 'not asked for';
    const { required, pattern, choices } = field;
    return [
      required ? 'required' : 'not required',
      ...(pattern ? [`in the form ${pattern.source}`] : []),
      ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ].join(', ');
  };
  const names = new Set([...was.fields, ...now.fields].map(({ name }) => name));
  return [...names].flatMap((name): RuleDifference[] => {
    const [before, after] = [was, now].map(({ fields }) => fields.find((field) => field.name === name));
    if (text(before) === text(after)) return [];
    const [must, mustNow] = [before?.required ?? false, after?.required ?? false];
    const direction = must === mustNow ? 'other' : must ? 'wider' : 'narrower';
    const what = `the field ${name}`;
    return [{ kind: 'rule', direction, what, was: text(before), now: text(after), place: now.places.fields }];
  });
}

/** What an access gives. That a target is another system is told once, of the target. */
const permissionsOf = ({ grants }: AccessPolicy): Map<string, string> =>
  new Map(
    grants.map(({ target, permission, label }) => [entitlementKey(target, permission, ''), `${label} at ${target}`]),
  );

const reasonText = ({ required, minLength }: AccessPolicy['reason']): string => {
  const length = minLength > 1 ? `, at least ${minLength} characters` : '';
  return `${required ? 'required' : 'not required'}${length}`;
};

export const channelText = ({ channel }: Pick<AccessPolicy, 'channel'>): string =>
  channel ?? 'none, each approver directly';

export interface WhoDifference {
  kind: 'identity' | 'account' | 'target';
  direction: Direction;
  /** E-mails; empty for targets. */
  people: readonly string[];
  sentence: string;
}

/** What is different about who people are at Slack and at the targets, and about the targets themselves. */
export function whoDifferences(was: PolicySet, now: PolicySet): WhoDifference[] {
  const found: WhoDifference[] = [];
  for (const person of now.directory.people) {
    const before = was.directory.byEmail(person.email);
    if (!before || person.disabled) continue;
    if (person.slack !== undefined && before.slack !== undefined && person.slack !== before.slack) {
      // NB. whoever has that Slack user now acts as this person: asks, approves, is trusted like them.
      const sentence = `another Slack user is now ${person.email}: ${person.slack} (was ${before.slack})`;
      found.push({ kind: 'identity', direction: 'wider', people: [person.email], sentence });
    }
    const targets = new Set([...Object.keys(before.accounts), ...Object.keys(person.accounts)]);
    for (const target of [...targets].sort()) {
      const account = (accounts: Readonly<Record<string, string | null>>) => {
        const named = Object.hasOwn(accounts, target) ? accounts[target] : undefined;
        return named === null ? 'none' : (named ?? 'the usual one');
      };
      const [old, next] = [account(before.accounts), account(person.accounts)];
      if (old === next) continue;
      const sentence = `${person.email} has another account at ${target}: ${next} (was ${old})`;
      found.push({
        kind: 'account',
        direction: next === 'none' ? 'narrower' : 'wider',
        people: [person.email],
        sentence,
      });
    }
  }
  for (const [name, target] of now.targets) {
    const before = was.targets.get(name);
    if (!before || sameSettings(before, target)) continue;
    const same = before.system === target.system && before.provider === target.provider;
    // NB. at another system everything that is given there is given to people who had it nowhere before.
    const [direction, sentence] = same
      ? (['other', `the settings of the target ${name} are others`] as const)
      : (['wider', `the target ${name} is another system`] as const);
    found.push({ kind: 'target', direction, people: [], sentence });
  }
  return found;
}

/** NB. settings hold secrets: they are compared here and go nowhere. */
function sameSettings(a: TargetPolicy, b: TargetPolicy): boolean {
  const text = ({ provider, system, config }: TargetPolicy) =>
    JSON.stringify([provider, system, Object.entries(config).sort(([x], [y]) => (x < y ? -1 : 1))]);
  return text(a) === text(b);
}
