import type { z } from 'zod';
import { accessPolicy } from './compile/access.ts';
import { accessSense } from './compile/access-sense.ts';
import { actionPolicy } from './compile/action.ts';
import { repeatedKeys } from './compile/api-keys.ts';
import { AtBest } from './compile/at-best.ts';
import { callerProblems } from './compile/callers.ts';
import { CheckedDocuments } from './compile/checked-documents.ts';
import { collectNames } from './compile/collect-names.ts';
import { conditionsOf } from './compile/conditions.ts';
import { compileDirectory } from './compile/directory.ts';
import { directorySense } from './compile/directory-sense.ts';
import { type Documents, type Fixtures, readDocuments, withFixtures } from './compile/documents.ts';
import { straySecretReferences } from './compile/env-marks.ts';
import { fieldRules } from './compile/field-rules.ts';
import { unfillableFlows } from './compile/fillable.ts';
import { flowSense } from './compile/flow-sense.ts';
import { idleProblems } from './compile/idle.ts';
import { emptyEscalations, nudgesTooLate } from './compile/nudges.ts';
import { ownerless } from './compile/ownerless.ts';
import { repeatedGrants } from './compile/repeated-grants.ts';
import { emptySchedules } from './compile/schedules.ts';
import { apiKeyPlaces, settingsOf } from './compile/settings.ts';
import { namesOfTargets, targetOwners } from './compile/target-owners.ts';
import { targetPolicy } from './compile/targets.ts';
import type { Condition } from './conditions/condition.ts';
import { digestOf } from './digest.ts';
import type { Env } from './env.ts';
import { FrozenMap } from './frozen.ts';
import { type PolicyFile, policiesAmong } from './policy-files.ts';
import type { PolicySet } from './policy-set.ts';
import { type Problem, sortProblems } from './problems.ts';
import type { ProviderSchemas } from './provider-schemas.ts';
import type { ReadFolder } from './read-folder.ts';
import { accessSchema } from './schema/access.ts';
import { actionSchema } from './schema/action.ts';
import { directorySchema } from './schema/directory.ts';
import { KINDS, type Kind } from './schema/header.ts';
import { settingsSchema } from './schema/settings.ts';
import { targetsSchema } from './schema/targets.ts';
import { searchIndex } from './search.ts';
import type { YamlDocument } from './yaml/read-yaml.ts';

export type ParsedPolicies = { ok: true; policies: PolicySet } | { ok: false; problems: Problem[] };

/**
 * Reads a folder's files into policies, or into every problem that is in them, of all files at once, by file and line.
 * One problem anywhere and there are no policies: half a rule is not a rule (invariant 3).
 *
 * Each part is checked that can be read, whatever else is wrong; of what hangs on a part that cannot, nothing is said. So
 * each problem would be there if all others were mended.
 *
 * Pure: the environment is asked through `env`, and only for variables that targets name. No problem and no property of
 * the result that prints holds a value that came from it.
 * @param missing why some files of the folder could not be read, if any: they may define what seems to be missing
 */
export function parsePolicies(
  files: readonly PolicyFile[],
  providers: ProviderSchemas,
  env: Env,
  missing: readonly Problem[] = [],
): ParsedPolicies {
  const sources = policiesAmong(files);
  return compileDocuments(readDocuments(sources, missing), digestOf(sources), providers, env);
}

/** The policies of a folder, or every problem of reading it and of what could be read. */
export const parseFolder = (folder: ReadFolder, providers: ProviderSchemas, env: Env): ParsedPolicies =>
  parsePolicies(folder.files, providers, env, folder.ok ? [] : folder.problems);

/** The same with what a test puts in the place of people and groups, and beside the policies. */
export function parseWithFixtures(
  files: readonly PolicyFile[],
  fixtures: Fixtures,
  providers: ProviderSchemas,
  env: Env,
): ParsedPolicies {
  const sources = policiesAmong(files);
  return compileDocuments(withFixtures(readDocuments(sources), fixtures), digestOf(sources), providers, env);
}

