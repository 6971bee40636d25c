import { z } from 'zod';
import { address, audience, clean, unknownNames } from './config.ts';
import { Secret } from './secret.ts';

/** How a caller of actions says who it is. `github`: a job there asks for its ID token. */
export type CallerCredential =
  | { readonly kind: 'given'; readonly token: Secret }
  | { readonly kind: 'github'; readonly url: string; readonly token: Secret };

/** What `latchkey action` needs to know, in a pipeline: nothing of what a server is set up with. */
export interface CallerConfig {
  /** Where Latchkey is, without a slash at the end. */
  readonly url: string;
  readonly audience: string;
  readonly credential: CallerCredential;
}

const token = clean
  .refine((value) => /^[!-~]+$/.test(value), { message: 'must be one word: an API key (lk_…) or an ID token.' })
  .transform((value) => new Secret(value));

const Variables = z.object({
  LATCHKEY_URL: clean.optional().transform((value, context) => {
    if (value !== undefined)
      return address(value, context, { like: 'https://latchkey.example.com', travels: 'your credential' });
    context.addIssue({ code: 'custom', message: 'is missing: say where Latchkey is, https://latchkey.example.com.' });
    return z.NEVER;
  }),
  LATCHKEY_AUDIENCE: audience,
  LATCHKEY_TOKEN: token.optional(),
  ACTIONS_ID_TOKEN_REQUEST_URL: clean
    .refine((value) => URL.canParse(value), { message: 'is not a URL; GitHub sets it.' })
    .optional(),
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: token.optional(),
});

/**
 * Reads what a caller's environment says. NB. only these names: a pipeline has a `DATABASE_URL` and a `PORT` of its own, which
 * are none of ours.
 */
export function loadCallerConfig(
  environment: NodeJS.ProcessEnv,
): { ok: true; config: CallerConfig } | { ok: false; problems: string[] } {
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Variables.safeParse(env);
  const problems = [
    ...unknownNames(Object.keys(env)),
    ...(parsed.error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}`),
  ];
  if (!parsed.success) return { ok: false, problems };
  const values = parsed.data;
  const credential = credentialOf(values);
  if (credential === undefined)
    problems.push(
      'LATCHKEY_TOKEN is missing: set it to an API key (lk_…) or an ID token. A job of GitHub Actions needs none when it has `permissions: {id-token: write}`.',
    );
  if (problems.length > 0 || credential === undefined) return { ok: false, problems };
  return { ok: true, config: { url: values.LATCHKEY_URL, audience: values.LATCHKEY_AUDIENCE, credential } };
}

function credentialOf(values: z.output<typeof Variables>): CallerCredential | undefined {
  const { LATCHKEY_TOKEN: given, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: request } = values;
  if (given) return { kind: 'given', token: given };
  return url !== undefined && request ? { kind: 'github', url, token: request } : undefined;
}
