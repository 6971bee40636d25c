import type { Principal } from '../../domain/principal.ts';
import type { Flow } from '../../domain/request.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/** Groups that no rule names: left over, or misspelt where they were meant. */
export function* unusedGroups({
  accesses,
  actions,
  targets,
  directory,
  directoryPlaces,
}: PolicySet): Generator<Warning> {
  const used = new Set<string>();
  const use = (principals: Iterable<Principal>): void => {
    for (const principal of principals) if (principal.kind === 'group') used.add(principal.name);
  };
  for (const access of accesses.values()) for (const principals of named(access)) use(principals);
  for (const { flows } of actions.values()) for (const principals of inSteps(flows)) use(principals);
  for (const { when } of [...accesses.values()].flatMap(({ flows }) => flows)) {
    for (const name of when?.groups === 'all' ? directory.groups : (when?.groups ?? [])) used.add(name);
  }
  for (const { owner } of targets.values()) if (owner) use([owner]);
  for (const group of directory.groups) {
    const place = directoryPlaces.groups.get(group);
    // A group that comes from elsewhere is not written here for the sake of these policies.
    if (used.has(group) || !place) continue;
    const sentence = `No rule names the group \`${group}\`: remove it, or name it where it was meant.`;
    yield warning(place, 'unused-group', sentence);
  }
}

function* named({ requesters, deny, flows, breakGlass }: AccessPolicy): Generator<readonly Principal[]> {
  yield requesters;
  yield deny;
  if (breakGlass) yield breakGlass.allow;
  yield* inSteps(flows);
}

function* inSteps(flows: readonly Flow[]): Generator<readonly Principal[]> {
  for (const { approvers, escalate } of flows.flatMap(({ steps }) => steps)) {
    yield approvers;
    if (escalate) yield escalate.to;
  }
}
