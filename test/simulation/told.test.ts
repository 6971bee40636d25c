import { givingUnderOldPolicies } from '../support/broken.ts';
import { play } from './simulation.ts';
import type { Action } from './some-stories.ts';

// Stories that chance told once, and how they are judged.

/** The places of these policies in the list of the stories. */
const USUAL = 0;
const TWO_DBAS_FOR_READ = 1;
const BOTH_FOR_BEN_ONLY = 2;

const both: Action = { do: 'approved', who: 'ana', access: 'both', duration: '20m', steps: 0 };
const read: Action = { do: 'approved', who: 'ana', access: 'read', duration: '20m', steps: 0 };

describe('a grant that waits while another of its permission is given', () => {
  // By the policies of that moment it has one approval too few. By those of its own turn it has all it takes.
  const story: Action[] = [
    both,
    read,
    { do: 'reload', world: TWO_DBAS_FOR_READ },
    { do: 'work', steps: 1 },
    { do: 'reload', world: USUAL },
    { do: 'work', steps: 100 },
  ];

  it('is judged by the policies of its own turn', async () => {
    await play({ standing: [], actions: story });
  });

  it('and by those: a product that gives it before they change back is caught', async () => {
    const actions = story.map((one) => (one.do === 'reload' ? { ...one, world: TWO_DBAS_FOR_READ } : one));
    await expect(play({ standing: [], actions }, undefined, givingUnderOldPolicies)).rejects.toThrow(
      /^invariant 1: ana reader is given for/,
    );
    await play({ standing: [], actions });
  });
});

describe('a grant of two permissions', () => {
  const story: Action[] = [
    both,
    { do: 'reload', world: BOTH_FOR_BEN_ONLY },
    { do: 'work', steps: 1 },
    { do: 'reload', world: USUAL },
    { do: 'work', steps: 100 },
  ];

  it('is judged at each: that the second is given rightly does not excuse the first', async () => {
    await expect(play({ standing: [], actions: story }, undefined, givingUnderOldPolicies)).rejects.toThrow(
      /^invariant 1: ana .* is given for/,
    );
    await play({ standing: [], actions: story });
  });
});
