import type { Principal } from '../domain/principal.ts';
import type { Directory } from './directory.ts';
import type { TargetPolicy } from './policy-set.ts';

/**
 * What is not known of the directory, because a live source of it (a Slack user group, say) has not been read yet or not
 * for too long. Nobody counts as a member of a group with a gap, and nobody counts as no member either: a `deny` of such
 * a group refuses everybody (invariant 3).
 */
export interface Gap {
  /** `Slack user group S0123DBA`. */
  readonly source: string;
  /** The groups that somebody may be in without our knowing. */
  readonly groups: readonly string[];
  /**
   * What of people is not known: who they are in Slack (`slack`), or whether there are more of them (`more`).
   */
  readonly people?: 'slack' | 'more';
  /** A sentence for the people who are refused because of it. */
  readonly why: string;
  /** What went wrong, for the people who run Latchkey. */
  readonly detail?: string;
}

interface Who {
  readonly directory: Directory;
  readonly targets: ReadonlyMap<string, Pick<TargetPolicy, 'owner'>>;
}

/** The gaps in the groups that some principals name, through the owners of the targets too. */
export function groupGaps(who: Who, principals: readonly Principal[], targets: readonly string[]): Gap[] {
  if (who.directory.gaps.length === 0) return [];
  const named = principals.flatMap((principal) =>
    principal.kind === 'owner' ? targets.flatMap((name) => who.targets.get(name)?.owner ?? []) : [principal],
  );
  const gaps = named.flatMap((principal) => (principal.kind === 'group' ? who.directory.gapsOf(principal.name) : []));
  return [...new Set(gaps)];
}

/** Whether some principals may turn out to name more people than are known without any live source. */
export function mayGrow(who: Who, principals: readonly Principal[], targets: readonly string[]): boolean {
  const { directory } = who;
  // With a live source of people anybody may come: as a manager, as `everyone`, as somebody whom a group names.
  return groupGaps(who, principals, targets).length > 0 || directory.gaps.some(({ people }) => people === 'more');
}

/** Why somebody whom the principals should name may not be known now; empty when that is not the reason. */
export function gapNote(who: Who, principals: readonly Principal[], targets: readonly string[]): string {
  const missing = who.directory.gaps.filter(({ people }) => people !== undefined);
  return whyText([...groupGaps(who, principals, targets), ...missing]);
}

/** Why somebody may not be known at all. */
export const strangerNote = (directory: Directory): string =>
  whyText(directory.gaps.filter(({ people }) => people !== undefined));

const whyText = (gaps: readonly Gap[]): string => [...new Set(gaps.map(({ why }) => ` ${why}`))].join('');
