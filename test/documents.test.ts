import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['.', 'src', 'test'].map((room) => join(ROOT, room));
const FOLDERS = ['bench', 'bin', 'docs', 'examples', 'policies', 'prisma', 'scripts', 'src', 'test'];

const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'policies/README.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));

/** The `#anchors` that a reader of a document can be sent to, as GitHub makes them of its headings. */
const anchorsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

const brokenLinks = (path: string, text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const found = file === '' ? path : join(dirname(path), file);
      return !existsSync(found) || (anchor !== undefined && !anchorsOf(found).includes(anchor));
    });

/** What is written as code and begins with one of our folders, or one in `src/` or `test/`. */
const missingPaths = (text: string): string[] => {
  const folders = new Set([...FOLDERS, ...ROOMS.slice(1).flatMap((room) => readdirSync(room))]);
  return [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => path.includes('/') && folders.has(path.split('/', 1)[0] ?? ''))
    .filter((path) => !ROOMS.some((room) => existsSync(join(room, path))));
};

describe('the documents', () => {
  it.each(documents)('%s names only files and headings that are there', (name) => {
    const path = join(ROOT, name);
    const text = readFileSync(path, 'utf8');
    expect([...brokenLinks(path, text), ...missingPaths(text)]).toEqual([]);
  });

  it('a broken link, a lost heading and a file that was renamed are seen', () => {
    const path = join(ROOT, 'README.md');
    const text =
      '[a](docs/gone.md) [b](#limits-stated-honestly) [c](docs/policies.md#gone) `src/gone.ts` `store/gone.ts`';
    expect([...brokenLinks(path, text), ...missingPaths(text)]).toEqual([
      'docs/gone.md',
      'docs/policies.md#gone',
      'src/gone.ts',
      'store/gone.ts',
    ]);
  });
});
