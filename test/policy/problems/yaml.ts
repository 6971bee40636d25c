import { access } from '../support/world.ts';
import type { Case } from './case.ts';

/** What is no YAML, or more YAML than policies have. */
export const YAML: readonly Case[] = [
  {
    what: 'an unclosed bracket',
    file: 'version: 1\nkind: access\nrequesters: [a\n▶name: x\n',
    code: 'yaml-syntax',
    says: /not closed/,
  },
  { what: 'a colon in a plain text', file: access({ title: '▶DB: read' }), code: 'yaml-syntax', says: /quote/ },
  { what: 'a text that starts with @', file: access({ title: '▶@ops' }), code: 'yaml-syntax', says: /needs quotes/ },
  { what: 'a tab', file: 'version: 1\nkind: settings\ndigest:\n▶\tchannel: x\n', code: 'yaml-tab', says: /spaces/ },
  { what: 'YAML 1.1', file: `%YAML 1.1\n▶---\n${access()}`, code: 'yaml-directive', says: /1\.2/ },
  { what: 'a tag', file: access({ title: '!!str ▶x' }), code: 'tag-not-allowed', says: /tags/ },
  { what: 'a tag of somebody’s own', file: access({ title: '!secret ▶x' }), code: 'tag-not-allowed', says: /remove/ },
  {
    what: 'a condition that begins with ! and has no quotes',
    file: access({ title: '!x▶' }),
    code: 'tag-not-allowed',
    says: /starts with ! needs quotes/,
  },
  { what: 'an anchor', file: access({ title: '&a ▶x' }), code: 'alias-not-allowed', says: /write the value out/ },
  { what: 'an alias', file: access({ title: '▶*a' }), code: 'alias-not-allowed', says: /quotes/ },
  { what: 'a merge key', file: access({ '▶<<': '{title: x}' }), code: 'unknown-key', says: /`<<`/ },
  { what: 'a key twice', file: access({ title: 'x\n▶title: y' }), code: 'duplicate-key', says: /8:1/ },
  {
    what: 'a key that reaches a prototype',
    file: access({ labels: '{▶__proto__: x}' }),
    code: 'unknown-key',
    says: /__proto__/,
  },
  { what: 'a list as a key', file: access({ '? ▶[a]\n': 'x' }), code: 'yaml-syntax', says: /text/ },
  { what: 'deep nesting', file: `a: ${'['.repeat(47)}▶[${']'.repeat(48)}`, code: 'too-deep', says: /48 levels/ },
];
