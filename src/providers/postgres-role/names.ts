/** Postgres cuts a longer name off silently (NAMEDATALEN − 1), and the rest may be somebody else's name. */
const LONGEST_NAME_BYTES = 63;

/** Why a text cannot be the name of a role, or undefined when it can. */
export function problemOfName(text: string): string | undefined {
  if (text === '') return 'a role name has at least one character';
  if (text.includes('\0')) return 'a role name holds no NUL character';
  if (/\p{Cs}/u.test(text)) return 'a role name is whole Unicode characters';
  if (Buffer.byteLength(text) > LONGEST_NAME_BYTES) return `a role name has at most ${LONGEST_NAME_BYTES} bytes`;
  return undefined;
}
