/**
 * Issuers that make tokens for everybody who has an account there, with the claims that say whose the token is. With none of
 * those in a rule, a stranger writes a pipeline that has the rest: a branch called `main`, an environment `production`.
 */
const WHOSE: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'https://token.actions.githubusercontent.com',
    [
      'repository',
      'sub',
      'repository_id',
      'repository_owner',
      'repository_owner_id',
      'job_workflow_ref',
      'workflow_ref',
      'enterprise',
      'enterprise_id',
    ],
  ],
  ['https://gitlab.com', ['project_path', 'sub', 'project_id', 'namespace_path', 'namespace_id', 'ci_config_ref_uri']],
  ['https://agent.buildkite.com', ['organization_slug', 'sub', 'organization_id', 'pipeline_id']],
  ['https://accounts.google.com', ['sub', 'email', 'hd']],
]);

/** A claim to name, when the ones that are named say nothing of whose the token is. Of other issuers nothing is known. */
export function namesNobody(issuer: string, claims: readonly string[]): string | undefined {
  const whose = WHOSE.get(issuer.replace(/\/$/, ''));
  return whose === undefined || claims.some((claim) => whose.includes(claim)) ? undefined : whose[0];
}
