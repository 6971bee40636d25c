import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { SlackDirectory } from '../app/ports/live-sources.ts';
import type { Log } from '../app/ports/log.ts';
import type { UseCases } from '../app/use-cases.ts';
import { approveClicked } from './actions/approve.ts';
import { modalChoice } from './actions/choose.ts';
import { denyClicked } from './actions/deny.ts';
import { endNowClicked } from './actions/end-now.ts';
import { extendClicked } from './actions/extend.ts';
import { reviewClicked } from './actions/review.ts';
import { createClients } from './clients.ts';
import { accessCommand } from './commands/access.ts';
import type { SlackContext } from './context.ts';
import { usergroupChanged } from './events/usergroup-changed.ts';
import { ACTION, VIEW } from './ids.ts';
import { InFlight } from './in-flight.ts';
import { slackLogger } from './logger.ts';
import { SlackMessenger } from './messenger.ts';
import { acknowledgeTheRest, onlyOurWorkspace, unlessClosed } from './middleware.ts';
import { accessOptions } from './options/access-options.ts';
import { WebApiDirectory } from './slack-directory.ts';
import { messengerError } from './slack-error.ts';
import { denySubmitted } from './views/deny-modal.ts';
import { requestSubmitted } from './views/request-submitted.ts';
import { reviewSubmitted } from './views/review-modal.ts';
import { findWorkspace, type Workspace } from './workspace.ts';

export interface SlackSettings {
  botToken: string;
  apiUrl: string;
  /** HTTP mode: signs what Slack posts to us. */
  signingSecret?: string;
  /** Socket Mode instead. */
  appToken?: string;
}

/** How long a start waits for the first connection in Socket Mode, so that a wrong token is told at once. */
const CONNECT_PATIENCE_MS = 5_000;

interface Options {
  settings: SlackSettings;
  log: Log;
  onError(method: string, code: string): void;
  /** While it gives a sentence, that is the answer to everything. */
  closed?(): string | undefined;
  onUsergroupChanged?(id: string): void;
}

/** Slack at both ends: what people do arrives here, what the outbox says leaves by the messenger. */
export class SlackApp {
  readonly messenger: SlackMessenger;
  readonly directory: SlackDirectory;
  /** For `POST /slack/events`; undefined in Socket Mode. */
  readonly requestListener: RequestListener | undefined;
  readonly #context: Omit<SlackContext, 'app'>;
  readonly #receivers: readonly Receiver[];
  readonly #settings: SlackSettings;
  readonly #log: Log;
  readonly #apps: App[] = [];
  #workspace: Workspace | undefined;
  readonly #inFlight = new InFlight();
  readonly #closed: () => string | undefined;

