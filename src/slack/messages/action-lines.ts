import type { ClaimView, RequestView } from '../../app/messages.ts';
import type { ActionAsked } from '../../domain/action.ts';
import type { CallerRef } from '../../domain/caller.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { RequestState } from '../../domain/request.ts';
import { code, oneLine, shorten } from '../escape.ts';
import { when } from '../words.ts';

/** OpenID Connect allows 255; of those who go beyond, the rest is cut visibly here and whole in the audit log. */
const SUBJECT = 255;
/** An issuer is one that the policies name. With the longest subject, both grown by escaping, they fit into a section. */
const ISSUER = 150;
/** Of a claim that a rule of the policy looks at, and of one that is only told. */
const DECIDING_CLAIM = 250;
const TOLD_CLAIM = 80;
/** Of a section: what the claims that decide may take, and those that are only told. */
const DECIDING_CLAIMS = 1_800;
const TOLD_CLAIMS = 900;
/** A notification is one glance: of a parameter's value, and of all parameters. */
const GLANCE_VALUE = 60;
const GLANCE = 300;

/** What tells an approver who started it and where to look, by the names that CI systems give it. */
const TELLING = new Set([
  // GitHub Actions
  ...['actor', 'repository', 'ref', 'sha', 'workflow', 'job_workflow_ref', 'event_name', 'run_id', 'run_attempt'],
  'environment',
  // GitLab
  ...['user_login', 'project_path', 'pipeline_source', 'pipeline_id', 'job_id', 'ref_protected'],
  // Buildkite, CircleCI, Terraform Cloud
  ...['organization_slug', 'pipeline_slug', 'build_number', 'build_branch', 'build_commit', 'step_key'],
  ...['oidc.circleci.com/project-id', 'terraform_workspace_name', 'terraform_run_phase'],
  // Google Cloud and agents of whatever kind
  ...['email', 'azp', 'client_id'],
]);

/** `Pipeline repo:acme/api:… (token.actions.githubusercontent.com)`, `The API key jenkins`. */
export function callerPlainly(caller: CallerRef): string {
  if (caller.kind === 'api-key') return `The API key ${oneLine(caller.name)}`;
  return `Pipeline ${oneLine(shorten(caller.subject, SUBJECT))} (${oneLine(issuerName(caller.issuer))})`;
}

/** The same with its names as inline code: nothing in them is a link, an emoji or formatting. */
export function callerWords(caller: CallerRef): string {
  if (caller.kind === 'api-key') return `The API key ${code(caller.name)}`;
  return `Pipeline ${code(shorten(caller.subject, SUBJECT))} (${code(issuerName(caller.issuer))})`;
}

const issuerName = (issuer: string): string => shorten(issuer.replace(/^https:\/\//, ''), ISSUER);

/** What exactly, for a notification; each value cut visibly if it is long. The message itself has all of it. */
export function parametersPlainly({ fields }: RequestView): string {
  if (fields.length === 0) return '';
  const all = fields.map(({ label, value }) => `${label} ${shorten(value, GLANCE_VALUE)}`).join(', ');
  return ` with ${oneLine(shorten(all, GLANCE))}`;
}

/** How often and how long its approval may be used; the status says it of one that was given. */
export const use = ({ request }: RequestView): string =>
  `If approved, it may be done *once*, within *${formatDuration(request.durationMs)}* of the last approval, with exactly these parameters.`;

/** What the token says of its caller: first what rules of the policy look at, then what helps to recognise it. */
export function tokenSays({ claims = [] }: RequestView, caller: CallerRef): string {
  if (caller.kind === 'api-key') {
    return 'An API key says nothing about who uses it: whoever has this one can ask.';
  }
  const deciding = claims.filter(({ decides }) => decides);
  const told = claims.filter(({ name, decides }) => !decides && TELLING.has(name));
  const lines = [
    ...(deciding.length > 0
      ? [`what the policy looks at: ${fittedClaims(deciding, DECIDING_CLAIM, DECIDING_CLAIMS)}`]
      : []),
    ...(told.length > 0
      ? [`${deciding.length > 0 ? 'also: ' : ''}${fittedClaims(told, TOLD_CLAIM, TOLD_CLAIMS)}`]
      : []),
  ];
  if (lines.length === 0) return '*The caller’s token says* nothing more about it.';
  return `*The caller’s token says*\n${lines.join('\n')}`;
}

/** As many claims as there is room for; the others are counted. All of them are in the audit log. */
function fittedClaims(claims: readonly ClaimView[], each: number, room: number): string {
  const shown: string[] = [];
  let taken = 0;
  for (const { name, value } of claims) {
    const text = `${oneLine(shorten(name, TOLD_CLAIM))} ${code(shorten(value, each))}`;
    taken += [...text].length + 2;
    if (taken > room) break;
    shown.push(text);
  }
  const rest = claims.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` … and ${rest} more in the audit log` : ''}`;
}

/** What became of the approval. */
export function useStatus({ usedAt, unusedAt, usableUntil }: ActionAsked): string {
  if (usedAt !== undefined) return `Used ${when(usedAt)}: the caller was told to go ahead, once.`;
  if (unusedAt !== undefined) return 'Not used in time, so it is worth nothing any more.';
  return usableUntil === undefined ? 'It may be used once.' : `It may be used once until ${when(usableUntil)}.`;
}

/** NB. a caller is no Slack user: nothing may mention it. */
export const byItsCaller = ({ action, decidedBy, requester }: RequestState): boolean =>
  action !== undefined && decidedBy === requester.email;
