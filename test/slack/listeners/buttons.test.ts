import { StoreUnavailable } from '../../../src/app/ports/store.ts';
import { ACTION } from '../../../src/slack/ids.ts';
import { aRequest, HOUR } from '../../support/samples.ts';
import { ANA, CHANNEL, DEE, REFUSAL, Wired } from '../support/wired.ts';

let wired: Wired;
const start = async (...as: Parameters<typeof Wired.start>) => {
  wired = await Wired.start(...as);
};
afterEach(() => wired.stop());

describe('buttons', () => {
  it('Approve votes for the request of the button; the message alone shows that it counted', async () => {
    await start();
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve);
    const [call] = await wired.calls(1);
    await wired.idle();
    expect(call).toEqual({
      useCase: 'vote',
      args: [
        { workspace: 'T0OURS', slack: DEE, interaction: expect.stringMatching(/./) },
        { requestId: 'req_1', verdict: 'approve' },
      ],
    });
    expect(wired.slack.ephemerals(DEE)).toEqual([]);
  });

  it('a vote that may not count is answered only to the clicker, and the message stays', async () => {
    await start({ vote: () => ({ kind: 'refused', refusal: REFUSAL }) });
    const message = await wired.posted(ACTION.approve);
    await wired.slack.click(DEE, message, ACTION.approve);
    expect(await wired.answer(DEE)).toContain('_Code:_ `own-request`');
    expect(wired.slack.messages(CHANNEL)).toEqual([message]);
  });

  it('five identical clicks at once are one interaction', async () => {
    await start({ vote: () => ({ kind: 'replayed' }) });
    const payload = wired.slack.prepareClick(DEE, await wired.posted(ACTION.approve), ACTION.approve);
    const all = await wired.slack.deliverTogether(payload, 5);
    expect(all.every(({ ok }) => ok)).toBe(true);
    await wired.idle();
    const seen = new Set(wired.asked.map(({ args }) => (args[0] as { interaction: string }).interaction));
    expect([wired.asked.length, seen.size]).toEqual([5, 1]);
    expect(wired.slack.ephemerals(DEE)).toEqual([]);
  });

  it('nothing but the four facts of a click is believed', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => {
      Object.assign(payload, { message: { text: 'approved', metadata: { requestId: 'req_9' } }, requestId: 'req_9' });
    };
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve, { edit });
    const [call] = await wired.calls(1);
    expect(call?.args[1]).toEqual({ requestId: 'req_1', verdict: 'approve' });
  });

  it('a click without a trigger is known by its moment and its person', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => delete payload.trigger_id;
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve, { edit });
    const [call] = await wired.calls(1);
    expect(call?.args[0]).toMatchObject({ interaction: expect.stringMatching(/^\d+\.\d+:U0DEE$/) });
  });

  it('End now ends the grant of the button', async () => {
    await start({ endGrant: () => ({ kind: 'refused', refusal: { code: 'not-your-grant', sentence: 'Not yours.' } }) });
    await wired.slack.click(ANA, await wired.posted(ACTION.endNow, 'grt_1'), ACTION.endNow);
    expect(await wired.answer(ANA)).toBe('Not yours.\n_Code:_ `not-your-grant`');
    expect(wired.asked[0]).toMatchObject({ useCase: 'endGrant', args: [{ slack: ANA }, 'grt_1'] });
  });

  const extension = { grantId: 'grt_1', until: '2026-03-03T14:00:00.000Z', wholeMs: 2 * HOUR };
  it('Extend asks for the grant of the button, and says who decides until when', async () => {
    await start({ extendGrant: () => ({ kind: 'opened', request: aRequest({ access: 'read', extension }) }) });
    await wired.slack.click(ANA, await wired.posted(ACTION.extend, 'grt_1'), ACTION.extend);
    expect(await wired.answer(ANA)).toMatch(
      /^Asked in <#C0APPROVALS>: extending `read` until <!date\^\d+\^[^|]+\|2026-03-03 14:00 UTC> needs 1 of group `dba`\./,
    );
    expect(wired.asked[0]).toMatchObject({ useCase: 'extendGrant', args: [{ slack: ANA }, { grantId: 'grt_1' }] });
  });

  it.each([
    [ACTION.reviewFine, 'fine'],
    [ACTION.reviewNotJustified, 'not-justified'],
  ])('%s asks for a note, and closes the review with it', async (action, verdict) => {
    await start();
    await wired.slack.click(DEE, await wired.posted(action, 'req_7'), action);
    const { id } = await wired.view(DEE);
    await wired.slack.submitView(DEE, id, { 'reason-text': '   ' });
    expect((await wired.view(DEE)).errors.reason).toMatch(/Write what you found/);
    expect(wired.asked).toEqual([]);
    await wired.slack.submitView(DEE, id, { 'reason-text': ' looked at the log ' });
    const [call] = await wired.calls(1);
    expect(call).toMatchObject({
      useCase: 'reviewEmergency',
      args: [{ slack: DEE }, { requestId: 'req_7', verdict, note: 'looked at the log' }],
    });
  });

  it('a review that is refused is answered to its reviewer', async () => {
    await start({
      reviewEmergency: () => ({
        kind: 'refused',
        refusal: { code: 'already-reviewed', sentence: 'Cy has reviewed it.' },
      }),
    });
    await wired.slack.click(DEE, await wired.posted(ACTION.reviewFine), ACTION.reviewFine);
    await wired.slack.submitView(DEE, (await wired.view(DEE)).id, { 'reason-text': 'fine' });
    expect(await wired.answer(DEE)).toBe('Cy has reviewed it.\n_Code:_ `already-reviewed`');
  });

  it('a button that nobody knows is answered', async () => {
    await start();
    const delivery = await wired.slack.click(ANA, await wired.posted('old-button'), 'old-button');
    expect(delivery.ok).toBe(true);
    expect(await wired.answer(ANA)).toBe('This button is from another version of me and does nothing any more.');
  });

  it('a database that is gone is said to the clicker', async () => {
    await start({ vote: () => Promise.reject(new StoreUnavailable('gone', 'no')) });
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve);
    expect(await wired.answer(DEE)).toMatch(/^I cannot use my database right now \(gone\)\. Nothing was changed\./);
  });
});

