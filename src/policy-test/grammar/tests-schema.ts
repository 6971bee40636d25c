import { z } from 'zod';
import { testCallers } from './callers.ts';
import { matrix } from './matrices.ts';
import type { Names } from './names.ts';
import { instant, testName } from './test-words.ts';
import { timeline } from './timelines.ts';

/** Read as policies, with the folder's. */
const fixtures = z.strictObject({
  /** Each in the place of the folder's person of the same e-mail. */
  people: z.unknown().optional(),
  /** Each in the place of the folder's group of the same name. */
  groups: z.unknown().optional(),
  /** Documents beside the folder's. */
  policies: z.array(z.looseObject({})).optional(),
});

const statement = z.union([z.string(), z.strictObject({ name: testName, that: z.string() })]);

/** `kind: tests`, in files that end in `.test.yaml`. */
export const testsSchema = (names: Names) =>
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('tests'),
    /** For people; the file when absent. */
    name: testName.optional(),
    /** The moment at which the tests happen. */
    now: instant.optional(),
    fixtures: fixtures.optional(),
    /** Who asks for actions in these tests. */
    callers: testCallers(names).default({}),
    timelines: z.array(timeline(names)).default([]),
    matrices: z.array(matrix(names)).default([]),
    /** What must not be true of any decision. */
    never: z.union([statement, z.array(statement)]).default([]),
  });

export type TestsDocument = z.output<ReturnType<typeof testsSchema>>;
export type TimelineDocument = TestsDocument['timelines'][number];
export type MatrixDocument = TestsDocument['matrices'][number];
