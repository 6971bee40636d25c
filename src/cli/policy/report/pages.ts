import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A page for each code: what it means, a wrong example and a right one. They come with the product. */
const PACKAGE = new URL('../../../../', import.meta.url);

/** Where it is in the package, wherever that is installed: a report is read on another machine than it was written on. */
export const pageInPackage = (code: string): string => `docs/policy-codes/${code}.md`;

const pageUrl = (code: string): URL => new URL(pageInPackage(code), PACKAGE);

/** Where a code's page can be opened from here: the shorter of its two paths. */
export function pagePath(code: string): string {
  const path = fileURLToPath(pageUrl(code));
  const from = relative('', path);
  return from.length < path.length ? from : path;
}

/** The page itself; empty where the documents were left out of an installation. */
export function pageText(code: string): string {
  const url = pageUrl(code);
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
}
