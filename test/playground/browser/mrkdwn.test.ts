import {
  decode,
  type Inline,
  parseInline,
  parseMrkdwn,
  parsePlain,
  plainTextOf,
  safeUrl,
} from '../../../src/playground/browser/mrkdwn.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const text = (words: string): Inline => ({ type: 'text', text: words });

describe('mrkdwn, as Slack reads it', () => {
  it.each<[string, Inline[]]>([
    ['*bold*', [{ type: 'bold', children: [text('bold')] }]],
    ['_italic_', [{ type: 'italic', children: [text('italic')] }]],
    ['~gone~', [{ type: 'strike', children: [text('gone')] }]],
    ['*_both_*', [{ type: 'bold', children: [{ type: 'italic', children: [text('both')] }] }]],
    ['`*code*`', [{ type: 'code', text: '*code*' }]],
    ['(*x*)', [text('('), { type: 'bold', children: [text('x')] }, text(')')]],
    ['*a* *b*', [{ type: 'bold', children: [text('a')] }, text(' '), { type: 'bold', children: [text('b')] }]],
  ])('draws %s', (source, expected) => expect(parseInline(source)).toEqual(expected));

  it.each(['2*3*4', 'snake_case_name', '* not bold*', '*not bold *', '**', '*open', 'a ~ b ~ c', '``'])(
    'leaves %s as text',
    (source) => expect(parseInline(source)).toEqual([text(source)]),
  );

  it('never lets a style cross a line', () => {
    expect(parseMrkdwn('*a\nb*')).toEqual([
      { type: 'paragraph', children: [text('*a'), { type: 'break' }, text('b*')] },
    ]);
  });

  it('shows mentions, so that harmful ones can be seen', () => {
    expect(parseInline('<!channel> <!here> <@U01ANA> <#C01GENERAL|general> <!subteam^S01DBA|@dba>')).toEqual([
      { type: 'broadcast', range: 'channel' },
      text(' '),
      { type: 'broadcast', range: 'here' },
      text(' '),
      { type: 'user', id: 'U01ANA' },
      text(' '),
      { type: 'channel', id: 'C01GENERAL', label: 'general' },
      text(' '),
      { type: 'usergroup', id: 'S01DBA', label: '@dba' },
    ]);
  });

  it('shows escaped mentions and links as the text they are', () => {
    const source = '&lt;!channel&gt; &lt;https://evil.example|Approve&gt;';
    expect(plainTextOf(parseInline(source, { verbatim: true }))).toBe('<!channel> <https://evil.example|Approve>');
    expect(parseInline('&lt;!channel&gt;')).toEqual([text('<!channel>')]);
  });

  it('decodes the three entities of Slack once, and no others', () => {
    expect(decode('&amp;lt; &quot; &#60; &lt;')).toBe('&lt; &quot; &#60; <');
  });

  describe('links', () => {
    it('go to http, https and mailto only', () => {
      expect(parseInline('<https://example.com/a?b=1&amp;c=2|the page>')).toEqual([
        { type: 'link', url: 'https://example.com/a?b=1&c=2', label: [text('the page')] },
      ]);
      expect(parseInline('<mailto:ana@example.com>')).toEqual([
        { type: 'link', url: 'mailto:ana@example.com', label: [text('ana@example.com')] },
      ]);
    });

    it.each([
      'javascript:alert(1)',
      'data:text/html,x',
      ' java\nscript:alert(1)',
      'file:///etc/passwd',
      '//x.example',
      '',
    ])('never go to %j', (url) => {
      expect(safeUrl(url)).toBeUndefined();
      expect(
        parseMrkdwn(`<${url}|press me>`).flatMap((part) => ('children' in part ? part.children : [])),
      ).not.toContainEqual(expect.objectContaining({ type: 'link' }));
    });

    it('are found bare in a text, without the full stop behind them, unless the text is verbatim', () => {
      expect(parseInline('See https://example.com/x.')).toEqual([
        text('See '),
        { type: 'link', url: 'https://example.com/x', label: [text('https://example.com/x')] },
        text('.'),
      ]);
      expect(parseInline('See https://example.com/x.', { verbatim: true })).toEqual([
        text('See https://example.com/x.'),
      ]);
    });
  });

  it('reads dates with their format, fallback and link', () => {
    expect(parseInline('<!date^1772546709^{date_short_pretty} at {time}|3 March 2026, 14:05 UTC>')).toEqual([
      {
        type: 'date',
        seconds: 1772546709,
        format: '{date_short_pretty} at {time}',
        fallback: '3 March 2026, 14:05 UTC',
      },
    ]);
    expect(parseInline('<!date^1^{time}^javascript:alert(1)|x>')[0]).not.toHaveProperty('url');
  });

  it('draws fences, quotes and lists as text', () => {
    expect(
      parseMrkdwn('before\n```\n*raw* &lt;\n<https://a.example|label>\n```\n&gt; said\n&gt; twice\n• one'),
    ).toEqual([
      { type: 'paragraph', children: [text('before'), { type: 'break' }] },
      { type: 'pre', text: '*raw* <\nlabel' },
      { type: 'quote', children: [text('said'), { type: 'break' }, text('twice')] },
      { type: 'paragraph', children: [text('• one')] },
    ]);
    expect(parseMrkdwn('a\n&gt;&gt;&gt; b\nc')).toEqual([
      { type: 'paragraph', children: [text('a')] },
      { type: 'quote', children: [text('b'), { type: 'break' }, text('c')] },
    ]);
    expect(parseMrkdwn('an ```open fence')).toEqual([{ type: 'paragraph', children: [text('an ```open fence')] }]);
  });

  it('knows some emoji and leaves the others as text', () => {
    expect(parseInline(':key: :no_such_thing: 12:30:45')).toEqual([
      { type: 'emoji', name: 'key', glyph: '🔑' },
      text(' :no_such_thing: 12:30:45'),
    ]);
    expect(parseInline(':constructor:')).toEqual([text(':constructor:')]);
  });

  it('draws no styles and no mentions in plain_text', () => {
    expect(parsePlain('*x* <!channel> &lt; :key:')).toEqual([
      text('*x* <!channel> < '),
      { type: 'emoji', name: 'key', glyph: '🔑' },
    ]);
    expect(parsePlain(':key:', false)).toEqual([text(':key:')]);
  });

  it('takes time in proportion to the text, also for hostile ones', () => {
    const hostile = ['*'.repeat(3000), '<'.repeat(3000), '`'.repeat(3000), '_a'.repeat(1500), ':'.repeat(3000)];
    expect(cpuMs(() => hostile.forEach((source) => void parseMrkdwn(source)))).toBeLessThan(2000);
  });
});
