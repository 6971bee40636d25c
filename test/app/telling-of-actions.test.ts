import type { CallerRef } from '../../src/domain/caller.ts';
import { HOSTILE, problemsOf } from '../slack/support/drawn.ts';
import { apps } from '../support/app.ts';
import { DAY, HOUR, MINUTE } from '../support/clock.ts';
import { approved, ask, asked, CI, cancel, deploying, ISSUER, JENKINS, SHA, use } from './support/actions.ts';

const { start } = apps();
const world = deploying({
  parameters: { sha: { label: 'Commit', pattern: '^[0-9a-f]{4}$', required: true }, note: {} },
  flows: [
    {
      name: 'by agents',
      when: '"agent" in caller.claims && caller.claims["agent"] == "yes"',
      steps: [{ approvers: ['group:dba'] }],
      timeout: '1h',
    },
    { name: 'normal', steps: [{ approvers: ['group:dba'] }], timeout: '1h' },
  ],
});
const claims = { actor: 'octo', ...CI.claims, agent: 'no', teams: ['a', 'b'] };
const caller: CallerRef = { ...CI, claims };

describe('what is told of an action', () => {
  it('parameters by their labels, and the claims that a rule of the policy looks at first', async () => {
    const app = await start({ world });
    await asked(app, SHA, caller);
    await app.work();
    const view = app.messenger.of('approvers')[0]?.message.view;
    expect(view?.fields).toEqual([{ label: 'Commit', value: 'f00d' }]);
    expect(view?.claims).toEqual([
      { name: 'repository', value: 'acme/api', decides: true },
      { name: 'ref', value: 'refs/heads/main', decides: true },
      { name: 'agent', value: 'no', decides: true },
      { name: 'actor', value: 'octo', decides: false },
      { name: 'teams', value: 'a, b', decides: false },
    ]);
    await app.pass(2 * HOUR, HOUR);
  });

  it('nobody is mentioned as its caller, or written to for it, however it ends', async () => {
    const app = await start({ world });
    await app.deny('dee', await asked(app, { sha: '0001' }), 'Not today');
    await cancel(app, await asked(app, { sha: '0002' }));
    await asked(app, { sha: '0003' });
    await use(app, await approved(app, { sha: '0004' }, JENKINS), { sha: '0004' }, JENKINS);
    await approved(app, { sha: '0005' });
    await app.pass(2 * HOUR, HOUR);
    const { seen } = app.messenger;
    expect(new Set(seen.map(({ message }) => message.kind))).toEqual(new Set(['approvers', 'story']));
    expect(new Set(seen.map(({ channel }) => channel))).toEqual(new Set(['#deploys']));
    for (const { rendered } of seen) expect(JSON.stringify(rendered)).not.toContain('<@>');
    const states = app.messenger.of('approvers').map(({ rendered }) => rendered.text.split('. ').slice(1).join('. '));
    expect(states).toEqual([
      'Denied by <@U0DEE>.',
      'Withdrawn by its caller.',
      'Lapsed: it was not approved in time.',
      expect.stringMatching(/^Approved by <@U0DEE>\. Used .*: the caller was told to go ahead, once\.$/),
      'Approved by <@U0DEE>. Not used in time, so it is worth nothing any more.',
    ]);
  });

  it('the digest counts what was approved, used and not used', async () => {
    const app = await start({ world });
    await app.beginDigests();
    await use(app, await approved(app, { sha: '0001' }), { sha: '0001' });
    await approved(app, { sha: '0002' });
    await app.pass(DAY, 15 * MINUTE);
    expect(app.messenger.of('digest')[0]?.rendered.text).toContain('2 actions approved, 1 used, 1 not used in time');
  });

  it.each(HOSTILE)('%s in a parameter, a claim or a subject has no effect', async (_what, words) => {
    const app = await start({ world });
    // What is read of a token, and what a parameter may hold, is on one line and can be written down.
    const plain = words.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '').trim();
    const note = [...plain].slice(0, 200).join('');
    const hostile: CallerRef = {
      kind: 'oidc',
      issuer: ISSUER,
      subject: [...plain].slice(0, 255).join('') || 'x',
      claims: { ...CI.claims, actor: plain, agent: plain, [plain]: plain },
    };
    const answer = await ask(app, { sha: 'f00d', ...(note === '' ? {} : { note }) }, hostile);
    expect(answer.kind).toBe('opened');
    if (answer.kind === 'opened') await app.approve('dee', answer.request.id);
    await app.pass(HOUR);
    const tags = ['<@U0DEE>', '<@U0CY>', '<@U0ELI>'];
    for (const { rendered } of app.messenger.seen) {
      const moments =
        JSON.stringify(rendered).match(/<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]* UTC>/g) ?? [];
      expect(problemsOf(rendered, [...tags, ...moments])).toEqual([]);
    }
  });
});
