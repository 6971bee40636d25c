/** The baseline of the acknowledgements: Bolt's HTTPReceiver and App with one listener that acknowledges, and no more. */
import { App, HTTPReceiver } from '@slack/bolt';
import { freePort } from '../../test/support/postgres-server.js';
import { BOT_TOKEN, SIGNING_SECRET } from '../support/workspace.js';

const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET });
const app = new App({
  receiver,
  authorize: async () => ({ botToken: BOT_TOKEN, botId: 'B0BOT', botUserId: 'U0BOT' }),
  convoStore: false,
  deferInitialization: true,
});
app.command('/access', async ({ ack }) => ack());
await app.init();
const port = await freePort();
await receiver.start({ port, host: '127.0.0.1' });
process.send?.({ ready: true, url: `http://127.0.0.1:${port}/slack/events` });
process.once('disconnect', () => process.exit());
