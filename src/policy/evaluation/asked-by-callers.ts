import type { ActionPolicy, CallerPolicy } from '../policy-set.ts';
import { listed, NAMED, principalsText } from './listed.ts';

/** For a person who asks for an action: what it is, who does ask for it, and who then approves. */
export function askedByCallers({ name, callers, flows }: ActionPolicy): string {
  const who = callers.length === 0 ? 'its policy names no callers' : firstOf(callers.map(callerText));
  const ways = flows.map(({ autoApprove, steps }) =>
    autoApprove
      ? 'the policy itself'
      : steps.map(({ need, approvers }) => `${need} of ${principalsText(approvers, 'or')}`).join(', then '),
  );
  const how = ways.length === 0 ? '' : ` It is approved by ${firstOf([...new Set(ways)], 'or else by')}.`;
  return `\`${name}\` is an action, which pipelines and agents ask for, not people: ${who}.${how}`;
}

const callerText = (caller: CallerPolicy): string => {
  if (caller.kind === 'api-key') return `api-key:${caller.name}`;
  const claims = Object.entries(caller.claims).map(([name, values]) => `${name} ${firstOf(values)}`);
  return `a token of ${caller.issuer} with ${listed(claims, 'and')}`;
};

/** `a, b or c`, and of too many how many more. */
const firstOf = (items: readonly string[], word = 'or'): string =>
  items.length <= NAMED
    ? [items.slice(0, -1).join(', '), ...items.slice(-1)].filter((part) => part !== '').join(` ${word} `)
    : `${items.slice(0, NAMED).join(', ')} and ${items.length - NAMED} more`;
