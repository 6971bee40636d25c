import { existsSync, readFileSync } from 'node:fs';

// Which tests prove which invariant of docs/architecture.md. Each entry is a suite and words of its title or of a test's in it;
// the suites named `model`, `properties` and `simulation` look at random cases, and each has broken twins that it catches.

const MODEL = { suite: 'model/stories.test.ts', says: 'the product does what the model says' };
const SIMULATION = { suite: 'simulation/simulation.test.ts', says: 'the invariants hold' };

const PROOFS: Readonly<Record<number, readonly { suite: string; says: string }[]>> = {
  1: [
    MODEL,
    SIMULATION,
    { suite: 'properties/votes.test.ts', says: 'no approval, no access' },
    { suite: 'properties/actions.test.ts', says: 'an approval is used once' },
    { suite: 'properties/tally.test.ts', says: 'a seat is filled by an approval of somebody eligible' },
  ],
  2: [
    MODEL,
    SIMULATION,
    { suite: 'model/evaluator.test.ts', says: 'one in which the requester may approve' },
    { suite: 'properties/votes.test.ts', says: 'one that lets a person vote twice' },
    { suite: 'simulation/twins.test.ts', says: 'a vote of the requester that counts' },
  ],
  3: [
    MODEL,
    { suite: 'model/evaluator.test.ts', says: 'the evaluator decides as the documentation says' },
    { suite: 'model/evaluator.test.ts', says: 'a set loads when each of its flows could be filled' },
    {
      suite: 'properties/live-groups.test.ts',
      says: 'a live group has members only of a reading that may be relied on',
    },
    { suite: 'policy/mutations.test.ts', says: '' },
  ],
  4: [
    MODEL,
    { suite: 'properties/grants.test.ts', says: 'the end stays as it was written' },
    { suite: 'simulation/twins.test.ts', says: 'an approval that reads the time twice' },
  ],
  5: [
    MODEL,
    SIMULATION,
    { suite: 'properties/grants.test.ts', says: 'a grant begins once, ends once, and is over in time' },
    { suite: 'simulation/twins.test.ts', says: 'an expiry that never comes' },
  ],
  6: [
    { suite: 'properties/grants.test.ts', says: 'it is said only when it is seen' },
    { suite: 'simulation/twins.test.ts', says: 'a giving that is believed without looking' },
    { suite: 'simulation/twins.test.ts', says: 'a revocation that is believed without looking' },
  ],
  7: [
    MODEL,
    SIMULATION,
    { suite: 'properties/folding.test.ts', says: 'an event of one request changes nothing of another' },
    { suite: 'simulation/twins.test.ts', says: 'an end that is not in the log' },
  ],
  8: [
    SIMULATION,
    { suite: 'model/stories.test.ts', says: 'one in which an attempt that slept gives what is over' },
    { suite: 'simulation/twins.test.ts', says: 'a retry that posts without looking' },
    { suite: 'end-to-end/bad-input.test.ts', says: 'five identical clicks at once are one vote and one grant' },
  ],
  9: [SIMULATION, { suite: 'app/telling.test.ts', says: 'copies' }, { suite: 'slack/every-message.test.ts', says: '' }],
  10: [
    { suite: 'slack/listeners/buttons.test.ts', says: 'nothing but the four facts of a click is believed' },
    { suite: 'app/voting.test.ts', says: 'on a request that is unknown or of another workspace' },
    { suite: 'model/stories.test.ts', says: 'one that takes every click for a new one' },
  ],
  11: [
    MODEL,
    { suite: 'properties/actions.test.ts', says: 'one that believes a clock that steps back' },
    { suite: 'properties/clock.test.ts', says: 'time goes on at least as fast as it passes' },
    { suite: 'model/stories.test.ts', says: 'one that misses an expiry when the clock is set back' },
    { suite: 'pure-core.test.ts', says: 'never read the clock' },
  ],
  12: [
    { suite: 'app/action-races.test.ts', says: 'an approval is used exactly once' },
    { suite: 'end-to-end/two-processes.test.ts', says: 'two processes on one Postgres, each of which is killed' },
    { suite: 'app/ending.test.ts', says: 'by two processes that tick at the same time' },
    { suite: 'contract/store/outbox.ts', says: 'has two processes work it off with none done twice' },
  ],
};

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('every invariant', () => {
  const [, list = ''] = read('../docs/architecture.md').split('\n## Invariants\n');
  const numbers = [...(list.split('\n## ')[0] ?? '').matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number));

  it('is proved by something', () => {
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(Object.keys(PROOFS).map(Number)).toEqual(numbers);
    expect(Object.values(PROOFS).filter((proofs) => proofs.length === 0)).toEqual([]);
  });

  it.each(Object.entries(PROOFS))('%s is proved by tests that there are', (_, proofs) => {
    for (const { suite, says } of proofs) {
      expect({ suite, there: existsSync(new URL(suite, import.meta.url)) }).toEqual({ suite, there: true });
      expect(read(suite)).toContain(says);
    }
  });
});
