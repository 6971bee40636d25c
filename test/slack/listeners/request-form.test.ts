import { ACTION } from '../../../src/slack/ids.ts';
import { aRequest } from '../../support/samples.ts';
import { changed, usual } from '../../support/world.ts';
import { ANA, CHANNEL, Wired } from '../support/wired.ts';

let wired: Wired;
const start = async (...as: Parameters<typeof Wired.start>) => {
  wired = await Wired.start(...as);
};
afterEach(() => wired.stop());

describe('the request modal', () => {
  const open = async (line = '/access read', channel = CHANNEL) => {
    await wired.slack.command(ANA, channel, line);
    return wired.view(ANA);
  };

  it('searches what this person may ask for', async () => {
    await start();
    const { id } = await open('/access');
    const names = async (query: string) =>
      (await wired.slack.options(ANA, id, ACTION.chooseAccess, query)).map(({ value }) => value);
    expect(await names('')).toEqual(['auto', 'both', 'direct', 'read', 'write']);
    expect(await names('rea')).toEqual(['read']);
    expect(await names('nothing like it')).toEqual([]);
  });

  it('offers nothing to somebody who may ask for nothing', async () => {
    await start();
    await wired.slack.command('U0GUS', CHANNEL, '/access');
    const { id } = await wired.view('U0GUS');
    expect(await wired.slack.options('U0GUS', id, ACTION.chooseAccess, '')).toEqual([]);
  });

  it('shows limits and approvers of what is chosen, and asks for it', async () => {
    await start({ requestAccess: () => ({ kind: 'opened', request: aRequest({ access: 'write' }) }) });
    const { id } = await open('/access');
    await wired.slack.options(ANA, id, ACTION.chooseAccess, 'write');
    await wired.slack.clickInView(ANA, id, ACTION.chooseAccess, 'write');
    await wired.slack.waitFor(() =>
      wired.slack.views(ANA)[0]?.blocks.some(({ block_id }) => block_id === 'duration:write'),
    );
    expect(JSON.stringify(await wired.view(ANA))).toContain('1. 2 of group `dba` (<@U0CY>, <@U0DEE> and <@U0ELI>)');
    await wired.slack.submitView(ANA, id, { [ACTION.chooseDuration]: '2h', reason: 'INC-42' });
    expect(await wired.answer(ANA)).toMatch(/^Asked in <#C0APPROVALS>: `write`/);
    expect(wired.asked[0]).toMatchObject({
      useCase: 'requestAccess',
      args: [
        { workspace: 'T0OURS', slack: ANA },
        { access: 'write', duration: '2h', reason: 'INC-42' },
      ],
    });
    expect(wired.slack.views(ANA)).toEqual([]);
  });

  it('everything that is wrong is said at once, each beside its input', async () => {
    const fields = {
      ticket: { label: 'Ticket', pattern: '^INC-\\d+$', required: true },
      note: { label: 'Note', pattern: '^[a-z]+$' },
    };
    await start({}, { world: changed(usual, { read: { fields, reason: { required: true, min_length: 20 } } }) });
    const { id } = await open();
    const typed = { reason: 'twenty blanks                     ', 'field:read:ticket': 'x', 'field:read:note': 'a' };
    await wired.slack.submitView(ANA, id, typed);
    expect(wired.slack.views(ANA)[0]?.errors).toEqual({
      reason: expect.stringMatching(/20/),
      'field:read:ticket': expect.stringMatching(/^Ticket \(ticket\) does not have the form/),
    });
  });

  it('what the policies refuse is said beside the input, and recorded', async () => {
    await start({}, { world: changed(usual, { read: { reason: { required: true, min_length: 20 } } }) });
    const { id } = await open();
    await wired.slack.submitView(ANA, id, { reason: 'twenty blanks                     ' });
    expect(wired.slack.views(ANA)[0]?.errors.reason).toMatch(/20/);
    await wired.calls(1);
    await wired.idle();
    expect(wired.slack.ephemerals(ANA)).toEqual([]);
  });

  it('where the bot is not, the answer comes as a direct message', async () => {
    await start({ requestAccess: () => ({ kind: 'opened', request: aRequest({ access: 'read' }) }) });
    const { id } = await open('/access read', 'C0ELSE');
    await wired.slack.submitView(ANA, id, { reason: 'INC-42' });
    const [message] = await wired.slack.waitFor(() => {
      const all = wired.slack.directMessages(ANA);
      return all.length > 0 && all;
    });
    expect(message?.text).toMatch(/^Asked in/);
  });

  it('a choice that was overtaken by another changes nothing and is counted', async () => {
    await start();
    const { id } = await open();
    wired.slack.failNext('views.update', { error: 'hash_conflict' });
    const delivery = await wired.slack.clickInView(ANA, id, ACTION.chooseDuration, '2h');
    expect(delivery.ok).toBe(true);
    await wired.idle();
    expect(wired.errors).toEqual(['views.update hash-conflict']);
    expect(wired.slack.ephemerals(ANA)).toEqual([]);
  });

  it('a form that Slack does not open is said, with the way without it', async () => {
    await start();
    wired.slack.failNext('views.open', { status: 500 });
    await wired.slack.command(ANA, CHANNEL, '/access read');
    expect(await wired.answer(ANA)).toMatch(
      /^Slack did not open the form \(http-500\)\. Ask in one line instead: `\/access &lt;name&gt; /,
    );
  });
});
