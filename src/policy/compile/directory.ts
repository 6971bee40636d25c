import type { Directory, Person } from '../directory.ts';
import { deepFreeze, FrozenMap } from '../frozen.ts';
import type { LiveSources, ScimSource } from '../live/live-sources.ts';
import { unreadDirectory } from '../live/overlay.ts';
import type { directorySchema, PersonDocument } from '../schema/directory.ts';
import type { ScimDocument } from '../schema/scim-source.ts';
import { unprintable } from './targets.ts';

export type DirectoryDocument = ReturnType<ReturnType<typeof directorySchema>['parse']>;

export interface CompiledDirectory {
  /** With nothing read from live sources. */
  directory: Directory;
  live: LiveSources;
}

/** All directory documents of the folder as one directory. */
export function compileDirectory(
  documents: readonly DirectoryDocument[],
  { matchSlackEmail }: { matchSlackEmail: boolean },
): CompiledDirectory {
  const groups = new Map<string, readonly string[]>();
  const usergroups = new Map<string, string>();
  for (const [name, group] of documents.flatMap((document) => Object.entries(document.groups))) {
    if ('slack_usergroup' in group) usergroups.set(name, group.slack_usergroup);
    else groups.set(name, group);
  }
  const live: LiveSources = Object.freeze({
    people: deepFreeze(documents.flatMap(({ people }) => people.map(personOf))),
    groups: new FrozenMap([...groups].map(([name, members]) => [name, Object.freeze([...members])] as const)),
    usergroups: new FrozenMap(usergroups),
    scim: Object.freeze(documents.flatMap(({ from }) => (from ? [scimSource(from.scim)] : []))),
    matchSlackEmail,
  });
  return { directory: unreadDirectory(live), live };
}

/** For people. */
export const scimName = (system: string): string => `SCIM directory ${system}`;

function scimSource({ system, config, everyMs, groups }: ScimDocument): ScimSource {
  const source: Omit<ScimSource, 'config'> = {
    system,
    name: scimName(system),
    everyMs,
    groups: new FrozenMap(Object.entries(groups)),
  };
  Object.defineProperty(source, 'config', { value: unprintable(config), enumerable: false });
  return Object.freeze(source) as ScimSource;
}

const personOf = ({ email, slack, manager, accounts, disabled }: PersonDocument): Person => ({
  email,
  ...(slack === undefined ? {} : { slack }),
  ...(manager === undefined ? {} : { manager }),
  accounts: Object.assign(Object.create(null), accounts),
  disabled,
});
