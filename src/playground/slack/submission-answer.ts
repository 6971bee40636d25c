import { isObject } from './block-kit/checks.ts';
import { SlackError } from './errors.ts';
import type { Modals } from './modals.ts';
import type { FakeView } from './types.ts';

/** Slack cannot use the app's answer; the person sees only that there was trouble. */
class Refused extends Error {
  override readonly name = 'Refused';
}

const parse = (body: string): Record<string, unknown> => {
  try {
    const answer: unknown = body === '' ? {} : JSON.parse(body);
    if (isObject(answer)) return answer;
  } catch {
    throw new Refused('not JSON');
  }
  throw new Refused('not an object');
};

const inputErrors = (view: FakeView, errors: unknown): Record<string, string> => {
  const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
  const right =
    isObject(errors) &&
    Object.keys(errors).length > 0 &&
    Object.entries(errors).every(([id, text]) => inputs.includes(id) && typeof text === 'string' && text !== '');
  // NB. An error under a block that is no input is shown nowhere, so the person would never learn of it.
  if (!right) throw new Refused(`errors must name input blocks (${inputs.join(', ') || 'none'})`);
  return { ...(errors as Record<string, string>) };
};

const apply = (modals: Modals, view: FakeView, answer: Record<string, unknown>): void => {
  switch (answer.response_action) {
    case undefined:
      modals.close(view);
      break;
    case 'clear':
      modals.clear(view.user);
      break;
    case 'update':
      modals.update({ id: view.id }, modals.check(answer.view, 'modal'));
      break;
    case 'push':
      modals.push(view.user, modals.check(answer.view, 'modal'));
      break;
    case 'errors':
      view.errors = inputErrors(view, answer.errors);
      break;
    default:
      throw new Refused(`response_action ${String(answer.response_action)}`);
  }
};

/** Does what the answer to a `view_submission` says. Returns why Slack would not, or undefined when it did. */
export const applySubmissionAnswer = (modals: Modals, view: FakeView, body: string): string | undefined => {
  try {
    apply(modals, view, parse(body));
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return `Slack refuses the answer: ${error.message}`;
    if (error instanceof SlackError) {
      return `Slack refuses the answer: ${error.code} ${JSON.stringify(error.details.errors ?? '')}`;
    }
    throw error;
  }
};
