import type { Milliseconds } from '../../domain/instant.ts';
import type { AccessPolicy } from '../policy-set.ts';

/** What a comparison has to know of a condition: where its answer can change. */
export interface ConditionFootprint {
  readonly source: string;
  readonly reads: ReadonlySet<string>;
  readonly durations: readonly Milliseconds[];
}

/** The conditions of an access's flows. */
export const conditionsOf = (flows: AccessPolicy['flows']): ConditionFootprint[] =>
  flows.flatMap((flow) => (flow as { when?: ConditionFootprint }).when ?? []);

const IN_GROUPS = /(["'])([^"'\\]+)\1\s+in\s+requester\s*\.\s*groups\b/g;

/**
 * Which groups a condition asks about, when it does nothing with a person's groups but look for names in them; undefined
 * when it may do more, and then every group counts.
 */
export function groupsAskedFor({ source, reads }: ConditionFootprint): readonly string[] | undefined {
  if (!reads.has('requester.groups') && !reads.has('requester')) return [];
  const asked = [...source.matchAll(IN_GROUPS)].map(([, , name]) => name ?? '');
  const named = source.split(/\brequester\s*\.\s*groups\b/).length - 1;
  // NB. a bare `requester`, or the words inside a quoted text, would be missed by the pattern: then nothing is assumed.
  return asked.length === named && !reads.has('requester') ? asked : undefined;
}
