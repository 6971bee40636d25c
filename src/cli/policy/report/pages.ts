import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A page for each code: what it means, a wrong example and a right one. They come with the product. */
const PAGES = new URL('../../../../docs/policy-codes/', import.meta.url);

const pageUrl = (code: string): URL => new URL(`${code}.md`, PAGES);

/** Where a code's page can be opened from here: the shorter of its two paths. */
export function pagePath(code: string): string {
  const path = fileURLToPath(pageUrl(code));
  const from = relative('', path);
  return from.length < path.length ? from : path;
}

export const pageLink = (code: string): string => pageUrl(code).href;

/** The page itself; empty where the documents were left out of an installation. */
export function pageText(code: string): string {
  const url = pageUrl(code);
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
}
