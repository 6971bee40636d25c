import { notificationsOf } from '../../../src/playground/slack/mentions.ts';

const section = (type: string, text: string) => ({ type: 'section', text: { type, text } });

describe('who a message notifies', () => {
  it.each([
    ['<!channel> look', ['channel']],
    ['<!here|here> and <!everyone>', ['here', 'everyone']],
    ['ask <@U123> or <@W9|wim>', ['U123', 'W9']],
    ['<!subteam^S1|@dba> please', ['S1']],
    ['<@U1> <@U1>', ['U1']],
    ['`<!channel>` in code', ['channel']],
  ])('%s', (text, expected) => {
    expect(notificationsOf(text, [])).toEqual(expected);
    expect(notificationsOf('', [section('mrkdwn', text)])).toEqual(expected);
  });

  it.each(['&lt;!channel&gt;', '@channel', '<#C1>', '<!date^1^x|y>', '<https://x|@here>', '< !channel>'])(
    'nobody: %s',
    (text) => {
      expect(notificationsOf(text, [section('mrkdwn', text)])).toEqual([]);
    },
  );

  it('nobody from plain_text objects', () => {
    expect(notificationsOf('', [section('plain_text', '<!channel> <@U1>')])).toEqual([]);
  });

  it('finds mentions in fields, context and rich text', () => {
    const blocks = [
      { type: 'section', fields: [{ type: 'mrkdwn', text: '<@U1>' }] },
      { type: 'context', elements: [{ type: 'mrkdwn', text: '<@U2>' }] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: '<!channel>' },
              { type: 'broadcast', range: 'here' },
              { type: 'user', user_id: 'U3' },
              { type: 'usergroup', usergroup_id: 'S1' },
            ],
          },
        ],
      },
    ];
    expect(notificationsOf('', blocks)).toEqual(['U1', 'U2', 'here', 'U3', 'S1']);
  });

  it('counts bare names when the app asks Slack to parse them', () => {
    expect(notificationsOf('@channel and a@here.org', [], { parseNames: true })).toEqual(['channel']);
  });

  it('counts nothing in text that is not mrkdwn', () => {
    expect(notificationsOf('<!channel>', [], { mrkdwn: false })).toEqual([]);
  });
});
