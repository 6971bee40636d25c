import type { Instant } from '../../domain/instant.ts';
import type { Person } from '../directory.ts';
import type { PolicySet } from '../policy-set.ts';
import { accessChanges, type Raw } from './access-changes.ts';
import { actionChanges, type Sampled } from './action-changes.ts';
import { keyDifferences } from './action-rules.ts';
import { type Change, DIRECTIONS, type PolicyDiff, someOf } from './change.ts';
import { basicsOf } from './classes.ts';
import { comparable, isStandIn } from './live.ts';
import { Crowds } from './people.ts';
import { whoDifferences } from './rules.ts';
import { sentenceOf } from './sentences.ts';
import { Side } from './side.ts';

/**
 * What is decided differently under `now` than under `was`, over all people and all accesses, all callers and all
 * actions, and every way to ask that the rules can tell apart. Text that decides nothing makes no difference.
 *
 * @param at the moment at which conditions that ask for the time are judged
 */
export function diffPolicies(wasInFiles: PolicySet, nowInFiles: PolicySet, at: Instant): PolicyDiff {
  const { was, now, live } = comparable(wasInFiles, nowInFiles);
  const sides = { was: new Side(was), now: new Side(now) };
  const basics = basicsOf(was.directory, now.directory);
  const names = [...new Set([...was.accesses.keys(), ...now.accesses.keys()])].sort();
  const actions = [...new Set([...was.actions.keys(), ...now.actions.keys()])].sort();
  const sampled: Sampled = { words: [], tokens: [] };
  const raw = [
    ...names.flatMap((name) => accessChanges(sides, basics, name, at, sampled.words)),
    ...actions.flatMap((name) => actionChanges(sides, name, at, sampled)),
  ];
  const crowds = crowdsOf(was, now, basics);
  const who = [...whoDifferences(wasInFiles, nowInFiles), ...keyDifferences(was, now)].map(
    ({ people, ...change }): Change => ({ ...change, accesses: [], people, who: people.join(', '), places: [] }),
  );
  const changes = [...joined(raw, crowds), ...who].sort(inOrder);
  return {
    changes,
    compared: {
      accesses: names.length,
      actions: actions.length,
      people: [...basics.keys()].filter((email) => !isStandIn(email)).length,
    },
    notes: notesOf(live, sampled),
  };
}

/** Groups as a reader thinks of them: of people who can ask, and of people who can approve. */
function crowdsOf(
  was: PolicySet,
  now: PolicySet,
  basics: ReadonlyMap<string, string>,
): { asking: Crowds; approving: Crowds } {
  const both = [now.directory, was.directory];
  const some = (may: (person: Person) => boolean): Set<string> =>
    new Set(
      [...basics.keys()].filter((email) =>
        both.some((directory) => {
          const person = directory.byEmail(email);
          return person !== undefined && may(person);
        }),
      ),
    );
  return {
    asking: new Crowds(
      both,
      some(({ disabled }) => !disabled),
    ),
    approving: new Crowds(
      both,
      some(({ disabled, slack }) => !disabled && slack !== undefined),
    ),
  };
}

/** What a reader must know of what was not looked at. */
function notesOf(live: readonly string[], { words, tokens }: Sampled): string[] {
  return [
    ...(words.length === 0
      ? []
      : [
          `Conditions of ${someOf(words, 5)} ask for what people write, which can be anything: compared for the words that the conditions mention and for usual ones.`,
        ]),
    ...(tokens.length === 0
      ? []
      : [
          `Conditions of ${someOf(tokens, 5)} ask for what callers’ tokens say, which can be anything: compared for the words that the conditions and the rules for callers mention.`,
        ]),
    ...(live.length === 0
      ? []
      : [
          `Who is in ${someOf(
            live.map((name) => `group:${name}`),
            5,
          )} is known to Slack or a directory, not to the files: members are compared as people in no other group, and changes among them are not seen.`,
        ]),
  ];
}

type AllCrowds = ReturnType<typeof crowdsOf>;
/** One line for what is the same for the same people at several accesses. */
function joined(raw: readonly Raw[], crowds: AllCrowds): Change[] {
  const lines = new Map<string, Raw[]>();
  for (const one of raw) {
    const { access: _access, place: _place, ...same } = one;
    const key = JSON.stringify(same);
    const line = lines.get(key);
    if (line) line.push(one);
    else lines.set(key, [one]);
  }
  return [...lines.values()].flatMap((line) => {
    const [one] = line;
    if (!one) return [];
    const { direction, kind, people, when, was, now, approvers, what } = one;
    const names = line.map(({ access }) => access);
    const who = one.who ?? (people.length === 0 ? '' : crowds.asking.name(people));
    const words = {
      kind,
      who,
      accesses: names,
      things: one.isAction ? (['action', 'actions'] as const) : (['access', 'accesses'] as const),
      when,
      was,
      now,
      what,
      approvers: approvers && approversText(approvers, crowds.approving),
    };
    return [
      {
        direction,
        kind,
        accesses: one.isAction ? [] : names,
        ...(one.isAction ? { actions: names } : {}),
        people,
        ...(one.callers === undefined ? {} : { callers: one.callers }),
        who,
        ...(when === undefined ? {} : { when }),
        ...(was === undefined ? {} : { was }),
        ...(now === undefined ? {} : { now }),
        ...(approvers === undefined ? {} : { approvers }),
        sentence: sentenceOf(words),
        places: line.flatMap(({ place }) => place ?? []),
      },
    ];
  });
}

function approversText(approvers: readonly string[], crowds: Crowds): string {
  if (!approvers.includes('manager')) return crowds.name(approvers);
  const others = approvers.filter((each) => each !== 'manager');
  return others.length === 0 ? 'the requester’s manager' : `the requester’s manager and ${crowds.name(others)}`;
}

const firstName = ({ accesses, actions }: Change): string => accesses[0] ?? actions?.[0] ?? '';

const inOrder = (a: Change, b: Change): number =>
  DIRECTIONS.indexOf(a.direction) - DIRECTIONS.indexOf(b.direction) ||
  compareText(firstName(a), firstName(b)) ||
  compareText(a.kind, b.kind) ||
  compareText(a.sentence, b.sentence);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
