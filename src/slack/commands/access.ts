import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { refused } from '../answers.ts';
import type { Rendered } from '../blocks.ts';
import type { SlackContext } from '../context.ts';
import { code, typed, unescaped } from '../escape.ts';
import { handle } from '../handle.ts';
import { respondBy } from '../respond.ts';
import { openRequestModal } from '../views/request-modal.ts';
import { askedAnswer } from './asked.ts';
import { awayAnswer, backAnswer, handedAnswer } from './away.ts';
import { readAsked } from './fields.ts';
import { helpAnswer } from './help.ts';
import { listAnswer } from './list.ts';
import { parseAccess } from './parse.ts';
import { whyAnswer } from './why.ts';

/** `/access …`: acknowledged at once, answered afterwards, only to the person who typed it. */
export function accessCommand(slack: SlackContext): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command }) => {
    await ack();
    const respond = (answer: Rendered) => respondBy(command.response_url, slack.apiUrl, answer);
    const caller = { workspace: command.team_id, slack: command.user_id, interaction: command.trigger_id };
    await handle(slack, '/access', respond, async () => {
      const parsed = parseAccess(wordsOf(command.text ?? ''));
      switch (parsed.kind) {
        case 'modal':
          return openRequestModal(slack, { ...caller, channel: command.channel_id }, parsed.access);
        case 'request': {
          const { access, duration, reason } = parsed;
          const asked = { access, ...readAsked(fieldNames(slack, access), { duration, reason }) };
          return askedAnswer(await slack.app.requestAccess(caller, asked));
        }
        case 'why': {
          const { access } = parsed;
          const asked = { access, ...readAsked(fieldNames(slack, access), parsed) };
          return whyAnswer(await slack.app.explainAccess(caller, asked));
        }
        case 'away':
          return parsed.asked
            ? handedAnswer(await slack.app.handOver(caller, parsed.asked))
            : awayAnswer(await slack.app.showAway(caller));
        case 'back':
          return backAnswer(await slack.app.comeBack(caller));
        case 'list':
          return listAnswer(await slack.app.listMine(caller), slack.app.now());
        case 'revoke': {
          const ended = await slack.app.endOwn(caller, parsed.access);
          if (ended.kind === 'replayed') return undefined;
          if (ended.kind === 'refused') return refused(ended.refusal);
          return { text: endedText(parsed.access, ended) };
        }
        case 'emergency': {
          const { access } = parsed;
          const asked = { access, ...readAsked(fieldNames(slack, access), parsed) };
          return askedAnswer(await slack.app.takeEmergency(caller, asked));
        }
        case 'extend': {
          const { access, reason } = parsed;
          return askedAnswer(await slack.app.extendGrant(caller, { access, reason }));
        }
        case 'help':
          return helpAnswer(slack.app.policies(), command.user_id);
        case 'mistake':
          return { text: parsed.sentence };
      }
    });
  };
}

const fieldNames = (slack: SlackContext, access: string): string[] =>
  slack.app
    .policies()
    .accesses.get(access)
    ?.fields.map(({ name }) => name) ?? [];

/** Only `away` means a person by their mention; everywhere else it is a word of a reason. */
const wordsOf = (text: string): string => (/^\s*away\b/i.test(text) ? unescaped(text) : typed(text));

function endedText(access: string, { ended = 0, withdrawn = 0 }: { ended?: number; withdrawn?: number }): string {
  const parts = [
    ...(ended > 0 ? [`Taking ${code(access)} away now; I tell you when it is seen gone.`] : []),
    ...(withdrawn > 0 ? [`Your request for ${code(access)} is withdrawn.`] : []),
  ];
  return parts.join(' ');
}
