/**
 * A Slack that answers everything at once and remembers nothing, in a process of its own. The fake Slack of the playground
 * checks what it is sent, which costs more than the product itself takes to send it: under load, on a machine with two
 * processors, that would be measured, too.
 */
import { createServer } from 'node:http';
import { setPriority } from 'node:os';
import { TEAM } from '../support/workspace.js';

// Slack works on other machines: here it takes what the others leave.
setPriority(10);

let posted = 0;

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  request.once('end', () => {
    const method = (request.url ?? '').replace(/^\/api\//, '');
    posted += 1;
    const answers = /** @type {Record<string, object>} */ ({
      'auth.test': { team_id: TEAM, team: 'Bench', user_id: 'U0BOT', bot_id: 'B0BOT' },
      // Each channel has an id of its own: the product paces by it.
      'chat.postMessage': {
        channel: `C0${/(?:^|&)channel=(?:%23)?([^&]*)/.exec(text)?.[1]}`,
        ts: `1700000000.${String(posted).padStart(6, '0')}`,
      },
    });
    const body = JSON.stringify({ ok: true, ...answers[method] });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ ready: true, url: `http://127.0.0.1:${port}/api/` });
});
process.once('disconnect', () => process.exit());
