import fc from 'fast-check';
import { fitted, LIMITS, quotation } from '../../src/slack/blocks.ts';
import { code, escaped, oneLine, shorten, typed } from '../../src/slack/escape.ts';
import { left, list, principal, principals, utc, when } from '../../src/slack/words.ts';
import { cases } from '../support/cases.ts';

describe('escaping', () => {
  it('turns the three characters that Slack gives a meaning into entities', () => {
    expect(escaped('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  });

  it('leaves nothing that opens a tag, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const safe of [escaped(text), oneLine(text), code(text)]) {
          expect(safe).not.toMatch(/[<>]/);
          expect(safe.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
        }
      }),
      cases(100),
    );
  });

  it('keeps one line one line, and formatting characters from pairing up', () => {
    expect(oneLine(' a\r\nb\u2028c ')).toBe('a b c');
    expect(oneLine('*x* _y_')).toBe('*\u200bx*\u200b _\u200by_\u200b');
  });

  it('inline code cannot be left', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(code(text).slice(1, -1)).not.toMatch(/[`\n]/)),
      cases(100),
    );
  });

  it('shows what cannot be seen', () => {
    expect(oneLine('a\u202eb\u0007c')).toBe('a\ufffdb\ufffdc');
    expect(JSON.stringify(quotation('a\u2066b'))).toContain('a\ufffdb');
  });

  it('cuts by characters, and shows it', () => {
    expect(shorten('😀😀😀', 3)).toBe('😀😀😀');
    expect(shorten('😀😀😀😀', 3)).toBe('😀😀…');
  });
});

describe('lists that are too long', () => {
  it('show what fits and count the rest', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `• line ${index} ${'x'.repeat(90)}`);
    const text = fitted('*Head*', lines);
    expect([...text].length).toBeLessThanOrEqual(LIMITS.section);
    const shown = text.split('\n').filter((line) => line.startsWith('•')).length;
    expect(text).toMatch(new RegExp(`… and ${100 - shown} more$`));
    expect(fitted('*Head*', ['a', 'b'])).toBe('*Head*\na\nb');
    expect(fitted('*Head*', ['a'], 21)).toBe('*Head*\na\n… and 20 more');
  });

  it('of principals name the first few', () => {
    expect(principals(['group:dba'])).toBe('group `dba`');
    expect(principals(Array.from({ length: 12 }, (_, index) => `user:p${index}@example.com`))).toMatch(/and 4 more$/);
  });
});

describe('what was typed into a command', () => {
  it.each([
    ['ask &lt;@U0BEN|ben&gt; &amp; co', 'ask <@U0BEN|ben> & co'],
    ['ask <@U0BEN|ben> or <@U0DEE>', 'ask @ben or @U0DEE'],
    ['in <#C012|db-access>', 'in #db-access'],
    ['see <https://wiki.example.com/a?b=1&amp;c=2>', 'see https://wiki.example.com/a?b=1&c=2'],
    ['see <http://example.com|example.com>', 'see example.com'],
    ['ask <mailto:ben@example.com|ben@example.com>', 'ask ben@example.com'],
    // What Slack does not write is not taken for markup.
    ['<!channel> <b> 1 < 2 > 0', '<!channel> <b> 1 < 2 > 0'],
  ])('%s means %s', (text, meant) => expect(typed(text)).toBe(meant));
});

describe('words', () => {
  it('of time are in the reader’s own zone, with UTC where Slack cannot show it', () => {
    expect(when('2026-03-03T09:00:00.999Z')).toBe('<!date^1772528400^{date_short_pretty} {time}|2026-03-03 09:00 UTC>');
    expect(utc('2026-03-03T09:00:00.000Z')).toBe('2026-03-03 09:00 UTC');
  });

  it.each([
    ['2026-03-03T10:00:00.000Z', '1h left'],
    ['2026-03-03T10:30:59.000Z', '1h30m left'],
    ['2026-03-03T09:00:59.000Z', '59s left'],
    ['2026-03-03T09:00:00.000Z', 'due now'],
    ['2026-03-03T08:00:00.000Z', 'due now'],
  ])('of what is left until %s: %s', (end, text) => {
    expect(left('2026-03-03T09:00:00.000Z', end)).toBe(text);
  });

  it('of lists and principals', () => {
    expect([list([]), list(['a']), list(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
    expect(['manager', 'owner', 'everyone', 'group:dba', 'user:a<b@example.com'].map(principal)).toEqual([
      'the requester’s manager',
      'the target’s owner',
      'everyone',
      'group `dba`',
      'a&lt;b@example.com',
    ]);
  });
});
