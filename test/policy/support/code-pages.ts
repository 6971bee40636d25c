import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../docs/policy-codes/', import.meta.url));

export interface CodePage {
  code: string;
  text: string;
  wrong: string[];
  right: string[];
}

/** The YAML blocks of a page that carry a word: ```` ```yaml wrong ````. */
const blocks = (text: string, word: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`yaml ${word}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block ?? '');

export const INDEX = readFileSync(`${FOLDER}README.md`, 'utf8');

export const PAGES: readonly CodePage[] = readdirSync(FOLDER)
  .filter((name) => name !== 'README.md')
  .sort()
  .map((name) => {
    const text = readFileSync(FOLDER + name, 'utf8');
    return { code: name.replace(/\.md$/, ''), text, wrong: blocks(text, 'wrong'), right: blocks(text, 'right') };
  });

/** People and targets that every example has around it. */
export const [SURROUNDINGS = ''] = blocks(INDEX, 'surroundings');
/** An access, for what an example leaves out. */
export const [ACCESS = ''] = blocks(INDEX, 'access');

/** An action, for the same. */
export const [ACTION = ''] = blocks(INDEX, 'action');

/** An example as whole documents: what a page leaves out does not matter, and is filled in here. */
export const whole = (example: string): string =>
  example
    .split(/^---\n/m)
    .map(wholeDocument)
    .join('---\n');

function wholeDocument(text: string): string {
  const keys = new Set([...text.matchAll(/^(?:\? )?([a-z_]+):/gm)].map(([, key]) => key));
  if (keys.size === 0 || keys.has('version') || keys.has('kind')) return text;
  const kind = KIND_OF_KEY.find(([key]) => keys.has(key))?.[1];
  if (kind !== undefined) return `version: 1\nkind: ${kind}\n${text}`;
  const whole = ACTION_KEYS.some((key) => keys.has(key)) ? ACTION : ACCESS;
  const rest = whole.split('\n').filter((line) => line !== '' && !keys.has(line.slice(0, line.indexOf(':'))));
  return `${rest.join('\n')}\n${text}`;
}

/** Keys that only documents of one kind have; everything else is an access or an action. */
const KIND_OF_KEY: readonly (readonly [key: string, kind: string])[] = [
  ['people', 'directory'],
  ['groups', 'directory'],
  ['from', 'directory'],
  ['targets', 'targets'],
  ['timezone', 'settings'],
  ['digest', 'settings'],
  ['schedules', 'settings'],
  ['match_slack_email', 'settings'],
  ['api_keys', 'settings'],
  ['timelines', 'tests'],
  ['matrices', 'tests'],
  ['never', 'tests'],
];

/** Keys that only actions have. */
const ACTION_KEYS: readonly string[] = ['callers', 'parameters', 'valid_for'];
