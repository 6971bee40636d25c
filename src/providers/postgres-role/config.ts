import { z } from 'zod';

export const config = z.strictObject({
  /** NB. The message does not repeat the value: it holds the password. */
  url: z
    .string()
    .refine(
      (text) => URL.canParse(text) && ['postgresql:', 'postgres:'].includes(new URL(text).protocol),
      'write an address such as postgresql://latchkey:<password>@db.example.com:5432/postgres',
    ),
  /** After a revoke, end the sessions of the account: one that has run `SET ROLE` keeps its rights until it ends. */
  end_sessions: z.boolean().default(false),
});

export type Settings = z.infer<typeof config>;

/**
 * The cluster behind the url, as `postgresql://db.example.com:5432`: its roles belong to all its databases.
 * NB. `host` and `port` in the query win over those of the address, because the driver sees it so.
 */
export function systemOf({ url }: Settings): string {
  const { hostname, port, searchParams } = new URL(url);
  const last = (name: string) => searchParams.getAll(name).at(-1);
  const host = last('host') || decoded(hostname) || 'localhost';
  return `postgresql://${written(host)}:${last('port') || port || '5432'}`;
}

/** The name of a socket's folder is told apart by case, that of a host is not; an IPv6 address stands in brackets. */
function written(host: string): string {
  if (host.startsWith('/')) return host;
  return (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host).toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // No host is called so, which the first connection will say.
  }
}
