import fc from 'fast-check';
import { parseAccess } from '../../src/slack/commands/parse.ts';
import { cases } from '../support/cases.ts';

describe('/access …', () => {
  it.each([
    ['', { kind: 'modal' }],
    ['   ', { kind: 'modal' }],
    ['\u00a0\u2003\n', { kind: 'modal' }],
    ['help', { kind: 'help' }],
    ['HELP me', { kind: 'help' }],
    ['list', { kind: 'list' }],
    ['List', { kind: 'list' }],
    ['list everything please', { kind: 'list' }],
    ['helpdesk 1h x', { kind: 'request', access: 'helpdesk', duration: '1h', reason: 'x' }],
    ['revoke   ', { kind: 'mistake', sentence: expect.stringContaining('Say which one') }],
    ['REVOKE Prod-DB-Read', { kind: 'revoke', access: 'prod-db-read' }],
    ['prod-db-read   1h', { kind: 'request', access: 'prod-db-read', duration: '1h', reason: '' }],
    ['away', { kind: 'away' }],
    ['AWAY off', { kind: 'back' }],
    [
      'away until 2026-12-01 delegate <@U0BEN|ben>',
      { kind: 'away', asked: { end: { until: '2026-12-01' }, delegate: { slack: 'U0BEN' } } },
    ],
    [
      'away Delegate <@U0BEN|Ben Blank> For 3d',
      { kind: 'away', asked: { end: { for: '3d' }, delegate: { slack: 'U0BEN' } } },
    ],
    [
      'away for 3d delegate ben@example.com',
      { kind: 'away', asked: { end: { for: '3d' }, delegate: { email: 'ben@example.com' } } },
    ],
    ['away for 3d delegate @ben', { kind: 'mistake', sentence: expect.stringContaining('from the list that Slack') }],
    ['away for 3d', { kind: 'mistake', sentence: expect.stringContaining('until when and to whom') }],
    ['away for 3d until 2026-12-01', { kind: 'mistake', sentence: expect.stringContaining('until when') }],
    ['away for 3d delegate a@b.c delegate d@e.f', { kind: 'mistake', sentence: expect.stringContaining('until when') }],
    ['away off now', { kind: 'mistake', sentence: expect.stringContaining('until when') }],
    ['away for', { kind: 'mistake', sentence: expect.stringContaining('until when') }],
    ['why prod-db-read', { kind: 'why', access: 'prod-db-read', reason: '' }],
    ['WHY Prod-DB-Read 2h', { kind: 'why', access: 'prod-db-read', duration: '2h', reason: '' }],
    ['why prod-db-read 2h INC-42', { kind: 'why', access: 'prod-db-read', duration: '2h', reason: 'INC-42' }],
    ['why prod-db-read slow queries', { kind: 'why', access: 'prod-db-read', reason: 'slow queries' }],
    ['why prod-db-read -1h', { kind: 'why', access: 'prod-db-read', duration: '-1h', reason: '' }],
    ['why', { kind: 'mistake', sentence: expect.stringContaining('Say for which') }],
    // No duration is guessed: the use case says that this is none.
    [
      'prod-db-read because I say so',
      { kind: 'request', access: 'prod-db-read', duration: 'because', reason: 'I say so' },
    ],
    ['prod-db-read', { kind: 'modal', access: 'prod-db-read' }],
    [
      'Prod-DB-Read 1h why: because',
      { kind: 'request', access: 'prod-db-read', duration: '1h', reason: 'why: because' },
    ],
    ['prod-db-read 1h', { kind: 'request', access: 'prod-db-read', duration: '1h', reason: '' }],
    ['extend Prod-DB-Read', { kind: 'extend', access: 'prod-db-read', reason: '' }],
    ['extend read the  import runs', { kind: 'extend', access: 'read', reason: 'the  import runs' }],
    ['extend', { kind: 'mistake', sentence: expect.stringContaining('Say which one') }],
    [
      'emergency read 1h the shop is down',
      { kind: 'emergency', access: 'read', duration: '1h', reason: 'the shop is down' },
    ],
    ['emergency READ down since 9', { kind: 'emergency', access: 'read', reason: 'down since 9' }],
    ['emergency read 1x down', { kind: 'emergency', access: 'read', reason: '1x down' }],
    ['emergency', { kind: 'mistake', sentence: expect.stringContaining('and why') }],
    ['emergency read', { kind: 'mistake', sentence: expect.stringContaining('and why') }],
    ['emergency read 1h', { kind: 'mistake', sentence: expect.stringContaining('and why') }],
    ['revoke prod-db-read', { kind: 'revoke', access: 'prod-db-read' }],
    ['revoke', { kind: 'mistake', sentence: expect.stringContaining('Say which one') }],
    ['revoke a b', { kind: 'mistake', sentence: expect.stringContaining('one access at a time') }],
  ])('%j', (text, meant) => {
    expect(parseAccess(text)).toEqual(meant);
  });

  it('keeps a reason as it was typed: colons, line breaks and all', () => {
    expect(parseAccess('x 1h line one\n  line: two')).toMatchObject({ reason: 'line one\n  line: two' });
  });

  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          'help',
          'list',
          'revoke',
          'extend',
          'emergency',
          'why',
          'away',
          'for',
          'delegate',
          '<@U0B|b>',
          ' ',
          '\n',
          '\u2028',
          '<!channel>',
          '1h',
          'a',
          '`',
          '\u0000',
        ),
      )
      .map((parts) => parts.join('')),
  );

  const KINDS = 'modal request list revoke extend emergency why away back help mistake'.split(' ');

  it('makes sense of any text, or says what is wrong with it', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const meant = parseAccess(text);
        expect(KINDS).toContain(meant.kind);
        // A name is one word: nothing that follows it could be taken for a part of it.
        if ('access' in meant && meant.access !== undefined) expect(meant.access).toMatch(/^\S+$/u);
        if (meant.kind === 'request') expect(meant.duration).toMatch(/^\S+$/u);
        if (meant.kind === 'mistake') expect(meant.sentence).toMatch(/^[A-Z].*\.$/);
      }),
      cases(100),
    );
  });

  it('keeps whatever is a reason, but for the blanks around it', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(' ', '  ', '\n', '\t '), (reason, blank) => {
        const meant = parseAccess(`read${blank}1h${blank}${reason}`);
        expect(meant).toEqual({ kind: 'request', access: 'read', duration: '1h', reason: reason.trim() });
      }),
      cases(100),
    );
  });
});