  constructor({ settings, log, onError, closed = () => undefined, onUsergroupChanged = () => {} }: Options) {
    this.#settings = settings;
    this.#log = log;
    this.#closed = closed;
    const clients = createClients({ token: settings.botToken, apiUrl: settings.apiUrl, logger: slackLogger(log) });
    this.messenger = new SlackMessenger({ client: clients.outbox, onError });
    this.directory = new WebApiDirectory({ client: clients.outbox, onError, workspace: () => this.#workspace?.id });
    this.#context = {
      people: clients.people,
      apiUrl: settings.apiUrl,
      workspace: () => this.#workspace?.id,
      inFlight: this.#inFlight,
      log,
      onError,
      onUsergroupChanged,
    };
    const { receivers, requestListener } = createReceivers(settings, log);
    this.#receivers = receivers;
    this.requestListener = requestListener;
  }

  /**
   * Asks Slack which workspace the token belongs to. Until it is known, everything that arrives is answered with
   * "starting", since a click of another workspace could not be told from one of ours.
   * @throws MessengerError `give-up` when the token is refused, `retry` when Slack cannot be reached.
   */
  async identify(): Promise<Workspace> {
    this.#workspace = await findWorkspace(this.#context.people);
    return this.#workspace;
  }

  /** Whether Slack told us who we are: part of readiness. */
  get identified(): boolean {
    return this.#workspace !== undefined;
  }

  /**
   * Registers the listeners and, in Socket Mode, connects. A Slack that does not answer is not waited for: what is due
   * must end on time, so it is tried again in the background.
   * @throws MessengerError when Slack refuses the app-level token.
   */
  async start(app: UseCases): Promise<void> {
    const context: SlackContext = { ...this.#context, app };
    for (const receiver of this.#receivers) {
      const bolt = createBolt(receiver, this.#settings, this.#log, () => this.#workspace);
      bolt.use(onlyOurWorkspace(context));
      bolt.use(unlessClosed(context, this.#closed));
      register(bolt, context);
      await bolt.init();
      this.#apps.push(bolt);
    }
    if (this.#settings.appToken !== undefined) await this.#connect();
  }

  async #connect(): Promise<void> {
    const refused = (error: unknown): never => {
      const known = messengerError('apps.connections.open', error);
      this.#log.error({ code: known.code }, known.message);
      throw known;
    };
    const connected = Promise.all(this.#apps.map((bolt) => bolt.start())).then(() => undefined, refused);
    connected.catch(() => {}); // Whoever waits below has heard of it; later, the log has.
    const patience = new AbortController();
    const over = sleep(CONNECT_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {});
    try {
      await Promise.race([connected, over]);
    } finally {
      patience.abort();
    }
  }

  /** Takes no more (Socket Mode), and waits for the work behind the acks that were given. */
  async stop(): Promise<void> {
    if (this.#settings.appToken !== undefined) await Promise.all(this.#apps.map((bolt) => bolt.stop()));
    await this.#inFlight.idle();
  }
}

function createReceivers(
  { signingSecret, appToken, apiUrl }: SlackSettings,
  log: Log,
): { receivers: Receiver[]; requestListener?: RequestListener } {
  const logger = slackLogger(log);
  if (appToken !== undefined) {
    // Two connections: a single one is deaf for seconds each time Slack renews it.
    const connection = () =>
      new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions: socketOptions(apiUrl) } });
    return { receivers: [connection(), connection()] };
  }
  if (signingSecret === undefined) throw new Error('HTTP mode needs a signing secret');
  const receiver = new HTTPReceiver({ signingSecret, logger, unhandledRequestTimeoutMillis: 2_900 });
  return { receivers: [receiver], requestListener: receiver.requestListener };
}

/**
 * How a connection is asked for: for as long as it takes, and holding up no stop.
 * NB. a fresh object for each receiver: the SDK writes into it.
 */
const socketOptions = (slackApiUrl: string) => ({
  slackApiUrl,
  timeout: 10_000,
  retryConfig: { retries: 20, forever: true, factor: 1.3, minTimeout: 1_000, maxTimeout: 30_000, unref: true },
});

function createBolt(
  receiver: Receiver,
  settings: SlackSettings,
  log: Log,
  workspace: () => Workspace | undefined,
): App {
  return new App({
    receiver,
    logger: slackLogger(log),
    // NB. an own `authorize` with what we know: Bolt's default asks Slack on every request when it has no ids.
    authorize: async () => ({
      botToken: settings.botToken,
      ...(workspace() === undefined
        ? {}
        : { botId: workspace()?.botId ?? '', botUserId: workspace()?.botUserId ?? '' }),
    }),
    clientOptions: { slackApiUrl: settings.apiUrl, retryConfig: { retries: 0 } },
    convoStore: false,
    deferInitialization: true,
  });
}

function register(bolt: App, context: SlackContext): void {
  bolt.command('/access', accessCommand(context));
  bolt.action(ACTION.approve, approveClicked(context));
  bolt.action(ACTION.deny, denyClicked(context));
  bolt.action(ACTION.endNow, endNowClicked(context));
  bolt.action(ACTION.extend, extendClicked(context));
  bolt.action(ACTION.reviewFine, reviewClicked(context, 'fine'));
  bolt.action(ACTION.reviewNotJustified, reviewClicked(context, 'not-justified'));
  bolt.action(ACTION.chooseAccess, modalChoice(context));
  bolt.action(ACTION.chooseDuration, modalChoice(context));
  bolt.options(ACTION.chooseAccess, accessOptions(context));
  bolt.view(VIEW.request, requestSubmitted(context));
  bolt.view(VIEW.deny, denySubmitted(context));
  bolt.view(VIEW.review, reviewSubmitted(context));
  bolt.event('subteam_members_changed', usergroupChanged(context));
  acknowledgeTheRest(bolt, context);
  bolt.error(async (error) => context.log.error({ err: error }, 'a Slack payload could not be handled'));
}
