import { z } from 'zod';
import { forward } from './forward.ts';

/** One of something, or a list of one to `most`; read as a list. */
export const oneOrMore = <T extends z.ZodType>(one: T, most: number) => {
  const several = z.array(one).min(1).max(most);
  const schema = z.unknown().transform((raw, context): readonly z.output<T>[] => {
    const parsed = Array.isArray(raw) ? several.safeParse(raw) : one.safeParse(raw);
    if (parsed.success) return (Array.isArray(raw) ? parsed.data : [parsed.data]) as z.output<T>[];
    forward(context, parsed.error.issues, { schema: Array.isArray(raw) ? several : one });
    return z.NEVER;
  });
  return schema;
};
