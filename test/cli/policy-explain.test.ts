import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { latchkey } from '../support/product.ts';

const SAMPLES = fileURLToPath(new URL('../../policies', import.meta.url));
const explain = (...args: string[]) => latchkey(['policy', 'explain', ...args, '--dir', SAMPLES], {});

describe('latchkey policy explain', () => {
  it('tells each rule with its line, who may approve, and the outcome', async () => {
    const { code, out } = await explain(
      'ana@example.com',
      'prod-db-write',
      '--for',
      '2h',
      '--reason',
      'INC-42 slow queries',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/✓ requesters +group:backend\n +prod-db-write: requesters \(policies\/databases\.yaml:\d+\)\n/);
    expect(out).toMatch(
      /· step 1 +1 of group:dba: cy@example\.com, dee@example\.com\n +policies\/databases\.yaml:\d+\n/,
    );
    expect(out).toMatch(
      /\nOutcome: open for 8h, until 2 people approve it \(flow two people\); then for 2h: group prod-db-writers/,
    );
  });

  it('ends with the rule that refuses', async () => {
    const { code, out } = await explain('eli@example.com', 'prod-db-write');
    expect(code).toBe(0);
    expect(out).toMatch(/✗ deny +You may not ask for `prod-db-write`: its policy denies it to group:contractors/);
    expect(out).toMatch(/\nRefused: denied-by-policy\./);
    expect(out).not.toContain('requesters');
  });

  it('knows people by Slack id, and guesses who was meant', async () => {
    expect((await explain('U01ANA', 'staging-admin')).out).toMatch(/\nOutcome: approved at once by the policy itself/);
    expect((await explain('anna@example.com', 'staging-admin')).out).toMatch(/Did you mean ana@example\.com\?/);
    expect((await explain('Ana', 'staging-admin')).out).toMatch(/Did you mean ana@example\.com\?/);
  });

  it('takes a reason for granted when none is given, and does not say that there was one', async () => {
    const { out } = await explain('ana@example.com', 'prod-db-write');
    expect(out).toMatch(/✓ reason +taken for granted\n/);
    expect(out).toContain('Taken for granted: A reason of at least 10 characters is required.');
  });

  it('as JSON is the whole trace', async () => {
    const { out } = await explain(
      'ana@example.com',
      'prod-db-read',
      '--format',
      'json',
      '--at',
      '2026-03-03T09:00:00Z',
    );
    expect(JSON.parse(out)).toMatchObject({
      question: { email: 'ana@example.com', access: 'prod-db-read', now: '2026-03-03T09:00:00.000Z' },
      outcome: 'needs-approval',
      checks: expect.arrayContaining([expect.objectContaining({ check: 'requesters', passed: true })]),
      steps: [{ step: 1, need: 1, people: ['cy@example.com', 'dee@example.com'] }],
      policy: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  describe('where Slack says who is in a group', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-explain-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'p.yaml'),
      `version: 1
kind: directory
people:
  - {email: ana@example.com, slack: U01ANA}
  - {email: cy@example.com, slack: U01CY}
groups: {backend: [ana@example.com], oncall: {slack_usergroup: S0ONCALL}, dba: {slack_usergroup: S0DBA}}
---
version: 1
kind: targets
targets: {db: {provider: postgres-role, url: '\${env:DB}'}}
---
version: 1
kind: access
name: read
grants: [{target: db, role: reader}]
requesters: [group:backend]
duration: {default: 1h, max: 4h}
flows:
  - {name: on call, when: '"oncall" in requester.groups', auto_approve: true}
  - {name: normal, steps: [{approvers: [group:dba]}]}
`,
    );
    const inFolder = (...args: string[]) =>
      latchkey(['policy', 'explain', 'ana@example.com', 'read', ...args, '--dir', folder], {});

    it('says that it is not known here, and how to say it', async () => {
      const { code, out } = await inFolder();
      expect(code).toBe(0);
      expect(out).toMatch(/Refused: policy-error\./);
      expect(out).toMatch(/Not known here.*: who is in group:dba, group:oncall\. Say it, as in --member dba=ana@/);
    });

    it('says nothing of groups that the access does not ask for', async () => {
      const { out } = await explain('U01ANA', 'staging-admin');
      expect(out).not.toContain('Not known here');
    });

    it('takes it as it is said', async () => {
      const automatic = await inFolder('--member', 'oncall=ANA@example.com', '--member', 'dba=');
      expect(automatic.out).toMatch(/\nOutcome: approved at once by the policy itself \(flow on call\)/);
      expect(automatic.out).not.toContain('Not known here');
      const asked = await inFolder('--member', 'oncall=', '--member', 'dba=cy@example.com');
      expect(asked.out).toMatch(/· step 1 +1 of group:dba: cy@example\.com\n/);
      const nobody = await inFolder('--member', 'oncall=', '--member', 'dba=');
      expect(nobody.out).toMatch(/\nRefused: no-approvers\./);
    });

    it.each([
      ['backend=ana@example.com', /the members of group:backend stand in the files/],
      ['oncal=ana@example.com', /there is no group oncal \(did you mean oncall\?\)/],
      ['oncall=anna@example.com', /there is no anna@example\.com .*did you mean ana@example\.com\?/],
      ['oncall', /write it as GROUP=PERSON/],
    ])('--member %s is no command line', async (member, err) => {
      expect(await inFolder('--member', member)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(err) });
    });
  });

  describe('of an action', () => {
    const GITHUB = 'https://token.actions.githubusercontent.com';
    const shop = `oidc:${GITHUB}#repo:acme/shop:environment:production`;
    const JOB = ['--claim', 'repository=acme/shop', '--claim', 'environment=production'];
    const MAIN = [...JOB, '--claim', 'ref_protected=true'];
    const deploy = (...args: string[]) => explain(shop, 'deploy-production', ...args, '--at', '2026-03-03T09:00:00Z');

    it('tells each rule with its line, who may approve, and how long it may be used', async () => {
      const { code, out } = await deploy(`sha=${'4f2a91c0'.repeat(5)}`, 'run=8123', ...MAIN);
      expect(code).toBe(0);
      expect(out).toMatch(
        /^oidc:https:\/\/token\.actions\.githubusercontent\.com#repo:acme\/shop:environment:production \(repository=acme\/shop, environment=production, ref_protected=true\) asks for deploy-production at 2026-03-03T09:00:00\.000Z/,
      );
      expect(out).toMatch(
        /✓ caller +oidc:.*\n +deploy-production: callers \(policies\/deploys\.yaml:\d+\)\n.*✓ parameter +sha, run\n/s,
      );
      expect(out).toMatch(/· step 1 +1 of group:platform, group:dba: ben@.*\n +policies\/deploys\.yaml:\d+\n/);
      expect(out).toMatch(
        /\nOutcome: open for 2h, until one person approves it \(flow in office hours\); then it may be used once, within 15m\n$/,
      );
    });

    it('takes missing parameters for granted, and says which', async () => {
      const { out } = await deploy('run=8123', ...MAIN);
      expect(out).toContain('Taken for granted: Commit (`sha`) is required.');
      expect(out).toContain('\nOutcome: open for 2h');
    });

    it('ends with the rule that refuses', async () => {
      const { code, out } = await deploy('run=8123', ...JOB);
      expect(code).toBe(0);
      expect(out).toMatch(/\n· asks for +ref_protected: true\n +policies\/deploys\.yaml:12\n/);
      expect(out).toMatch(/\nRefused: not-eligible\./);
      expect(out).not.toContain('· step');
    });

    it('says that there is no such action, which a stranger is not told', async () => {
      const { out } = await explain('api-key:jenkins', 'deploy-prodction');
      expect(out).toMatch(
        /\nRefused: not-eligible\..*\nThere is no action deploy-prodction\. Did you mean deploy-production\?\n$/,
      );
    });

    it('as JSON is the whole trace', async () => {
      const { out } = await deploy('run=8123', ...MAIN, '--format', 'json', '--claim', 'environment=staging');
      expect(JSON.parse(out)).toMatchObject({
        question: {
          caller: {
            kind: 'oidc',
            issuer: GITHUB,
            subject: 'repo:acme/shop:environment:production',
            claims: { repository: 'acme/shop', environment: ['production', 'staging'], ref_protected: 'true' },
          },
          action: 'deploy-production',
          parameters: { run: '8123' },
        },
        assumed: expect.stringContaining('`sha`'),
        outcome: 'needs-approval',
        caller: shop,
        action: 'deploy-production',
        flow: 'in office hours',
        steps: [{ step: 1, need: 1 }],
      });
    });

    it.each([
      [
        ['ana@example.com', 'deploy-production'],
        /deploy-production is an action.* asked for by callers: write api-key:/,
      ],
      [['api-key:jenkins', 'prod-db-read'], /prod-db-read is an access.* asked for by people/],
      [['oidc:https://ci.example.com', 'deploy-production'], /write a caller as api-key:jenkins, or as oidc:<issuer>#/],
      [['api-key:', 'deploy-production'], /write a caller as/],
      [['api-key:jenkins', 'x', '--claim', 'a=b'], /an API key says nothing but its name/],
      [['ana@example.com', 'x', '--claim', 'a=b'], /a person has no token/],
      [[shop, 'deploy-production', '--claim', 'repository'], /write it as NAME=VALUE/],
      [[shop, 'deploy-production', '--claim', 'sub=x'], /the issuer and the subject stand in the caller itself/],
      [[shop, 'deploy-production', '--for', '1h'], /an action takes no time/],
      [[shop, 'deploy-production', 'run'], /write a parameter as name=value/],
    ])('%j is no command line', async (args, err) => {
      expect(await explain(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(err) });
    });
  });

  it.each([
    [['ana@example.com'], /Something is missing/],
    [['ana@example.com', 'x', '--for', '1 hour'], /--for 1 hour: write a duration/],
    [['ana@example.com', 'x', '--at', '2026-02-30'], /--at 2026-02-30: there is no such day/],
    [['ana@example.com', 'x', '--format', 'yaml'], /text, json/],
  ])('%j is no command line', async (args, err) => {
    expect(await explain(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(err) });
  });
});
