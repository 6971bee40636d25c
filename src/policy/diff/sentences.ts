import { type ChangeKind, plural, someOf } from './change.ts';

interface Words {
  kind: ChangeKind;
  /** Who asks; empty where it is the same for everybody. */
  who: string;
  /** By name, or actions. */
  accesses: readonly string[];
  /** What they are. */
  things: readonly [one: string, many: string];
  when: string | undefined;
  was: string | undefined;
  now: string | undefined;
  what: string | undefined;
  /** Who may approve, now or before. */
  approvers: string | undefined;
}

const NAMED = 5;

/** A change as a reviewer says it: `group:backend (12 people) can newly ask for prod-db-write: 1 approval (…)`. */
export function sentenceOf({
  kind,
  who,
  accesses,
  things: [one, many],
  when,
  was = '',
  now = '',
  what = '',
  approvers = '',
}: Words): string {
  const access =
    accesses.length <= NAMED ? someOf(accesses, NAMED) : `${accesses.length} ${many} (${someOf(accesses, 3)})`;
  const held = when === undefined ? '' : ` ${when}`;
  const both = `${now} instead of ${was}`;
  switch (kind) {
    case 'can-ask': {
      const before = /\((not-eligible|unknown-access|unknown-action|unknown-person)\)$/.test(was) ? '' : `; was ${was}`;
      return `${who} can newly ask for ${access}${held}: ${now}${before}`;
    }
    case 'cannot-ask':
      return `${who} can no longer ask for ${access}${held}: ${now}; was ${was}`;
    case 'emergency':
      return now === 'at once'
        ? `${who} can newly take ${access} in an emergency, without approval`
        : `${who} can no longer take ${access} in an emergency: ${now}`;
    case 'longer':
    case 'shorter':
      return `${who} can ask for ${access} for ${now}${held}; was ${was}`;
    case 'automatic':
      return `${access} is now approved automatically for ${who}${held}; was ${was}`;
    case 'no-longer-automatic':
      return `${access} is no longer approved automatically for ${who}${held}: ${now}`;
    case 'fewer-approvals':
    case 'more-approvals':
    case 'other-approvals':
      return `${access} needs ${both} for requests of ${who}${held}`;
    case 'new-approvers':
      return `${approvers} may newly approve ${access} for requests of ${who}${held}`;
    case 'fewer-approvers':
      return `${approvers} may no longer approve ${access} for requests of ${who}${held}`;
    case 'escalation':
      return `${access} escalates ${both} for requests of ${who}${held}`;
    case 'delegation':
      return `votes for ${access} may be handed on in ${both} for requests of ${who}${held}`;
    case 'timeout':
      return `approvers of ${access} have ${both} for requests of ${who}${held}`;
    case 'gives':
      return `${access} ${what}: ${now || was}`;
    case 'reason':
    case 'rule':
      return `${access}: ${what} is ${now} (was ${was})`;
    case 'parameter':
      return `${access}: ${what} ${was === '' || now === '' ? now || was : `is ${now} (was ${was})`}`;
    case 'usable':
      return `${access}: ${what} ${both}`;
    case 'identity':
    case 'account':
    case 'target':
      return `${plural(accesses.length, one, many)}: ${what}`;
  }
}
