import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { NAMES } from '../../src/config.ts';
import { GitRepository } from '../cli/support/git-repository.ts';

/** The examples as far as they need no network: their own steps, run on a repository of policies with the built product. */

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (name: string) => {
  const text = readFileSync(file(`examples/ci/${name}`), 'utf8');
  return { text, yaml: parse(text, { strict: true, uniqueKeys: true }) };
};

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  permissions: Record<string, string>;
  if?: string;
  steps: Step[];
}

const github = read('github-actions.yml');
const jobs = github.yaml.jobs as Record<'policies' | 'comment', Job>;
const gitlab = read('gitlab-ci.yml');

describe('the GitHub workflow', () => {
  it('runs on pull requests with the rights that each job needs, and gives forks none and no secret', () => {
    expect(Object.keys(github.yaml.on)).toEqual(['pull_request']);
    expect(github.yaml.permissions).toEqual({});
    expect(jobs.policies.permissions).toEqual({ contents: 'read' });
    expect(jobs.comment.permissions).toEqual({ 'pull-requests': 'write' });
    expect(jobs.comment.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
    expect(github.text).not.toMatch(/\$\{\{\s*secrets\./);
    // Whoever may write runs nothing of the pull request.
    expect(jobs.comment.steps.some(({ uses = '' }) => uses.startsWith('actions/checkout'))).toBe(false);
    expect(jobs.policies.steps[0]?.with).toMatchObject({ 'persist-credentials': false, 'fetch-depth': 0 });
  });

  it('names actions by a major version, and lets nothing from outside into a command', () => {
    for (const { uses, run } of [...jobs.policies.steps, ...jobs.comment.steps]) {
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      expect(run ?? '').not.toContain('${{');
    }
  });
});

describe('a deploy with an approval', () => {
  const workflow = read('github-deploy.yml');
  const deploy = workflow.yaml.jobs.deploy as Job & { environment: string; env: Record<string, string> };
  const job = read('gitlab-deploy.yml').yaml.deploy;
  const lastTwo = (scripts: readonly string[]) => scripts.slice(-2);

  it('asks in the job that deploys, right before it, for the commit that it deploys', () => {
    const scripts = deploy.steps.flatMap(({ run }) => run ?? []);
    for (const [asks, deploys, sha] of [
      [...lastTwo(scripts), '$GITHUB_SHA'],
      [...lastTwo(job.script), '$CI_COMMIT_SHA'],
    ] as const) {
      expect(asks).toMatch(/^npx latchkey action deploy-production "sha=\$\w+" "run=\$\w+" --wait 1h$/);
      expect(asks).toContain(`"sha=${sha}"`);
      expect(deploys).toBe(`./deploy.sh "${sha}"`);
    }
    for (const script of [...scripts, ...job.script]) execFileSync('bash', ['-n'], { input: script });
  });

  it('has no secret: an ID token, and the right to get one in that job alone', () => {
    expect(workflow.yaml.permissions).toEqual({});
    expect(deploy.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(job.id_tokens).toEqual({ LATCHKEY_TOKEN: { aud: 'latchkey' } });
    expect(workflow.text).not.toMatch(/\$\{\{/);
    for (const { uses } of deploy.steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
    expect([deploy.environment, job.environment]).toEqual(['production', 'production']);
  });
});

describe('every example', () => {
  it('sets no variable that Latchkey takes for a mistake', () => {
    for (const name of readdirSync(file('examples/ci'))) {
      const named = readFileSync(file(`examples/ci/${name}`), 'utf8').match(/\bLATCHKEY_\w+/g) ?? [];
      expect(named.filter((one) => !(NAMES as readonly string[]).includes(one))).toEqual([]);
    }
  });
});

describe('the GitLab jobs', () => {
  it('keep the token away from forks and from what the merge request holds', () => {
    const [rule] = gitlab.yaml['policies-note'].rules;
    expect(rule.if).toContain('$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID');
    expect(gitlab.yaml['policies-note'].variables.GIT_STRATEGY).toBe('none');
    expect(JSON.stringify(gitlab.yaml.policies)).not.toContain('TOKEN');
  });
});

describe('what the examples run', () => {
  let repository: GitRepository;
  beforeEach(async () => {
    repository = await GitRepository.make();
    // What `npm ci` would have put there.
    await repository.write('.bin/npx', `#!/bin/sh\nshift\nexec ${process.execPath} ${file('bin/latchkey.js')} "$@"\n`);
    chmodSync(repository.path('.bin/npx'), 0o755);
  });
  afterEach(() => repository.remove());

  const run = (script: string, env: Record<string, string>) => {
    const PATH = `${repository.path('.bin')}:${process.env.PATH}`;
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: repository.folder,
      env: { PATH, HOME: repository.folder, ...env },
      encoding: 'utf8',
    });
    return { status, output: `${stdout}${stderr}` };
  };

  const offline = (script: string): boolean => script.startsWith('npx latchkey ');
  const written = (path: string): string => readFileSync(repository.path(path), 'utf8');

  const everyRun = [...jobs.policies.steps, ...jobs.comment.steps].flatMap((step) => step.run ?? []);
  const everyScript: string[] = ['policies', 'policies-note'].flatMap((job) => [
    ...gitlab.yaml[job].before_script,
    ...gitlab.yaml[job].script,
  ]);

  it.each([...everyRun, ...everyScript])('is a script: %j', (script) => {
    execFileSync('bash', ['-n'], { input: script });
  });

  it('on GitHub checks and tests the samples, and writes the comparison for the comment and the summary', async () => {
    const BASE = repository.git('rev-parse', 'HEAD');
    // What no test of the samples has an opinion about.
    await repository.replace('policies/databases.yaml', /#db-access/g, '#databases');
    repository.commit('another channel');
    const scripts = jobs.policies.steps.flatMap((step) => step.run ?? []).filter(offline);
    expect(scripts).toHaveLength(3);
    for (const script of scripts) {
      const { status, output } = run(script, { BASE, GITHUB_STEP_SUMMARY: repository.path('summary.md') });
      expect({ script, status, output }).toMatchObject({ status: 0 });
    }
    expect(written('policy-diff.md')).toMatch(/^<!-- latchkey policy diff -->/);
    expect(written('policy-diff.md')).toContain('prod-db-read and prod-db-write: the channel is #\u200bdatabases');
    expect(written('summary.md')).toBe(written('policy-diff.md'));
    // The comment is found again by the mark that it begins with.
    expect(jobs.comment.steps.at(-1)?.run).toContain('startswith("<!-- latchkey policy diff -->")');
  });

  it('on GitLab does the same', async () => {
    const BASE = repository.git('rev-parse', 'HEAD');
    // What no test of the samples has an opinion about.
    await repository.replace('policies/databases.yaml', /#db-access/g, '#databases');
    repository.commit('another channel');
    const scripts = (gitlab.yaml.policies.script as string[]).filter(offline);
    expect(scripts).toHaveLength(3);
    for (const script of scripts) {
      const { status, output } = run(script, { CI_MERGE_REQUEST_DIFF_BASE_SHA: BASE });
      expect({ script, status, output }).toMatchObject({ status: 0 });
    }
    expect(written('policy-diff.md')).toContain('the channel is');
    expect(written('policy-tests.xml')).toMatch(/^<\?xml/);
  });

  it('fails the job when a policy is broken', async () => {
    await repository.replace('policies/staging.yaml', 'max: 8h', 'max: 8');
    const check = jobs.policies.steps.find(({ name }) => name === 'Check')?.run ?? '';
    expect(run(check, {}).status).toBe(2);
  });
});
