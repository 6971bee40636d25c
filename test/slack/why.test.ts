import { explained } from '../../src/policy/index.ts';
import { whyAnswer } from '../../src/slack/commands/why.ts';
import { ask } from '../policy/support/world.ts';
import { changed, policiesOf, slackOf, usual, type World } from '../support/world.ts';
import { HOSTILE, problemsOf } from './support/drawn.ts';
import { Wired } from './support/wired.ts';

const why = (who: string, access: string, world: World = usual, durationMs?: number) => {
  const set = policiesOf(world);
  const question = { slack: slackOf(who), access, reason: 'x', ...(durationMs === undefined ? {} : { durationMs }) };
  return whyAnswer({ explanation: explained(set, ask(set, question)) });
};
const words = (answer: ReturnType<typeof why>) =>
  (answer.blocks ?? []).map((block) => (block.type === 'section' ? (block.text?.text ?? '') : ''));

describe('/access why', () => {
  it('tells the outcome, every rule with its line, and who would approve', () => {
    const [outcome = '', checks = '', steps = ''] = words(why('ana', 'write'));
    expect(outcome).toBe('`write` for 1h would need 3 approvals by the flow `careful`, within 8h.');
    expect(checks.split('\n')[0]).toBe('*What was looked at, in this order*');
    expect(checks).toMatch(/✓ requesters: group:backend `write: requesters \(policies\.yaml:\d+\)`/);
    expect(steps).toMatch(/1\. 2 of group `dba` – 3 people can, other than you `policies\.yaml:\d+`/);
    expect(steps).toMatch(/2\. 1 of group `security` – 2 people can, other than you/);
  });

  it('ends with the rule that refuses, and tells nothing of what stands behind it', () => {
    const answer = why('fay', 'write');
    expect(answer.text).toBe('Asked like this it would be refused with `not-eligible`.');
    expect(words(answer)[0]).toContain('You may not ask for `write`');
    expect(words(answer).join('\n')).toContain('✗ requesters:');
    expect(words(answer).join('\n')).not.toContain('security');
  });

  it('says that the policy itself approves', () => {
    expect(why('ana', 'auto').text).toBe(
      '`auto` for 1h would be approved at once by the policy itself, by its flow `self-service`.',
    );
  });

  it.each(HOSTILE)(
    'stays within Slack’s limits and pings nobody with %s in a name of a flow or a title',
    (_what, text) => {
      const name = [...text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ').trim()].slice(0, 90).join('') || 'x';
      const world = changed(usual, {
        auto: { flows: [{ name, auto_approve: true }], title: name },
        write: { flows: [{ name, steps: [{ approvers: ['group:dba'], need: 1 }] }], title: name },
      });
      for (const access of ['auto', 'write', 'read']) expect(problemsOf(why('ana', access, world))).toEqual([]);
      expect(problemsOf(why('ana', 'auto', world, 99 * 3_600_000))).toEqual([]);
    },
  );

  describe('typed', () => {
    let wired: Wired;
    afterEach(() => wired.stop());

    it('asks for the one who typed and nobody else, and only they see the answer', async () => {
      const set = policiesOf(usual);
      wired = await Wired.start({
        explainAccess: ({ slack }, asked) => ({
          explanation: explained(set, ask(set, { slack, access: asked.access })),
        }),
      });
      await wired.slack.command('U0ANA', 'C0APPROVALS', '/access why read 2h INC-42 slow <!channel>');
      expect(await wired.answer('U0ANA')).toMatch(/^`read` for 1h would need 1 approval/);
      expect(wired.asked).toEqual([
        {
          useCase: 'explainAccess',
          args: [
            expect.objectContaining({ workspace: 'T0OURS', slack: 'U0ANA' }),
            { access: 'read', duration: '2h', fields: {}, reason: 'INC-42 slow <!channel>' },
          ],
        },
      ]);
      expect(wired.slack.ephemerals('U0BEN')).toEqual([]);
      expect(wired.slack.messages('C0APPROVALS')).toEqual([]);
    });
  });
});
