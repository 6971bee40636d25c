import { COMMENT_LIMIT, diffMarkdown, type PolicyDiff } from '../../src/policy/index.ts';

const change = (sentence: string) => ({
  direction: 'wider' as const,
  kind: 'can-ask' as const,
  accesses: ['x'],
  people: [],
  who: '',
  sentence,
  places: [{ file: 'policies/a.yaml', line: 1, col: 1 }],
});
const diffOf = (...sentences: string[]): PolicyDiff => ({
  changes: sentences.map(change),
  compared: { accesses: 1, actions: 0, people: 1 },
  notes: [],
});
const markdown = (diff: PolicyDiff) => diffMarkdown(diff, { was: 'main', now: 'HEAD' }, undefined);

describe('the comment on a pull request', () => {
  it('never grows over what GitHub takes, and counts what it leaves out', () => {
    const many = Array.from(
      { length: 5_000 },
      (_, index) => `somebody ${index} can newly ask for ${'&'.repeat(index % 90)}`,
    );
    const comment = markdown(diffOf(...many));
    expect(comment.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    const shown = comment.split('\n').filter((line) => line.startsWith('- somebody')).length;
    const [, left] = /… and (\d+) more, left out/.exec(comment) ?? [];
    expect(shown + Number(left)).toBe(5_000);
    expect(comment).toContain('(5000)</summary>');
  });

  it.each([
    ['a heading', 'x\n# Approved by security'],
    ['a mention', '@security please'],
    ['a link', '[click](https://evil.example) https://evil.example www.evil.example'],
    ['an image', '![x](https://evil.example/x.png)'],
    ['HTML', '</details><img src=x onerror=alert(1)><!-- -->'],
    ['a reference', '#1 closes #2'],
    ['formatting', '**bold** `code` ~~no~~ _it_ | table |'],
    ['an entity', '&lt;script&gt;'],
  ])('takes %s out of a name', (_what, words) => {
    const line =
      markdown(diffOf(`${words} can newly ask`))
        .split('\n')
        .find((each) => each.startsWith('- ')) ?? '';
    const body = line
      .slice(2)
      .replace(/ \(<code>.*$/, '')
      .replace(/&#\d+;/g, '');
    expect(body).not.toMatch(/[<>&`*[\]!|~_]|https?:\/\/|www\.|[@#][a-z0-9]/);
    expect(line).toContain('can newly ask');
  });
});
