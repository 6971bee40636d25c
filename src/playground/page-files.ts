import { readFile } from 'node:fs/promises';

/** The page's own files. Beside this file when built; the scripts of a source tree come from its `dist`. */
const folders = [new URL('./browser/', import.meta.url), new URL('../../dist/playground/browser/', import.meta.url)];

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface PageFile {
  type: string;
  body: Buffer;
}

/**
 * One file of the page by its path under `/playground/`; undefined if there is none.
 * NB. The pattern has no dots but the last: a path can not climb out of the folder.
 */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  const extension = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(html|js|css|svg)$/.exec(path)?.[1];
  if (extension === undefined) return undefined;
  for (const folder of folders) {
    try {
      return { type: types[extension] ?? '', body: await readFile(new URL(path, folder)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** Throws when the page was never built, with what to do about it. */
export async function requirePage(): Promise<void> {
  for (const file of ['index.html', 'styles/base.css', 'main.js']) {
    if (await pageFile(file)) continue;
    throw new Error(`The playground's page is not built (${file} is missing). Run: npm run build`);
  }
}
