import type { Answers, InputValue, Requests, SelectOption } from './browser/wire.ts';
import { cast } from './cast.ts';
import type { ScimDirectory } from './directory/scim-directory.ts';
import type { Pipelines } from './pipelines/pipelines.ts';
import { NotPossible } from './slack/errors.ts';
import type { FakeSlack } from './slack/fake-slack.ts';
import type { Block } from './slack/types.ts';

/** The one thing the playground moves that Slack does not have. */
export interface MovableClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the time on, never back. */
  advance(ms: number): void;
}

type Actions = { [K in keyof Requests]: (request: Requests[K]) => Promise<Answers[K]> };

/**
 * What a person may do on the page, done to the fake Slack (which tells the product as Slack would), the directory, a
 * pipeline or the clock. What the app answers, and that it did not, shows in the workspace; only what cannot be done at all
 * throws.
 */
export function pageActions(
  slack: FakeSlack,
  directory: ScimDirectory,
  pipelines: Pipelines,
  clock: MovableClock,
): Actions {
  const done = { ok: true } as const;
  return {
    async command({ as, channel, text }) {
      await slack.command(as, channel, text);
      return done;
    },
    async click({ as, channel, ts, blockId, actionId, value }) {
      await slack.click(as, { channel, ts }, `${blockId}/${actionId}`, chosen(value));
      return done;
    },
    async 'view-action'({ as, view, blockId, actionId, value, values }) {
      const action = `${blockId}/${actionId}`;
      // Slack sends the state of the whole view along with an action, so what waits in the other inputs goes in first.
      const quiet = quietInputs(slack.views(as).find(({ id }) => id === view)?.blocks ?? []);
      for (const [name, entered] of Object.entries(values)) {
        if (name !== action && quiet.has(name)) await slack.clickInView(as, view, name, entered);
      }
      await slack.clickInView(as, view, action, chosen(value).value);
      return done;
    },
    async 'view-submit'({ as, view, values }) {
      const known = inputs(slack.views(as).find(({ id }) => id === view)?.blocks ?? []);
      // An input that the app took away meanwhile has no say any more.
      await slack.submitView(as, view, Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name))));
      return done;
    },
    async 'view-close'({ as, view }) {
      await slack.closeView(as, view);
      return done;
    },
    async options(request) {
      const { as, blockId, actionId, query } = request;
      const surface = 'view' in request ? request.view : { channel: request.channel, ts: request.ts };
      const options = await slack.options(as, surface, `${blockId}/${actionId}`, query);
      return { ok: true, options: options as SelectOption[] };
    },
    async post({ as, channel, text, thread }) {
      // Slack's own client escapes what people type.
      const escaped = text.replace(/[&<>]/g, (character) => entities[character] ?? character);
      await slack.post(as, channel, escaped, thread === undefined ? {} : { thread_ts: thread });
      return done;
    },
    async clock({ advance }) {
      clock.advance(advance);
      return done;
    },
    async member({ group, email, present }) {
      if (!directory.groups().some(({ name }) => name === group)) throw new NotPossible(`There is no group ${group}.`);
      if (!cast.some((person) => person.email === email)) throw new NotPossible(`There is nobody with ${email}.`);
      directory.setMember(group, email, present);
      return done;
    },
    async pipeline({ as, action, parameters, reason }) {
      const person = cast.find(({ id }) => id === as);
      if (!person) throw new NotPossible(`Nobody here is called "${as}".`);
      pipelines.start({ by: person.realName ?? person.name, action, parameters, reason });
      return done;
    },
    async 'pipeline-cancel'({ run }) {
      pipelines.cancel(run);
      return done;
    },
  };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Buttons carry their own value; everything else carries what was chosen. */
const chosen = (value: InputValue): { value?: Exclude<InputValue, null> } => (value === null ? {} : { value });

const keyOf = (block: Block, element: { action_id?: string }): string => `${block.block_id}/${element.action_id ?? ''}`;

const inputs = (blocks: readonly Block[]): Set<string> =>
  new Set(
    blocks.flatMap((block) => {
      const one = (block.element ?? block.accessory) as { action_id?: string } | undefined;
      const many = (block.elements ?? []) as { action_id?: string }[];
      return [...(one === undefined ? [] : [one]), ...many].map((element) => keyOf(block, element));
    }),
  );

/** The inputs that tell the app nothing until the view is sent. */
const quietInputs = (blocks: readonly Block[]): Set<string> =>
  inputs(blocks.filter((block) => block.type === 'input' && block.dispatch_action !== true));
