import type { PolicySet } from '../../app/policy-questions.ts';
import { requestable } from '../../app/policy-questions.ts';
import type { Rendered } from '../blocks.ts';
import { code, oneLine } from '../escape.ts';

const SHOWN = 15;

/** `/access help`: the forms, and what this person may ask for. */
export function helpAnswer(policies: PolicySet, slack: string): Rendered {
  const me = policies.directory.bySlack(slack);
  const mine = me ? requestable(policies, me.email) : [];
  const names = mine.slice(0, SHOWN).map((access) => `• ${code(access.name)} – ${oneLine(access.title)}`);
  if (mine.length > SHOWN) names.push(`• … and ${mine.length - SHOWN} more: \`/access\` lets you search them`);
  return {
    text: [
      '*Latchkey gives access for a while, after somebody approved it.*',
      '`/access` – choose and ask in a form',
      // NB. escaped: Slack reads angle brackets as markup, in code too.
      `${code('/access <name> <duration> <reason…>')} – ask in one line, like \`/access prod-db-read 30m INC-42 slow queries\``,
      `${code('/access <name> <duration> ticket=INC-42 <reason…>')} – where an access asks for more, such as a ticket`,
      `${code('/access why <name> [duration] [reason…]')} – what would happen if you asked, which rule says so, and who would approve`,
      '`/access list` – what you have, with the time left, and what you wait for',
      `${code('/access extend <name> [reason…]')} – keep it for longer, where its policy allows that`,
      `${code('/access emergency <name> [duration] <reason…>')} – have it at once, where its policy allows you that; it is reviewed afterwards`,
      `${code('/access revoke <name>')} – give it back early, or withdraw a request`,
      '`/access away for 3d delegate @ben` – Ben votes for you where policies allow it; `/access away off` ends it',
      names.length > 0
        ? `*You may ask for*\n${names.join('\n')}`
        : '*You may not ask for anything yet.* Ask the people who own the policies.',
    ].join('\n'),
  };
}