describe('Deny', () => {
  const open = async () => {
    await wired.slack.click(DEE, await wired.posted(ACTION.deny), ACTION.deny);
    return wired.view(DEE);
  };

  it('asks why first, and votes when that is sent', async () => {
    await start();
    const { id } = await open();
    expect(wired.asked).toEqual([]);
    await wired.slack.submitView(DEE, id, { reason: '  not *today*\nplease  ' });
    const [call] = await wired.calls(1);
    expect(call).toMatchObject({
      useCase: 'vote',
      args: [
        { workspace: 'T0OURS', slack: DEE },
        { requestId: 'req_1', verdict: 'deny', reason: 'not *today*\nplease' },
      ],
    });
    expect(wired.slack.views(DEE)).toEqual([]);
  });

  it.each([
    ['blanks', '   ', /^Write why not/],
    ['control characters', 'a\u0007b', /control characters/],
    ['half a surrogate pair', 'a\ud83d', /control characters/],
  ])('%s are no reason, said beside the input', async (_what, reason, sentence) => {
    await start();
    const { id } = await open();
    await wired.slack.submitView(DEE, id, { reason });
    expect(wired.slack.views(DEE)[0]?.errors.reason).toMatch(sentence);
    await wired.idle();
    expect(wired.asked).toEqual([]);
  });

  it('a refusal reaches the person in the channel of the button', async () => {
    await start({ vote: () => ({ kind: 'refused', refusal: REFUSAL }) });
    const { id } = await open();
    await wired.slack.submitView(DEE, id, { reason: 'no' });
    expect(await wired.answer(DEE)).toContain('_Code:_ `own-request`');
    expect(wired.slack.ephemerals(DEE)[0]?.channel).toBe(CHANNEL);
  });

  it('a form that Slack does not open is said, with what to do', async () => {
    await start();
    wired.slack.failNext('views.open', { error: 'expired_trigger_id' });
    await wired.slack.click(DEE, await wired.posted(ACTION.deny), ACTION.deny);
    expect(await wired.answer(DEE)).toBe('Slack did not open the form (expired-trigger-id). Please press Deny again.');
    expect(wired.errors).toEqual(['views.open expired-trigger-id']);
  });
});
