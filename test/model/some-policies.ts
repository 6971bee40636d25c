import fc from 'fast-check';
import {
  type Access,
  type Condition,
  type Flow,
  type Person,
  type Policies,
  type Principal,
  read,
  type Step,
  yamlOf,
} from './policies.ts';
import { loads } from './rules.ts';

export const PEOPLE = ['ana', 'ben', 'cy', 'dee', 'eli', 'fay'] as const;
const GROUPS = ['devs', 'dba', 'leads'] as const;

const optional = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { freq, nil: undefined });
const rarely = fc.integer({ min: 0, max: 15 }).map((count) => count === 15);

/** Nobody manages themselves, through however many others: a manager stands further behind in the list. */
const people: fc.Arbitrary<Person[]> = fc
  .tuple(
    ...PEOPLE.map((name, index) => {
      const after = PEOPLE.slice(index + 1);
      return fc.record({
        name: fc.constant(name),
        inSlack: rarely.map((one) => !one),
        disabled: rarely,
        manager: after.length === 0 ? fc.constant(undefined) : optional(fc.constantFrom(...after)),
        noAccount: rarely,
      });
    }),
  )
  .map((all) => [...all]);

const groups = fc.record({
  devs: fc.subarray([...PEOPLE], { minLength: 1 }),
  dba: fc.subarray([...PEOPLE], { minLength: 1, maxLength: 3 }),
  leads: fc.subarray([...PEOPLE], { maxLength: 3 }),
});

const group = fc.constantFrom(...GROUPS).map((name): Principal => `group:${name}`);
const user = fc.constantFrom(...PEOPLE).map((name): Principal => `user:${name}`);
const owner = fc.constant('owner');
const principal = fc.oneof(
  { weight: 6, arbitrary: group },
  { weight: 2, arbitrary: user },
  { weight: 2, arbitrary: fc.constantFrom('everyone', 'manager') },
  { weight: 1, arbitrary: owner },
);
const approvers = fc.uniqueArray(principal, { minLength: 1, maxLength: 3 });
const requesters = fc.uniqueArray(
  fc.oneof(
    { weight: 4, arbitrary: group },
    { weight: 2, arbitrary: fc.constant('everyone') },
    { weight: 1, arbitrary: user },
    { weight: 1, arbitrary: owner },
  ),
  { minLength: 0, maxLength: 2 },
);
const denied = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.oneof(user, group, owner), { minLength: 1, maxLength: 1 }) },
);

const simple: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(10, 30).map((minutes): Condition => ({ is: 'at most', minutes })) },
  { weight: 2, arbitrary: fc.constantFrom(...GROUPS).map((name): Condition => ({ is: 'in group', group: name })) },
  { weight: 1, arbitrary: fc.constantFrom('high', 'low').map((risk): Condition => ({ is: 'labelled', risk })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Condition>({ is: 'managed' }, { is: 'office hours' }),
  },
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: simple },
  { weight: 1, arbitrary: simple.map((of): Condition => ({ is: 'not', of })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ is: fc.constantFrom('both' as const, 'either' as const), of: fc.tuple(simple, simple) })
      .map((one): Condition => one),
  },
);
/** Only of an access that has the field; a text that no ticket has is as good as another. */
const ticketed: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { is: 'ticket', value: 'INC-1' },
  { is: 'not', of: { is: 'ticket', value: 'INC-1' } },
);

const step: fc.Arbitrary<Step> = fc.record({
  approvers,
  need: fc.constantFrom(1, 1, 1, 2),
  delegation: fc.boolean(),
  remindEvery: optional(fc.constantFrom(5, 10), 3),
  escalate: optional(fc.record({ after: fc.constantFrom(5, 10), to: approvers }), 3),
});

const flow = (conditions: fc.Arbitrary<Condition>) =>
  fc.record({
    when: optional(conditions),
    steps: fc.oneof(
      { weight: 5, arbitrary: fc.array(step, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    timeout: fc.constantFrom(20, 60),
  });

const flows = (conditions: fc.Arbitrary<Condition>): fc.Arbitrary<Flow[]> =>
  fc
    .array(flow(conditions), { maxLength: 3, size: 'max' })
    .map((all) => all.map((one, index) => ({ name: `flow ${index + 1}`, ...one })));

export const access: fc.Arbitrary<Access> = fc
  .record({
    risk: fc.constantFrom('low', 'high'),
    grants: fc.constantFrom(
      [{ target: 'db', role: 'reader' }],
      [{ target: 'ci', role: 'deployer' }],
      [
        { target: 'db', role: 'reader' },
        { target: 'ci', role: 'deployer' },
      ],
    ),
    requesters,
    deny: denied,
    default: fc.constantFrom(10, 30),
    max: fc.constantFrom(30, 60),
    extend: optional(
      fc.record({
        times: fc.constantFrom(1, 2),
        by: fc.constantFrom(10, 30),
        approval: fc.constantFrom('last-step', 'all-steps', 'none'),
      }),
    ),
    reason: fc.record({ required: fc.boolean(), minLength: fc.constantFrom(0, 5) }),
    ticket: optional(fc.record({ required: fc.boolean() }), 2),
    breakGlass: optional(
      fc.record({
        allow: requesters,
        reviewWithin: fc.constantFrom(20, 60),
        quota: optional(fc.record({ times: fc.constantFrom(1, 2), per: fc.constantFrom(30, 90) }), 3),
      }),
    ),
  })
  .chain((rest) =>
    flows(
      rest.ticket ? fc.oneof({ weight: 2, arbitrary: condition }, { weight: 1, arbitrary: ticketed }) : condition,
    ).map((own) => ({ ...rest, flows: own })),
  );

const anything: fc.Arbitrary<Policies> = fc.record({
  people,
  groups,
  targets: fc.record({
    db: optional(fc.oneof(user, group), 1),
    ci: optional(fc.oneof(user, group), 3),
  }),
  accesses: fc.record({ read: access, write: access }),
});

/** Every flow that nobody could get filled asks for less, so that more sets load; what is left over is left out. */
const mended = (policies: Policies): Policies => {
  const without = (one: Access, change: (own: Flow) => Flow[]) => ({ ...one, flows: one.flows.flatMap(change) });
  const alone = (name: string, one: Access): boolean => loads({ ...policies, accesses: { [name]: one } });
  const accesses = Object.entries(policies.accesses).map(([name, one]) => {
    const kept = without(one, (own) => (alone(name, { ...one, flows: [own], breakGlass: undefined }) ? [own] : []));
    return [name, alone(name, kept) ? kept : { ...kept, breakGlass: undefined }] as const;
  });
  return { ...policies, accesses: Object.fromEntries(accesses) };
};

/** Sets as somebody could write them, right or wrong. */
export const written: fc.Arbitrary<Policies> = anything.map(shown);

/** Sets that load. */
export const somePolicies: fc.Arbitrary<Policies> = anything
  .map(mended)
  .filter((one) => read(one).ok)
  .map(shown);

/** Counterexamples print it as YAML. */
function shown(policies: Policies): Policies {
  Object.defineProperty(policies, fc.toStringMethod, { value: () => `\n${yamlOf(policies)}`, enumerable: false });
  return policies;
}
