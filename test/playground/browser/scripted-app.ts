import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Requests } from '../../../src/playground/browser/wire.ts';
import { type Playground, startPlayground } from '../../../src/playground/playground.ts';
import { buildPage } from '../../support/page-build.ts';

/**
 * A tiny app that answers as Latchkey would look, but decides nothing: it checks no signature and keeps no state. With it
 * the page is tested for itself. The product behind the same page is tested in newcomer.test.ts.
 */
export interface ScriptedApp {
  url: string;
  playground: Playground;
  clock: { now(): number; advance(ms: number): void };
  /** The values of the last view that was sent and accepted. */
  submitted: Record<string, Record<string, Record<string, unknown>>>[];
  /** Queries of the options loading, in the order of their arrival. */
  queries: string[];
  /** Calls the Web API as the app. Throws when Slack says no. */
  api(method: string, body: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Does what the page could, without a page: `act('clock', { advance: 60_000 })`. */
  act<K extends keyof Requests>(what: K, body: Requests[K]): Promise<void>;
  stop(): Promise<void>;
}

/** A Tuesday, so that pictures and texts are the same every time. */
const start = Date.parse('2026-03-03T14:05:09Z');
/** The clock goes no further by itself: texts show minutes, and on a busy machine a test may take longer than one. */
const BY_ITSELF_MS = 45_000;

export async function startScriptedApp(): Promise<ScriptedApp> {
  await buildPage();
  const begun = performance.now();
  let moved = 0;
  const clock = {
    now: () => start + Math.floor(Math.min(performance.now() - begun, BY_ITSELF_MS)) + moved,
    advance(ms: number) {
      moved += ms;
    },
  };
  const playground = await startPlayground({ clock, log: (line) => console.error(line) });
  const { environment } = playground;
  const submitted: ScriptedApp['submitted'] = [];
  const queries: string[] = [];

  const api: ScriptedApp['api'] = async (method, body) => {
    const response = await fetch(`${environment.SLACK_API_URL}${method}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: `Bearer ${environment.SLACK_BOT_TOKEN}`,
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (answer.ok !== true) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const pending = new Set<Promise<unknown>>();
  const later = (work: Promise<unknown>) => {
    const kept = work.catch((error: unknown) => console.error(error)).finally(() => pending.delete(kept));
    pending.add(kept);
  };
  const answers = createAnswers({ api, later, submitted, queries, now: clock.now });

  const server = createServer((request, response) => {
    void (async () => {
      if (await playground.handler(request, response)) return;
      if (request.url === '/slack/events') return answers(new URLSearchParams(await text(request)), response);
      response.writeHead(404).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  playground.setRequestUrl(`${url}/slack/events`);
  return {
    url,
    playground,
    clock,
    submitted,
    queries,
    api,
    async act(what, body) {
      const response = await fetch(`${url}/playground/${what}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${what}: ${await response.text()}`);
    },
    async stop() {
      await Promise.all(pending);
      await playground.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

interface Payload {
  type: string;
  user: { id: string };
  trigger_id: string;
  value: string;
  actions: { action_id: string; value?: string; selected_option?: { value: string } }[];
  message: { ts: string; text: string };
  channel: { id: string };
  view: { id: string; hash: string; state: { values: Record<string, Record<string, Record<string, unknown>>> } };
}

const plain = (words: string) => ({ type: 'plain_text', text: words });
const mrkdwn = (words: string) => ({ type: 'mrkdwn', text: words });

interface Tools {
  api: ScriptedApp['api'];
  later(work: Promise<unknown>): void;
  submitted: ScriptedApp['submitted'];
  queries: string[];
  now(): number;
}

function createAnswers({ api, later, submitted, queries, now }: Tools) {
  return (form: URLSearchParams, response: ServerResponse) => {
    const json = (body?: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    if (form.has('command')) {
      command(form, json);
      return;
    }
    const payload = JSON.parse(form.get('payload') ?? '{}') as Payload;
    if (payload.type === 'block_suggestion') {
      suggest(payload, json);
      return;
    }
    if (payload.type === 'view_submission') {
      submission(payload, json);
      return;
    }
    json();
    if (payload.type === 'block_actions') later(action(payload));
  };

  function command(form: URLSearchParams, json: (body?: unknown) => void): void {
    const user = form.get('user_id') ?? '';
    const words = form.get('text') ?? '';
    if (words === '') {
      json();
      later(api('views.open', { trigger_id: form.get('trigger_id'), view: accessView() }));
    } else if (words.startsWith('list')) {
      json({ response_type: 'ephemeral', text: 'You have *nothing* at the moment, and nothing is pending.' });
    } else {
      const [access = '', duration = '', ...reason] = words.split(' ');
      json({
        response_type: 'ephemeral',
        text: `Your request for *${access}* is with #db-access. <@U01DEE> or <@U01CY> may approve it.`,
      });
      later(
        api('chat.postMessage', { channel: 'C02DBACCESS', ...card(user, access, duration, reason.join(' '), now()) }),
      );
    }
  }

  function suggest(payload: Payload, json: (body?: unknown) => void): void {
    queries.push(payload.value);
    const found = accesses.filter(([name, title]) =>
      `${name} ${title}`.toLowerCase().includes(payload.value.toLowerCase()),
    );
    json({ options: found.map(([name, title]) => ({ text: plain(title), description: plain(name), value: name })) });
  }

  function submission(payload: Payload, json: (body?: unknown) => void): void {
    const { values } = payload.view.state;
    const reason = String(values.reason?.reason?.value ?? '');
    if (reason.length < 10) {
      json({ response_action: 'errors', errors: { reason: 'At least 10 characters: say what you will do.' } });
      return;
    }
    submitted.push(values);
    json();
    const option = (block: string) =>
      String((values[block]?.[block]?.selected_option as { value?: string } | undefined)?.value ?? '');
    later(
      api('chat.postMessage', {
        channel: 'C02DBACCESS',
        ...card(payload.user.id, option('access'), option('duration'), reason, now()),
      }),
    );
  }

  async function action(payload: Payload): Promise<void> {
    const [first] = payload.actions;
    if (first?.action_id === 'access') {
      const view = accessView(first.selected_option?.value);
      await api('views.update', { view_id: payload.view.id, hash: payload.view.hash, view });
    } else if (first?.action_id === 'approve') {
      const { ts } = payload.message;
      const channel = payload.channel.id;
      await api('chat.update', { channel, ts, ...decided(payload.message.text, payload.user.id) });
      const end = Math.floor(now() / 1000) + 1800;
      await api('chat.postMessage', {
        channel,
        thread_ts: ts,
        text: `Granted. <@U01ANA> is in \`prod-db-readers\` until ${date(end)}; seen in the directory just now.`,
      });
      await api('chat.postMessage', {
        channel: 'U01ANA',
        text: `You have *prod-db-read* until ${date(end)}.`,
        blocks: [
          { type: 'section', text: mrkdwn(`:key: You have *prod-db-read* until ${date(end)}.`) },
          {
            type: 'actions',
            block_id: 'grant',
            elements: [
              {
                type: 'button',
                action_id: 'end',
                text: plain('End now'),
                style: 'danger',
                value: 'g1',
                confirm: {
                  title: plain('End it now?'),
                  text: mrkdwn('You lose *prod-db-read* at once.'),
                  confirm: plain('End it'),
                  deny: plain('Keep it'),
                },
              },
            ],
          },
        ],
      });
    } else if (first?.action_id === 'end') {
      await api('chat.update', { channel: payload.channel.id, ts: payload.message.ts, text: 'Ended.', blocks: [] });
    }
  }
}

