import { ProviderError } from '../../app/ports/provider.ts';
import type { ScimClient, ScimRequest } from './client.ts';
import { listReply } from './replies.ts';

const PAGE = 200;
/** Over any company that runs this: a list that never ends must not fill the memory. */
export const MOST_RESOURCES = 100_000;

/**
 * All users, or all groups, page by page (RFC 7644 §3.4.2.4). NB. a list that changed while it was read may lack somebody,
 * who could be somebody that is denied: it counts as not read, and is read again later.
 */
export async function readAll(
  client: ScimClient,
  path: 'Users' | 'Groups',
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown[]> {
  const all: unknown[] = [];
  const ids = new Set<unknown>();
  let total: number | undefined;
  do {
    const page = { ...query, startIndex: String(all.length + 1), count: String(PAGE) };
    const list = listReply.safeParse(await get(client, { path: [path], query: page, signal }));
    if (!list.success) throw client.badReply(`it should be a list of ${path}`);
    const { totalResults, Resources } = list.data;
    if (totalResults > MOST_RESOURCES) {
      throw new ProviderError(
        'retry',
        'too-many',
        `It has ${totalResults} ${path}, and at most ${MOST_RESOURCES} are read.`,
      );
    }
    if (total !== undefined && totalResults !== total) throw changed(path);
    total = totalResults;
    const resources = Resources ?? [];
    if (resources.length === 0 && all.length < total) throw client.badReply(`the list of ${path} ends before its end`);
    for (const resource of resources) {
      const id = typeof resource === 'object' && resource !== null && 'id' in resource ? resource.id : undefined;
      if (id !== undefined && ids.has(id)) throw changed(path);
      ids.add(id);
      all.push(resource);
    }
    if (all.length > total) throw client.badReply(`it lists more ${path} than it says there are`);
  } while (all.length < total);
  return all;
}

export const readOne = (client: ScimClient, path: readonly string[], signal: AbortSignal): Promise<unknown> =>
  get(client, { path, signal });

async function get(client: ScimClient, request: Omit<ScimRequest, 'method'>): Promise<unknown> {
  const reply = await client.send({ method: 'GET', ...request });
  if (reply.ok) return reply.json;
  throw new ProviderError(
    'retry',
    'refused',
    `It refused to show ${request.path[0]} (HTTP ${reply.status}${reply.scimType ? ` ${reply.scimType}` : ''}). Check its url.`,
  );
}

const changed = (path: string): ProviderError =>
  new ProviderError('retry', 'changed-meanwhile', `Its list of ${path} changed while it was read.`);
