import { z } from 'zod';
import { forward } from './forward.ts';

/** One of something, or a list of one to `most`; read as a list. */
export const oneOrMore = <T extends z.ZodType>(one: T, most: number) => {
  const several = z.array(one).min(1).max(most);
  return z
    .unknown()
    .transform((raw, context): readonly z.output<T>[] => {
      const isList = Array.isArray(raw);
      const parsed = isList ? several.safeParse(raw) : one.safeParse(raw);
      if (parsed.success) return (isList ? parsed.data : [parsed.data]) as z.output<T>[];
      forward(context, parsed.error.issues, { schema: isList ? several : one });
      return z.NEVER;
    })
    .meta({ anyOf: [forEditors(one), forEditors(several)] });
};

function forEditors(schema: z.ZodType): object {
  const { $schema: _, '~standard': __, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return made;
}
