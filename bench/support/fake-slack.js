import { built } from './built.js';
import { APPROVER, BOT_TOKEN, channelOf, emailOf, SIGNING_SECRET, slackOf, TEAM } from './workspace.js';

/**
 * The playground's Slack with the workspace of the benchmarks in it, in this process: for what is measured on an idle
 * system, where its own work does no harm.
 *
 * @param {{ people: number, channels: number }} size
 */
export async function startFakeSlack({ people, channels }) {
  /** @type {typeof import('../../src/playground/slack/fake-slack.ts')} */
  const { FakeSlack } = await built('playground/slack/fake-slack.js');
  const persons = [
    { id: APPROVER.slack, email: APPROVER.email },
    ...Array.from({ length: people }, (_, index) => ({ id: slackOf(index), email: emailOf(index) })),
  ];
  const members = persons.map(({ id }) => id);
  const slack = new FakeSlack({
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    team: { id: TEAM, domain: 'bench' },
    users: persons.map(({ id, email }) => ({ id, email, name: id.toLowerCase(), realName: id })),
    channels: [
      { id: 'C0GENERAL', name: 'general', members },
      ...Array.from({ length: channels }, (_, index) => ({ id: `C0ASK${index}`, name: channelOf(index), members })),
    ],
    commands: ['/access'],
    enforceRateLimits: false,
  });
  const { url } = await slack.start();
  return { slack, url };
}
