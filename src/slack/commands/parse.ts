import { type AwayCommand, parseAway } from './parse-away.ts';

/** What somebody typed after `/access`. */
export type AccessCommand =
  | { kind: 'modal'; access?: string }
  /** `reason` with the fields in front of it: which words are fields is for the policies to say. */
  | { kind: 'request'; access: string; duration: string; reason: string }
  | { kind: 'why'; access: string; duration?: string; reason: string }
  | { kind: 'list' }
  | AwayCommand
  | { kind: 'revoke'; access: string }
  | { kind: 'extend'; access: string; reason: string }
  | { kind: 'emergency'; access: string; duration?: string; reason: string }
  | { kind: 'help' }
  | { kind: 'mistake'; sentence: string };

/** Reads the text of `/access`. A name alone opens the modal with it; what cannot be meant is said, never guessed. */
export function parseAccess(text: string): AccessCommand {
  const words = text.trim();
  if (words === '') return { kind: 'modal' };
  const [first = '', rest = ''] = split(words);
  switch (first.toLowerCase()) {
    case 'help':
      return { kind: 'help' };
    case 'list':
      return { kind: 'list' };
    case 'away':
      return parseAway(rest);
    case 'why':
      return why(rest);
    case 'emergency':
      return emergency(rest);
    case 'extend': {
      const [access = '', reason = ''] = split(rest);
      if (access === '')
        return {
          kind: 'mistake',
          sentence: 'Say which one: `/access extend prod-db-read`. `/access list` shows yours.',
        };
      return { kind: 'extend', access: access.toLowerCase(), reason };
    }
    case 'revoke': {
      const [access = '', more = ''] = split(rest);
      if (access === '')
        return {
          kind: 'mistake',
          sentence: 'Say which one: `/access revoke prod-db-read`. `/access list` shows yours.',
        };
      if (more !== '')
        return { kind: 'mistake', sentence: 'Name one access at a time: `/access revoke prod-db-read`.' };
      return { kind: 'revoke', access: access.toLowerCase() };
    }
  }
  const [duration = '', reason = ''] = split(rest);
  if (duration === '') return { kind: 'modal', access: first.toLowerCase() };
  return { kind: 'request', access: first.toLowerCase(), duration, reason };
}

/** The duration may be left out: a word that is none begins the reason. */
function why(rest: string): AccessCommand {
  const [access = '', more = ''] = split(rest);
  if (access === '')
    return {
      kind: 'mistake',
      sentence: 'Say for which: `/access why prod-db-read`, or with what you would ask: `/access why prod-db-read 2h`.',
    };
  const [duration = '', reason = ''] = split(more);
  const name = access.toLowerCase();
  if (/^-?\d/.test(duration)) return { kind: 'why', access: name, duration, reason };
  return { kind: 'why', access: name, reason: more };
}

/** The first word and everything behind it, as it was typed: a reason may hold any characters. */
function split(text: string): [string, string] {
  const match = /^(\S+)\s*([\s\S]*)$/u.exec(text.trim());
  return [match?.[1] ?? '', match?.[2] ?? ''];
}

/** The word behind the name is a duration if it looks like one; a reason has to be there, whatever it is. */
function emergency(rest: string): AccessCommand {
  const [access = '', words = ''] = split(rest);
  const [first = '', more = ''] = split(words);
  const timed = /^\d+[dhms]/i.test(first);
  const reason = timed ? more : words;
  if (access === '' || reason === '') {
    return {
      kind: 'mistake',
      sentence:
        'Say which one and why: `/access emergency prod-db-write 1h the shop is down`. Everybody who approves it reads that.',
    };
  }
  return { kind: 'emergency', access: access.toLowerCase(), ...(timed ? { duration: first } : {}), reason };
}
