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
      /\nOutcome: open for 8h until 2 approved it \(flow two people\); then for 2h: group prod-db-writers/,
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

  it.each([
    [['ana@example.com'], /Something is missing/],
    [['ana@example.com', 'x', '--for', '1 hour'], /--for 1 hour: write a duration/],
    [['ana@example.com', 'x', '--at', '2026-02-30'], /--at 2026-02-30: there is no such day/],
    [['ana@example.com', 'x', '--format', 'yaml'], /text, json/],
  ])('%j is no command line', async (args, err) => {
    expect(await explain(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(err) });
  });
});
