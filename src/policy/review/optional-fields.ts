import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/**
 * A condition has no answer for a field that was left empty, and the request is refused: nobody meant that of a field that
 * may be left empty. Asking in the same flow, or in one before it, is enough.
 */
export function* optionalFields({ accesses }: PolicySet): Generator<Warning> {
  for (const { flows, fields, places } of accesses.values()) {
    const optional = new Set(fields.filter(({ required }) => !required).map(({ name }) => name));
    for (const [index, { name, when }] of flows.entries()) {
      for (const field of when?.askedFields ?? []) optional.delete(field);
      for (const field of when?.fields ?? []) {
        if (!optional.delete(field)) continue;
        const sentence = `The flow “${name}” reads the field \`${field}\`, which may be left empty: who does so is refused with \`policy-error\`. Ask first, with \`has(request.fields.${field}) && …\`, or make the field \`required\`.`;
        yield warning(places.conditions[index] ?? places.flows, 'optional-field-read', sentence);
      }
    }
  }
}