const accesses: readonly (readonly [string, string])[] = [
  ['prod-db-read', 'Production database, read'],
  ['prod-db-write', 'Production database, write'],
  ['staging-admin', 'Staging administration'],
  ['customer-export', 'Customer data export'],
];

const date = (seconds: number) =>
  `<!date^${seconds}^{date_short_pretty} at {time}|${new Date(seconds * 1000).toISOString()}>`;

function accessView(chosen?: string) {
  return {
    type: 'modal',
    callback_id: 'access',
    title: plain('Ask for access'),
    submit: plain('Send request'),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: 'access',
        dispatch_action: true,
        label: plain('Access'),
        element: {
          type: 'external_select',
          action_id: 'access',
          min_query_length: 0,
          placeholder: plain('Search by name'),
        },
      },
      {
        type: 'input',
        block_id: 'duration',
        label: plain('For how long'),
        element: {
          type: 'static_select',
          action_id: 'duration',
          initial_option: { text: plain('30 minutes'), value: '30m' },
          options: [
            { text: plain('15 minutes'), value: '15m' },
            { text: plain('30 minutes'), value: '30m' },
            { text: plain('1 hour'), value: '1h' },
          ],
        },
      },
      {
        type: 'input',
        block_id: 'reason',
        label: plain('Reason'),
        hint: plain('Approvers read this. A ticket helps.'),
        element: { type: 'plain_text_input', action_id: 'reason', multiline: true },
      },
      {
        type: 'input',
        block_id: 'urgency',
        optional: true,
        label: plain('Urgency'),
        element: {
          type: 'radio_buttons',
          action_id: 'urgency',
          options: [
            { text: plain('Today is fine'), value: 'today' },
            {
              text: plain('Now, something is broken'),
              value: 'now',
              description: plain('Approvers are reminded sooner'),
            },
          ],
        },
      },
      {
        type: 'context',
        block_id: 'asked',
        elements: [
          mrkdwn(
            chosen === undefined
              ? 'Choose an access to see who will be asked.'
              : `*${chosen}*: <@U01DEE> or <@U01CY> will be asked in <#C02DBACCESS>.`,
          ),
        ],
      },
    ],
  };
}

const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function card(user: string, access: string, duration: string, reason: string, now: number) {
  const lapse = Math.floor(now / 1000) + 8 * 3600;
  const sentence = `<@${user}> asks for ${access} for ${duration}: ${reason}`;
  return {
    text: sentence,
    blocks: [
      { type: 'section', text: mrkdwn(`<@${user}> asks for *${access}* for *${duration}*`) },
      {
        type: 'section',
        fields: [
          mrkdwn(`*Why*\n${reason}`),
          mrkdwn('*What changes*\nMember of `prod-db-readers` in the directory'),
          mrkdwn('*Who may approve*\n<@U01DEE>, <@U01CY>'),
          mrkdwn(`*Lapses*\n${date(lapse)}`),
        ],
      },
      {
        type: 'actions',
        block_id: 'vote',
        elements: [
          { type: 'button', action_id: 'approve', text: plain('Approve'), style: 'primary', value: 'req_1' },
          { type: 'button', action_id: 'deny', text: plain('Deny'), style: 'danger', value: 'req_1' },
        ],
      },
      { type: 'context', elements: [mrkdwn('Rule *normal*, step 1 of 1 · nobody approves their own request')] },
    ],
  };
}

const decided = (sentence: string, by: string) => ({
  text: `Approved: ${sentence}`,
  blocks: [
    { type: 'section', text: mrkdwn(sentence) },
    { type: 'context', elements: [mrkdwn(`:white_check_mark: Approved by <@${by}> · ${escaped('1 of 1')}`)] },
  ],
});
