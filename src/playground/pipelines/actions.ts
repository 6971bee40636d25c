import type { PipelineAction, PipelineInput } from '../browser/wire.ts';
import { example } from './examples.ts';
import type { TokenOf } from './issuer.ts';

/** What a policy says of one action, as far as a pipeline has to know it. */
export interface ActionToRun {
  readonly name: string;
  readonly title: string;
  readonly callers: readonly (
    | { readonly kind: 'oidc'; readonly issuer: string; readonly claims: Readonly<Record<string, readonly string[]>> }
    | { readonly kind: 'api-key'; readonly name: string }
  )[];
  readonly parameters: readonly {
    readonly name: string;
    readonly label: string;
    readonly hint?: string;
    readonly required: boolean;
    readonly pattern?: { readonly source: string; readonly test: (text: string) => boolean };
    readonly choices?: readonly string[];
  }[];
  readonly reason: { readonly required: boolean; readonly minLength: number };
  /** Where the policies say so. */
  readonly places: { readonly action: { readonly file: string; readonly line: number } };
}

/** As whoever wrote the policies put them: the usual one first, not the one whose name comes first. */
export const inOrder = (actions: Iterable<ActionToRun>): ActionToRun[] =>
  [...actions].sort(
    ({ places: { action: a } }, { places: { action: b } }) => compare(a.file, b.file) || a.line - b.line,
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Who the playground's pipeline is to an action: what its first rule about tokens asks for, and what CI adds to it. */
export function identity(
  { callers }: Pick<ActionToRun, 'callers'>,
  { actor, run }: { actor: string; run: number },
): Omit<TokenOf, 'audience'> | undefined {
  const rule = callers.find((one) => one.kind === 'oidc');
  if (rule?.kind !== 'oidc') return undefined;
  const asked = Object.entries(rule.claims).map(([name, [value = '']]) => [name, value] as const);
  const { sub, ...claims } = Object.fromEntries(asked);
  const told = { actor, workflow: 'playground', run_id: String(run) };
  return { issuer: rule.issuer, subject: sub ?? subjectOf(claims), claims: { ...told, ...claims } };
}

/** As GitHub and GitLab write theirs. */
function subjectOf(claims: Readonly<Record<string, string>>): string {
  const { repository, project_path: project, environment, ref = 'refs/heads/main' } = claims;
  if (repository !== undefined)
    return `repo:${repository}:${environment === undefined ? `ref:${ref}` : `environment:${environment}`}`;
  if (project !== undefined) return `project_path:${project}:ref_type:branch:ref:${ref.replace('refs/heads/', '')}`;
  return 'playground-pipeline';
}

/** An action as the page offers it. */
export function offered(action: ActionToRun): PipelineAction {
  const { name, title, callers, parameters, reason } = action;
  const caller = identity(action, { actor: '', run: 0 });
  return {
    name,
    title,
    reasonRequired: reason.required,
    inputs: parameters.map((parameter): PipelineInput => {
      const {
        label,
        hint = parameter.pattern && `Has to match ${parameter.pattern.source}`,
        required,
        choices,
      } = parameter;
      return {
        name: parameter.name,
        label,
        required,
        example: example(parameter),
        ...(hint === undefined ? {} : { hint }),
        ...(choices ? { choices: [...choices] } : {}),
      };
    }),
    ...(caller
      ? { caller: `${caller.subject}, as a token of ${hostOf(caller.issuer)} would name it` }
      : { notHere: notHere(callers.map((one) => (one.kind === 'api-key' ? one.name : ''))) }),
  };
}

/** Whose tokens they are, as people call it. */
export const hostOf = (issuer: string): string => issuer.replace(/^https?:\/\//, '');

function notHere(keys: readonly string[]): string {
  if (keys.length === 0) return 'Its policy names no callers, so nobody may ask for it.';
  const names = keys.map((key) => `“${key}”`).join(', ');
  return `Its callers have API keys (${names}), and the pipelines here have none: only the hash of a key is in the policies. Whoever has the key can ask from a terminal, with npx latchkey action.`;
}
