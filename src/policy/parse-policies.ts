import { accessPolicy, judgedGrants, ownerless, repeatedParts } from './compile/access.ts';
import { collectNames } from './compile/collect-names.ts';
import { conditionsOf } from './compile/conditions.ts';
import { compileDirectory } from './compile/directory.ts';
import { type Documents, type Fixtures, readDocuments, withFixtures } from './compile/documents.ts';
import { straySecretReferences } from './compile/env-marks.ts';
import { unfillableFlows } from './compile/fillable.ts';
import { idleProblems } from './compile/idle.ts';
import { emptyEscalations, nudgesTooLate } from './compile/nudges.ts';
import { targetPolicy } from './compile/targets.ts';
import type { Condition } from './conditions/condition.ts';
import { digestOf } from './digest.ts';
import type { Env } from './env.ts';
import { deepFreeze, FrozenMap } from './frozen.ts';
import { type PolicyFile, policiesAmong } from './policy-files.ts';
import type { AccessPolicy, PolicySet, Settings, TargetPolicy } from './policy-set.ts';
import { type Problem, sortProblems } from './problems.ts';
import type { ProviderSchemas, Schema } from './provider-schemas.ts';
import { accessSchema } from './schema/access.ts';
import { directorySchema } from './schema/directory.ts';
import { KINDS } from './schema/header.ts';
import { problemsOf } from './schema/issues.ts';
import { DEFAULT_TIMEZONE, type SettingsDocument, settingsSchema } from './schema/settings.ts';
import { targetsSchema } from './schema/targets.ts';
import { searchIndex } from './search.ts';
import type { YamlDocument } from './yaml/read-yaml.ts';

export type ParsedPolicies = { ok: true; policies: PolicySet } | { ok: false; problems: Problem[] };

interface Checked<T> {
  document: YamlDocument;
  data: T;
}

/**
 * Reads a folder's files into policies, or into every problem that is in them, of all files at once, by file and line.
 * One problem anywhere and there are no policies: half a rule is not a rule (invariant 3).
 *
 * Pure: the environment is asked through `env`, and only for variables that targets name. No problem and no property of
 * the result that prints holds a value that came from it.
 */
export function parsePolicies(files: readonly PolicyFile[], providers: ProviderSchemas, env: Env): ParsedPolicies {
  const sources = policiesAmong(files);
  return compileDocuments(readDocuments(sources), digestOf(sources), providers, env);
}

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
  const { known, places, problems: twice } = collectNames(documents);
  const problems: Problem[] = [...documents.problems, ...twice];
  const note = (found: readonly Problem[]): boolean => {
    for (const each of found) problems.push(each);
    return found.length === 0;
  };
  for (const kind of KINDS) for (const each of documents.byKind[kind]) note(straySecretReferences(kind, each));

  const check = <T>(kind: (typeof KINDS)[number], schema: Schema<T>): Checked<T>[] =>
    documents.byKind[kind].flatMap((document) => {
      const parsed = schema.safeParse(document.value);
      if (parsed.success) return [{ document, data: parsed.data }];
      note(problemsOf(document, schema, parsed.error.issues));
      return [];
    });

  const targetParts = check('targets', targetsSchema(known, providers, env));
  const directoryParts = check('directory', directorySchema(known, providers, env));
  const settingsParts = check('settings', settingsSchema);
  const accessParts = check('access', accessSchema(known, providers));
  const conditions = new Map<YamlDocument, readonly (Condition | undefined)[]>();
  for (const document of documents.byKind.access) {
    const read = conditionsOf(document, known);
    note(read.problems);
    conditions.set(document, read.conditions);
  }

  const targets = new Map<string, TargetPolicy>();
  for (const { data } of targetParts) {
    for (const [name, target] of Object.entries(data.targets)) targets.set(name, targetPolicy(name, target));
  }
  const matchSlackEmail = settingsParts[0]?.data.match_slack_email ?? false;
  const { directory, atBest, live, problems: inDirectory } = compileDirectory(directoryParts, { matchSlackEmail });
  note(inDirectory);

  // What depends on people and targets can be judged only when all of those are there.
  const whole =
    documents.complete &&
    directoryParts.length === documents.byKind.directory.length &&
    targetParts.length === documents.byKind.targets.length;
  const who = { directory, targets: new FrozenMap(targets) };
  const accesses = new Map<string, AccessPolicy>();
  for (const { document, data } of accessParts) {
    const access = accessPolicy(document, data, conditions.get(document) ?? []);
    accesses.set(access.name, access);
    note(repeatedParts(document, data));
    note(nudgesTooLate(document, data));
    note(idleProblems(document, data, { targets, providers }));
    if (whole && note(ownerless(document, data, targets))) {
      const judged = { ...who, directory: atBest };
      note(unfillableFlows(judged, access));
      note(emptyEscalations(document, judged, access));
    }
  }

  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  // NB. An access must never load with less than it says; a grant is left unjudged only where something else is wrong.
  const whollyJudged = accessParts.every(({ data }) => judgedGrants(data).length === data.grants.length);
  if (!whollyJudged) throw new Error('a grant was left unjudged although no problem was found');
  const policies: PolicySet = Object.freeze({
    revision: Object.freeze({ digest }),
    accesses: new FrozenMap([...accesses].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...who,
    live,
    directoryPlaces: places,
    settings: settingsOf(settingsParts[0]?.data),
    search: searchIndex(accesses.values()),
  });
  return { ok: true, policies };
}

function settingsOf(data: SettingsDocument | undefined): Settings {
  const digest = data?.digest;
  return deepFreeze({
    timezone: data?.timezone ?? DEFAULT_TIMEZONE,
    schedules: new FrozenMap(Object.entries(data?.schedules ?? {})),
    ...(digest ? { digest: { channel: digest.channel, at: digest.at, days: [...new Set(digest.days)] } } : {}),
  });
}
