import { apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { everyText, markup } from './support/drawn.ts';

const { start } = apps();

const HOSTILE: readonly (readonly [string, string])[] = [
  ['a mention of the channel', '<!channel> <!here> <!everyone> <@U0DEE> <#C1>'],
  ['a forged link', '<https://evil.example|click to approve> & more'],
  ['new lines that pretend to be another part', 'ok\n\n*Who may approve*\nanybody\n> quoted\n```code```'],
  ['formatting', '*bold* _it_ ~no~ `code` ```block``` &lt;!channel&gt;'],
  ['two thousand characters', '<&>*'.repeat(500)],
  ['a turned reading direction', 'drop \u202etable\u202c \u2066users\u2069 now'],
  ['emoji codes and entities', ':rotating_light: &amp;lt;!channel&amp;gt; &#60;!channel&#62;'],
];

describe.each(HOSTILE)('a reason with %s', (_what, words) => {
  it('is harmless in every message, whole where it is quoted', async () => {
    const app = await start();
    // Every kind of message: asked, approved, given, late, alarm, ended, denied, lapsed, failed, digest.
    await app.beginDigests();
    const id = await app.asked('ana', 'read', { reason: words });
    await app.work();
    await app.approve('dee', id);
    await app.work();
    app.target().down = true;
    await app.pass(HOUR);
    await app.pass(MINUTE, 5_000);
    app.target().down = false;
    await app.deny('dee', await app.asked('ana', 'read', { reason: words }), words.slice(0, 500));
    await app.asked('ben', 'read', { reason: words });
    app.target('ci').fail('provision', { kind: 'give-up' });
    await app.approve('dee', await app.asked('ana', 'both', { reason: words }));
    await app.work();
    await app.pass(9 * HOUR);
    await app.pass(24 * HOUR);
    const kinds = new Set(app.messenger.seen.map(({ message }) => message.kind));
    expect([...kinds].sort()).toEqual(['alarm', 'approvers', 'digest', 'news', 'requester', 'story']);

    for (const { rendered } of app.messenger.seen) {
      for (const text of [rendered.text, ...markup(rendered.blocks)]) {
        // The only markup is ours: people, moments and the audit channel.
        for (const [tag] of text.matchAll(/<[^>]*>/g))
          expect(tag).toMatch(/^<(@U0[A-Z]+|!date\^\d+\^[^<>|]*\|[^<>|]*)>$/);
      }
      for (const text of everyText(rendered)) expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      // One sentence for notifications: nobody's words make it two lines.
      expect(rendered.text).not.toContain('\n');
    }
    const asked = app.messenger.of('approvers')[0]?.rendered;
    const visible = words.trim().replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
    expect(everyText(asked?.blocks)).toContain(visible);
  });
});
