import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { entitlementKey, type Permission } from '../../src/domain/entitlement.ts';
import { holds } from './holds.ts';

/** Short texts of the signs that keys are made of, so that pairs often nearly meet. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', ':', '[', ']', '\\', '\ud800', 'é'), maxLength: 3 });
const permission = fc
  .array(fc.tuple(text, text), { maxLength: 2 })
  .map((fields): Record<string, string> => Object.fromEntries(fields));
type Part = readonly [system: string, permission: Permission, account: string];
const part: fc.Arbitrary<Part> = fc.tuple(text, permission, text);
/** Two at random, or one and nearly the same: fields turned round or named anew, a value moved into its neighbour. */
const pair = fc.oneof<fc.Arbitrary<readonly [Part, Part]>[]>(
  fc.tuple(part, part),
  part.map(([system, fields, account]) => {
    const turned = Object.fromEntries(Object.entries(fields).reverse());
    return [[system, fields, account] as const, [system, turned, account] as const] as const;
  }),
  fc.tuple(part, text).map(([[system, fields, account], name]) => {
    const renamed = Object.fromEntries(Object.values(fields).map((value, index) => [`${name}${index}`, value]));
    return [[system, fields, account] as const, [system, renamed, account] as const] as const;
  }),
  fc
    .tuple(text, text, text, fc.constantFrom('', ',', ':', '","', '"],["'))
    .map(
      ([a, b, c, between]) => [[a, { role: b + between }, c] as const, [a, { role: b }, between + c] as const] as const,
    ),
);

holds(
  'two permissions share a key when they are the same, and only then',
  (keyOf) =>
    fc.property(pair, ([one, other]) => {
      expect(keyOf(...one) === keyOf(...other)).toBe(isDeepStrictEqual({ ...one }, { ...other }));
    }),
  entitlementKey,
  {
    'one that joins names with a separator': (system, fields, account) =>
      [system, ...Object.entries(fields).sort().flat(), account].join(':'),
    'one that keeps the order of the fields': (system, fields, account) => JSON.stringify([system, fields, account]),
    'one that forgets the account': (system, fields) => entitlementKey(system, fields, ''),
    'one that forgets the names of the fields': (system, fields, account) =>
      JSON.stringify([system, Object.values(fields).sort(), account]),
  },
);
