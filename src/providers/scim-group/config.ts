import { z } from 'zod';

/** NB. None of these messages repeats the value: an address may hold a password by mistake. */
const url = z.string().superRefine((text, context) => {
  const problem = (message: string) => context.addIssue({ code: 'custom', message });
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (!address || (address.protocol !== 'https:' && address.protocol !== 'http:')) {
    problem('write the SCIM base address, such as https://idp.example.com/scim/v2');
  } else if (address.protocol === 'http:' && !isLoopback(address.hostname)) {
    problem('use https: over http everybody on the way could read the token (http is for localhost only)');
  } else if (address.username !== '' || address.password !== '') {
    problem('write the address without a user name or password; the token is a setting of its own');
  } else if (address.search !== '' || address.hash !== '') {
    problem('write the address without ? and #');
  }
});

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export const config = z.strictObject({
  url,
  // NB. A header's error message quotes the header, so a token that is none must not get that far.
  token: z.string().regex(/^[\x21-\x7e]+$/, 'write the bearer token: printable ASCII without spaces'),
});

export type Settings = z.infer<typeof config>;

/** The directory behind the url: `https://idp.example.com/scim/v2`. Its token is not part of which one it is. */
export function systemOf(settings: Settings): string {
  const { origin, pathname } = new URL(settings.url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
