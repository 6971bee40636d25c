import type { AnyMiddlewareArgs, App, Middleware } from '@slack/bolt';
import type { SlackContext } from './context.ts';
import { escaped } from './escape.ts';
import { ACTION, VIEW } from './ids.ts';
import { respondBy } from './respond.ts';

/**
 * Only the installed workspace is served (invariant 10). A signature proves that Slack sent it, not that it is ours: an
 * app can be shared into other workspaces.
 */
export function onlyOurWorkspace(slack: SlackContext): Middleware<AnyMiddlewareArgs> {
  return async (args) => {
    const { body, next } = args;
    const ours = slack.workspace();
    const theirs = teamOf(body);
    if (ours !== undefined && theirs === ours) return next();
    slack.log.warn({ team: theirs }, ours === undefined ? 'refused: not started yet' : 'refused: another workspace');
    const text =
      ours === undefined
        ? 'I am still starting. Nothing was changed; please try again in a minute.'
        : 'This is not the workspace that I serve, so nothing was changed.';
    await turnAway(slack, args, text);
  };
}

/** While `closed` gives a sentence, that is the answer to whatever people do. */
export function unlessClosed(slack: SlackContext, closed: () => string | undefined): Middleware<AnyMiddlewareArgs> {
  return async (args) => {
    const text = closed();
    if (text === undefined) return args.next();
    await turnAway(slack, args, text);
  };
}

async function turnAway(slack: SlackContext, args: AnyMiddlewareArgs, text: string): Promise<void> {
  const { body } = args;
  // NB. a form that just closed would look as if it had been sent.
  const answer = answerTo(body, text);
  if ('ack' in args && typeof args.ack === 'function') await (args.ack as (answer?: object) => Promise<void>)(answer);
  const { response_url: url } = body as { response_url?: string };
  if (url) await respondBy(url, slack.apiUrl, { text }).catch(() => slack.onError('response_url', 'failed'));
}

function teamOf(body: unknown): string | undefined {
  const { team, team_id: id } = body as { team?: { id?: string } | null; team_id?: string };
  return team?.id ?? id;
}

/** What Slack wants in the ack: a search its options, a submitted form its errors, under one of its inputs. */
function answerTo(body: unknown, text: string): object | undefined {
  const { type, view } = body as { type?: string; view?: { blocks?: { type?: string; block_id?: string }[] } };
  if (type === 'block_suggestion') return { options: [] };
  const input = view?.blocks?.find((block) => block.type === 'input')?.block_id;
  if (type !== 'view_submission' || input === undefined) return undefined;
  return { response_action: 'errors', errors: { [input]: text } };
}

/** Whatever has no listener of its own is acknowledged and said: an unknown payload would else hang for 3 s. */
export function acknowledgeTheRest(bolt: App, slack: SlackContext): void {
  const known = new Set<string>(Object.values(ACTION));
  const views = new Set<string>(Object.values(VIEW));
  bolt.command(/^(?!\/access$)/, async ({ ack, command }) => {
    await ack({ response_type: 'ephemeral', text: `I do not know ${escaped(command.command)}. Try \`/access help\`.` });
  });
  bolt.action(/.*/, async ({ ack, body, action }) => {
    if (known.has('action_id' in action ? (action.action_id ?? '') : '')) return;
    await ack();
    const { response_url: url } = body as { response_url?: string };
    if (url) {
      const text = 'This button is from another version of me and does nothing any more.';
      await respondBy(url, slack.apiUrl, { text }).catch(() => slack.onError('response_url', 'failed'));
    }
  });
  bolt.options(/.*/, async ({ ack, payload }) => {
    if (!known.has('action_id' in payload ? payload.action_id : '')) await ack({ options: [] });
  });
  bolt.view(/.*/, async ({ ack, view }) => {
    if (!views.has(view.callback_id)) await ack();
  });
  bolt.shortcut(/.*/, async ({ ack }) => ack());
  bolt.event(/.*/, async () => {});
}