function compileDocuments(documents: Documents, digest: string, providers: ProviderSchemas, env: Env): ParsedPolicies {
  const { known, places, problems } = collectNames(documents);
  const note = (found: readonly Problem[]): void => {
    for (const each of found) problems.push(each);
  };
  note(documents.problems);
  for (const kind of KINDS) for (const each of documents.byKind[kind]) note(straySecretReferences(kind, each));
  const check = <S extends z.ZodType>(kind: Kind, schema: S): CheckedDocuments<S> => {
    const checked = new CheckedDocuments(documents.byKind[kind], schema);
    note(checked.problems);
    return checked;
  };

  const targets = check('targets', targetsSchema(known, providers, env));
  const directories = check('directory', directorySchema(known, providers, env));
  const settings = check('settings', settingsSchema);
  const accesses = check('access', accessSchema(known, providers));
  const actions = check('action', actionSchema(known));

  for (const { document, parts } of settings.parts) {
    note(emptySchedules(document, parts));
    note(repeatedKeys(document, parts));
  }
  note(directorySense(directories.parts));
  const owners = targetOwners(documents.byKind.targets, known);
  const allInSlack = maySlackKnowAll(documents, settings);
  const best = new AtBest(
    directories.parts.map(({ parts }) => parts),
    known,
    owners,
    { allInSlack },
  );
  const conditions = new Map<YamlDocument, readonly (Condition | undefined)[]>();
  for (const kind of ['access', 'action'] as const) {
    for (const document of documents.byKind[kind]) {
      const read = conditionsOf(document, known, kind);
      note(read.problems);
      conditions.set(document, read.conditions);
    }
  }
  for (const { document, parts } of accesses.parts) {
    const targets = namesOfTargets(document);
    note(accessSense(document, parts));
    note(fieldRules(document, 'fields', parts.fields));
    note(repeatedGrants(document, parts));
    note(nudgesTooLate(document, parts));
    note(idleProblems(document, parts, { targets, known, providers }));
    note(ownerless(document, parts, { best, targets }));
    note(unfillableFlows(document, parts, { best, targets }));
    note(emptyEscalations(document, parts, { best, targets }));
  }
  for (const { document, parts } of actions.parts) {
    const { flows } = parts;
    note(callerProblems(document, parts));
    note(flowSense(document, flows, 'action'));
    note(fieldRules(document, 'parameters', parts.parameters));
    note(nudgesTooLate(document, parts));
    note(unfillableFlows(document, { flows, requesters: [], deny: [] }, { best, targets: [] }));
    note(emptyEscalations(document, parts, { best, targets: [] }));
  }
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };

  // NB. nothing must ever load with less than is written; a part is left unread only where a problem says so.
  const whole = [targets, directories, settings, accesses, actions].every((each) => each.whole);
  if (!whole) throw new Error('a document was left out without a problem');
  const sound = accesses.sound.map(({ document, data }) => {
    const access = accessPolicy(document, data, conditions.get(document) ?? []);
    if (access.grants.length !== data.grants.length) throw new Error('a grant was left unjudged without a problem');
    return access;
  });
  const [setting] = settings.sound;
  const policies: PolicySet = Object.freeze({
    revision: Object.freeze({ digest }),
    accesses: byName(sound),
    actions: byName(
      actions.sound.map(({ document, data }) => actionPolicy(document, data, conditions.get(document) ?? [])),
    ),
    ...compileDirectory(
      directories.sound.map(({ data }) => data),
      { matchSlackEmail: setting?.data.match_slack_email ?? false },
    ),
    targets: new FrozenMap(
      targets.sound.flatMap(({ data }) =>
        Object.entries(data.targets).map(([name, target]) => [name, targetPolicy(name, target)] as const),
      ),
    ),
    directoryPlaces: places,
    apiKeyPlaces: apiKeyPlaces(settings.sound),
    settings: settingsOf(setting?.data),
    search: searchIndex(sound),
  });
  return { ok: true, policies };
}

const byName = <T extends { name: string }>(policies: readonly T[]): FrozenMap<string, T> =>
  new FrozenMap(policies.map((each) => [each.name, each] as const).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether somebody without a Slack id may be found in Slack all the same, for all that can be read. */
const maySlackKnowAll = (
  { complete, unplaced }: Documents,
  { parts }: CheckedDocuments<typeof settingsSchema>,
): boolean => !complete || unplaced.length > 0 || parts.some(({ parts }) => parts.match_slack_email !== false);
