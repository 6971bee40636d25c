import { formatDuration } from '../../domain/duration.ts';
import type { ActionPolicy, FieldPolicy, PolicySet } from '../policy-set.ts';
import { type Direction, someOf } from './change.ts';
import { channelText, type RuleDifference, reasonDifferences, type WhoDifference } from './rules.ts';

/** Parts of an action that are compared by what they decide, or decide nothing. */
const COMPARED: ReadonlySet<string> = new Set([
  ...['name', 'title', 'labels', 'callers', 'flows', 'places'],
  ...['parameters', 'reason', 'validForMs', 'channel'],
]);

/** What is different in two versions of an action beside who may ask and who approves. */
export function actionRuleDifferences(was: ActionPolicy, now: ActionPolicy): RuleDifference[] {
  const found = [...parameterDifferences(was, now), ...reasonDifferences(was, now)];
  if (was.validForMs !== now.validForMs) {
    found.push({
      kind: 'usable',
      direction: now.validForMs > was.validForMs ? 'wider' : 'narrower',
      what: 'an approval may be used for',
      was: formatDuration(was.validForMs),
      now: formatDuration(now.validForMs),
      place: now.places.validFor,
    });
  }
  const other = (what: string, before: string, after: string): void => {
    if (before !== after)
      found.push({ kind: 'rule', direction: 'other', what, was: before, now: after, place: now.places.action });
  };
  other('the channel', channelText(was), channelText(now));
  // NB. whatever else an action may come to have: a change of it is never passed over in silence.
  const others = (action: ActionPolicy) => new Map(Object.entries(action).filter(([key]) => !COMPARED.has(key)));
  const [rest, restNow] = [others(was), others(now)];
  for (const key of new Set([...rest.keys(), ...restNow.keys()])) {
    const text = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
    other(`\`${key}\``, text(rest.get(key)), text(restNow.get(key)));
  }
  return found;
}

function parameterDifferences(was: ActionPolicy, now: ActionPolicy): RuleDifference[] {
  const names = new Set([...was.parameters, ...now.parameters].map(({ name }) => name));
  return [...names].flatMap((name): RuleDifference[] => {
    const [before, after] = [was, now].map(({ parameters }) => parameters.find((each) => each.name === name));
    return ofParameter(before, after).map(
      ({ what = '', ...parts }): RuleDifference => ({
        kind: 'parameter',
        what: `the parameter ${name}${what}`,
        ...parts,
        place: now.places.parameters,
      }),
    );
  });
}

interface Parts {
  direction: Direction;
  /** What it does with what stands in the one of the two that is not empty: ` newly takes`. */
  what?: string;
  was: string;
  now: string;
}

/**
 * Where a parameter is asked for on one side only: one that must be given makes a request harder, one that may be given is more
 * that can be asked for. On both: whether it must be given, and which values it takes.
 */
function ofParameter(was: FieldPolicy | undefined, now: FieldPolicy | undefined): Parts[] {
  const must = ({ required }: FieldPolicy) => (required ? 'required' : 'not required');
  if (!was || !now) {
    const text = (field: FieldPolicy | undefined) => (field ? `${must(field)}, ${valuesText(field)}` : 'not asked for');
    const harder = now ? now.required : !(was?.required ?? false);
    return [{ direction: harder ? 'narrower' : 'wider', was: text(was), now: text(now) }];
  }
  return [
    ...(was.required === now.required
      ? []
      : [{ direction: was.required ? 'wider' : 'narrower', was: must(was), now: must(now) } as const]),
    ...valueDifferences(was, now),
  ];
}

/**
 * Which values a parameter newly takes, and which no longer. NB. of two patterns, which takes more is not decided: a change
 * that we cannot show to be harmless is called wider.
 */
function valueDifferences(was: FieldPolicy, now: FieldPolicy): Parts[] {
  if (was.choices && now.choices) {
    const [before, after] = [was.choices, now.choices];
    const added = after.filter((value) => !before.includes(value));
    const gone = before.filter((value) => !after.includes(value));
    const most = 10;
    return [
      ...(added.length === 0
        ? []
        : [{ direction: 'wider', what: ' newly takes', was: '', now: someOf(added, most) } as const]),
      ...(gone.length === 0
        ? []
        : [{ direction: 'narrower', what: ' no longer takes', was: someOf(gone, most), now: '' } as const]),
    ];
  }
  const texts = { was: valuesText(was), now: valuesText(now) };
  if (texts.was === texts.now) return [];
  const takes = ({ pattern, choices }: FieldPolicy, value: string): boolean =>
    (choices === undefined || choices.includes(value)) && (pattern === undefined || pattern.test(value));
  const within = (one: FieldPolicy, other: FieldPolicy): boolean => {
    if (one.choices) return one.choices.every((value) => !takes(one, value) || takes(other, value));
    return other.choices === undefined && (other.pattern === undefined || other.pattern.source === one.pattern?.source);
  };
  const [less, more] = [within(now, was), within(was, now)];
  if (less && more) return [];
  return [{ direction: less ? 'narrower' : 'wider', ...texts }];
}

function valuesText({ pattern, choices }: FieldPolicy): string {
  if (choices) return `one of ${choices.join(', ')}`;
  return pattern ? `in the form ${pattern.source}` : 'any text';
}

/** Which keys callers have: whoever holds another key of the same name is now taken for that caller. */
export function keyDifferences(was: PolicySet, now: PolicySet): WhoDifference[] {
  return [...now.settings.apiKeys].flatMap(([name, hashes]): WhoDifference[] => {
    const before = was.settings.apiKeys.get(name);
    if (before === undefined) return [];
    const said = (count: number, verb: string): string =>
      `${count === 1 ? 'another key' : `${count} other keys`} ${verb} api-key:${name}`;
    const added = hashes.filter((hash) => !before.includes(hash)).length;
    const gone = before.filter((hash) => !hashes.includes(hash)).length;
    return [
      ...(added === 0
        ? []
        : [{ direction: 'wider', sentence: said(added, added === 1 ? 'is now' : 'are now') } as const]),
      ...(gone === 0
        ? []
        : [
            {
              direction: 'narrower',
              sentence: `${gone === 1 ? 'a key' : `${gone} keys`} of api-key:${name} ${gone === 1 ? 'is' : 'are'} worth nothing any more`,
            } as const,
          ]),
    ].map((each): WhoDifference => ({ kind: 'identity', people: [], ...each }));
  });
}
