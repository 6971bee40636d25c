import { z } from 'zod';
import { LIMITS } from '../../policy/limits.ts';
import { line, say, wholeNumber } from '../../policy/schema/words.ts';
import { readWhich } from '../verbs/verb.ts';
import type { Names } from './names.ts';
import { instant, instruction, moment, needs, person, read, testName, voter } from './test-words.ts';
import { NotUnderstood, Words } from './words.ts';

/** What is looked at after a step. */
const expectation = (names: Names) =>
  z.strictObject({
    /** The code of the refusal of what was done. */
    refused: line(LIMITS.titleChars).optional(),
    status: z.enum(['pending', 'approved', 'used', 'unused', 'denied', 'cancelled', 'lapsed']).optional(),
    flow: line(LIMITS.titleChars).optional(),
    needs: needs(names).optional(),
    may_approve: z.array(voter(names)).optional(),
    approved_by: z.array(voter(names)).optional(),
    reminders: wholeNumber(0, 10_000).optional(),
    grant: z.enum(['none', 'provisioning', 'active', 'revoking', 'ended']).optional(),
    ended: z.enum(['expired', 'revoked', 'released', 'idle', 'policy', 'failed']).optional(),
    ends_at: moment.optional(),
    usable_until: moment.optional(),
    present: z.union([z.boolean(), z.array(z.string())]).optional(),
    review: z.enum(['due', 'overdue', 'fine', 'not-justified']).optional(),
    review_by: moment.optional(),
    may_review: z.array(person(names)).optional(),
  });

const which = (names: Names) =>
  read('bad-do', (text) => {
    try {
      const words = new Words(text);
      const found = readWhich(words, names);
      if (!words.atEnd) throw new NotUnderstood('Write `ACCESS of PERSON` or `ACTION of CALLER`, or one of the two.');
      return { ok: true, value: found };
    } catch (error) {
      if (error instanceof NotUnderstood) return { ok: false, why: error.message };
      throw error;
    }
  });

const step = (names: Names) =>
  z
    .strictObject({
      /** Absent: at once after the step before. */
      at: moment.optional(),
      do: instruction(names).optional(),
      /** The request that is looked at; absent: the one that was done something to, else the latest. */
      about: which(names).optional(),
      expect: expectation(names).optional(),
    })
    .superRefine((value, context) => {
      if (value.at === undefined && value.do === undefined && value.expect === undefined)
        say(context, { code: 'missing-key' }, 'This step does nothing: give it `do`, `at` or `expect`.');
    });

/** What happens one after the other, and what must be true after each. */
export const timeline = (names: Names) =>
  z.strictObject({
    name: testName,
    now: instant.optional(),
    steps: z.array(step(names)).min(1),
  });
