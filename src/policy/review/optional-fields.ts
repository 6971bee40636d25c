import type { AccessPlaces, AccessPolicy, PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/**
 * A condition has no answer for a field that was left empty, and the request is refused: nobody meant that of a field that
 * may be left empty. Asking in the same flow, or in one before it, is enough.
 */
export function* optionalFields({ accesses, actions }: PolicySet): Generator<Warning> {
  for (const access of accesses.values()) yield* ofOne(access, 'field', 'request.fields');
  for (const action of actions.values()) {
    yield* ofOne({ ...action, fields: action.parameters }, 'parameter', 'request.parameters');
  }
}

type WithInputs = Pick<AccessPolicy, 'flows' | 'fields'> & { places: Pick<AccessPlaces, 'flows' | 'conditions'> };

function* ofOne({ flows, fields, places }: WithInputs, one: string, inputs: string): Generator<Warning> {
  const optional = new Set(fields.filter(({ required }) => !required).map(({ name }) => name));
  for (const [index, { name, when }] of flows.entries()) {
    for (const field of when?.askedFields ?? []) optional.delete(field);
    for (const field of when?.fields ?? []) {
      if (!optional.delete(field)) continue;
      const sentence = `The flow “${name}” reads the ${one} \`${field}\`, which may be left empty: who does so is refused with \`policy-error\`. Ask first, with \`has(${inputs}.${field}) && …\`, or make the ${one} \`required\`.`;
      yield warning(places.conditions[index] ?? places.flows, 'optional-field-read', sentence);
    }
  }
}
