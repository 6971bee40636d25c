import type { SlackContext } from '../context.ts';
import type { Respond } from '../respond.ts';

/** Answers one person where they were; in their direct messages when we are not in that channel. */
export function answerIn(slack: SlackContext, channel: string | undefined, user: string): Respond {
  return async ({ text, blocks }) => {
    const content = blocks ? { text, blocks } : { text };
    try {
      if (channel === undefined) throw new Error('no channel');
      await slack.people.chat.postEphemeral({ channel, user, ...content });
    } catch {
      await slack.people.chat.postMessage({ channel: user, ...content });
    }
  };
}
