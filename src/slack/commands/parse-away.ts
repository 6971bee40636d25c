import type { AskedAway } from '../../app/away.ts';

export type AwayCommand =
  | { kind: 'away'; asked?: AskedAway }
  | { kind: 'back' }
  | { kind: 'mistake'; sentence: string };

const EXAMPLE =
  'Say until when and to whom: `/access away until 2026-12-01 delegate @ben`, or `/access away for 3d delegate @ben`.';
const MENTION = /^<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>$/;

/** Reads what stands behind `/access away`: nothing, `off`, or an end and a delegate in either order. */
export function parseAway(text: string): AwayCommand {
  // A name with blanks in it is inside of what Slack makes of it.
  const words = text.match(/<@[^>]*>|\S+/gu) ?? [];
  if (words.length === 0) return { kind: 'away' };
  if (words.length === 1 && words[0]?.toLowerCase() === 'off') return { kind: 'back' };
  const mistake = (sentence: string): AwayCommand => ({ kind: 'mistake', sentence });
  let end: AskedAway['end'] | undefined;
  let delegate: AskedAway['delegate'] | undefined;
  for (let index = 0; index < words.length; index += 2) {
    const [key = '', value = ''] = [words[index]?.toLowerCase(), words[index + 1]];
    if (value === '') return mistake(EXAMPLE);
    if ((key === 'until' || key === 'for') && end === undefined) {
      end = key === 'until' ? { until: value } : { for: value };
    } else if (key === 'delegate' && delegate === undefined) {
      const slack = MENTION.exec(value)?.[1];
      if (slack !== undefined) delegate = { slack };
      // NB. a bare name is not looked up: display names are not unique, and anybody may choose somebody else's.
      else if (/^[^@\s]+@[^@\s]+$/u.test(value)) delegate = { email: value };
      else
        return mistake('Choose the person from the list that Slack shows behind `@`, or write their e-mail address.');
    } else return mistake(EXAMPLE);
  }
  return end && delegate ? { kind: 'away', asked: { end, delegate } } : mistake(EXAMPLE);
}
