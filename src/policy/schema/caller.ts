import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Read } from './readable.ts';
import { ALWAYS, characterText, keysOf, line, name, say, UNPRINTABLE, word } from './words.ts';

/** The only hosts that are asked without TLS: nobody stands between them and us. */
const ON_THIS_MACHINE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const EXAMPLE = 'https://token.actions.githubusercontent.com';

/** Why a text is no issuer. NB. no sentence quotes it: a password may stand in it. */
function issuerProblem(text: string): string | undefined {
  const stranger = /[^!-~]/u.exec(text)?.[0];
  if (stranger !== undefined) {
    // NB. a letter of another alphabet can look the same: it would be somebody else's address.
    return `It holds ${characterText(stranger)}, and addresses are plain ASCII without blanks here. Write the issuer as its tokens do, such as ${EXAMPLE}.`;
  }
  if (text.length > LIMITS.issuerChars) {
    return `It has ${text.length} characters, and at most ${LIMITS.issuerChars} are read: write the address of the issuer alone.`;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return `Write the address of the issuer, as its tokens have it in \`iss\`, such as ${EXAMPLE}.`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'An issuer has no user and no password in its address: remove them. If it was a real password, replace it: files are remembered.';
  }
  if (/[?#]/.test(text)) return 'An issuer has neither a query nor a fragment: end the address before the `?` or `#`.';
  if (url.protocol === 'http:' && !ON_THIS_MACHINE.has(url.hostname)) {
    return 'An issuer is asked for its keys, and without `https` whoever stands in between could give others: begin with https://, as http:// is for localhost alone.';
  }
  // `HTTPS://`, `:443`, `/./` and their like: tokens are compared with the text, so it has one form only.
  if (url.href !== text && url.href !== `${text}/`) {
    return 'Write the address in its plain form: host in lower case, no port that is usual anyway, no `\\`, no `.` or `..` as a part of the path.';
  }
  return undefined;
}

const issuer = word(
  'bad-issuer',
  (text) => {
    const why = issuerProblem(text);
    return why === undefined ? { ok: true, value: text } : { ok: false, why };
  },
  { format: 'uri', pattern: '^https?://' },
);

/** What every token has, whoever asks: who made it, for whom, when and for how long. That is checked always. */
const RESERVED_CLAIMS: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** By the name of the claim: the value, or a list of those of which one has to be it. */
const claims = z
  .record(z.string(), oneOrMore(line(LIMITS.textChars), LIMITS.claimValues))
  .superRefine((written, context) => {
    const names = keysOf(written);
    if (names.length > LIMITS.claims)
      say(context, { code: 'out-of-range', at: 'key' }, `At most ${LIMITS.claims} claims are compared: name fewer.`);
    for (const each of names) {
      if (RESERVED_CLAIMS.has(each)) {
        const sentence = `\`${each}\` is checked in every token, and says nothing of who asks: name claims such as \`sub\` or \`repository\`.`;
        say(context, { code: 'bad-claim', at: 'key' }, sentence, [each]);
      } else if (each.trim() !== each || each === '' || UNPRINTABLE.test(each) || each.length > LIMITS.textChars) {
        const sentence = `The name of a claim has 1 to ${LIMITS.textChars} characters on one line, without blanks around it: write it as the token does.`;
        say(context, { code: 'bad-claim', at: 'key' }, sentence, [each]);
      }
    }
  }, ALWAYS);

const apiKeyName = (known: KnownNames) =>
  name.superRefine((written, context) => {
    if (typeof written !== 'string' || !known.apiKeys.lacks(written)) return;
    const sentence = `There is no API key \`${written}\` in the settings.${didYouMean(written, known.apiKeys) || ' Add it to `api_keys` there: `npx latchkey api-key` makes one.'}`;
    say(context, { code: 'unknown-api-key' }, sentence);
  });

/** Who may ask: a token's issuer with claims, or an API key. Which of them belong together, compile/callers.ts judges. */
export const caller = (known: KnownNames) =>
  z
    .strictObject({
      issuer: issuer.optional(),
      claims: claims.meta({ minProperties: 1 }).optional(),
      api_key: apiKeyName(known).optional(),
    })
    .meta({ anyOf: [{ required: ['issuer', 'claims'] }, { required: ['api_key'] }] });

/** A caller as far as it can be read. */
export type ReadableCaller = Read<ReturnType<typeof caller>>;

export type CallerDocument = z.output<ReturnType<typeof caller>>;
