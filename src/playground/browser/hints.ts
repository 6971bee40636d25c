/** What `/` offers in the composer. Pure. */
export interface Hint {
  /** What choosing it puts into the box. */
  fill: string;
  /** The whole usage, as shown. */
  usage: string;
  what: string;
}

export const hints: readonly Hint[] = [
  { fill: '/access ', usage: '/access', what: 'Open the form: which access, how long, why' },
  { fill: '/access ', usage: '/access <name> <duration> <reason…>', what: 'Ask in one line' },
  { fill: '/access list', usage: '/access list', what: 'What I have and what is pending' },
  { fill: '/access why ', usage: '/access why <name>', what: 'What would happen if I asked, and which rule says so' },
  { fill: '/access extend ', usage: '/access extend <name>', what: 'Keep one of mine for longer' },
  {
    fill: '/access emergency ',
    usage: '/access emergency <name> <reason…>',
    what: 'Have it at once, and have it reviewed afterwards',
  },
  { fill: '/access revoke ', usage: '/access revoke <name>', what: 'End one of mine early' },
  {
    fill: '/access away ',
    usage: '/access away for <duration> delegate <@person>',
    what: 'Hand my votes to somebody while I am away',
  },
  { fill: '/access help', usage: '/access help', what: 'Every way to use it' },
];

/** Those that what was typed so far can still become; none once it is more than a beginning. */
export function hintsFor(typed: string): readonly Hint[] {
  const text = typed.trimEnd().toLowerCase();
  if (!text.startsWith('/') || typed.includes('\n')) return [];
  const exact = hints.filter((hint) => hint.usage.startsWith(text) || hint.fill.trimEnd().startsWith(text));
  if (exact.length > 0) return exact.length === 1 && exact[0]?.fill === typed ? [] : exact;
  return [];
}

/** What was sent, newest last, walked with Up and Down as in a shell. Pure but for its own position. */
export function createHistory(limit = 50) {
  const sent: string[] = [];
  let at = 0;
  return {
    add(text: string) {
      if (sent.at(-1) !== text) sent.push(text);
      if (sent.length > limit) sent.shift();
      at = sent.length;
    },
    /** The one before; undefined at the oldest. */
    up: (): string | undefined => (at > 0 ? sent[--at] : undefined),
    /** The one after; '' behind the newest; undefined if already there. */
    down(): string | undefined {
      if (at >= sent.length) return undefined;
      at++;
      return sent[at] ?? '';
    },
    /** Back behind the newest: what is typed now is new. */
    reset() {
      at = sent.length;
    },
  };
}
