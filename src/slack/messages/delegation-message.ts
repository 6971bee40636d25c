import type { Message } from '../../app/messages.ts';
import type { Rendered } from '../blocks.ts';
import { mention, when } from '../words.ts';

/** What the two people of a delegation are told. */
export function delegationMessage(message: Extract<Message, { kind: 'delegation' }>): Rendered {
  const [delegator, delegate] = [mention(message.delegator.slack), mention(message.delegate.slack)];
  const until = when(message.until);
  switch (message.news) {
    case 'handed':
      return {
        text: `Until ${until}, ${delegate} votes for you where the policies allow it. You can still vote yourself. \`/access away off\` ends it.`,
      };
    case 'received':
      return {
        text: `${delegator} is away and has handed you their votes until ${until}. Where the policies allow it, and you may not vote yourself, your Approve or Deny counts as theirs; it is recorded as yours, for them.`,
      };
    case 'returned':
      return {
        text: `${delegate} does not vote for you any more: the time until which you had handed over your votes is over. Are you still away? \`/access away\` hands them over again.`,
      };
    case 'over':
      return { text: `${delegator} votes for themselves again, so you do not vote for them any more.` };
  }
}
