import { diffPolicies } from '../../src/policy/diff/index.ts';
import { sampleText } from '../../src/policy/diff/sample-text.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { access, DIRECTORY, documents, type Keys, policiesIn, TARGETS } from './support/world.ts';

// A Tuesday, outside of office hours.
const NOW = '2026-03-03T22:00:00.000Z';
const settings = (from: string, to: string) =>
  `version: 1\nkind: settings\ntimezone: Europe/Berlin\nschedules: {office: {days: [mon, tue, wed, thu, fri], from: '${from}', to: '${to}'}}\n`;

const world = (keys: Keys, hours = settings('09:00', '18:00')): PolicySet =>
  policiesIn({
    'directory.yaml': DIRECTORY,
    'targets.yaml': TARGETS,
    'settings.yaml': hours,
    'access.yaml': documents(access({ requesters: "['user:ana@example.com', 'user:ben@example.com']", ...keys })),
  });
const between = (was: PolicySet, now: PolicySet) =>
  diffPolicies(was, now, NOW).changes.map(({ direction, sentence }) => `${direction}: ${sentence}`);
const changing = (was: Keys, now: Keys) => between(world(was), world(now));

const STEPS = "steps: [{approvers: ['group:dba']}]";
const NORMAL = `{name: normal, ${STEPS}}`;
const openWhen = (when: string) => ({ flows: `[{name: open, when: '${when}', auto_approve: true}, ${NORMAL}]` });
const ONE = '1 approval (1 of group:dba)';
const BOTH = 'ana@example.com and ben@example.com';

describe('conditions in a diff', () => {
  it('tell up to which duration, at and on both sides of what they mention', () => {
    const automatic = (when: string) => changing({ flows: `[${NORMAL}]` }, openWhen(when));
    expect(automatic('request.duration <= duration("1h")')).toEqual([
      `wider: db-read is now approved automatically for ${BOTH} for up to 1h; was ${ONE}`,
    ]);
    expect(automatic('request.duration > duration("2h")')).toEqual([
      `wider: db-read is now approved automatically for ${BOTH} for over 2h, up to 4h; was ${ONE}`,
    ]);
    expect(automatic('request.duration == duration("2h")')).toEqual([
      `wider: db-read is now approved automatically for ${BOTH} for exactly 2h; was ${ONE}`,
    ]);
    expect(
      changing(openWhen('request.duration < duration("1h")'), openWhen('request.duration < duration("90m")')),
    ).toEqual([`wider: db-read is now approved automatically for ${BOTH} for over 59m59s, up to 1h29m59s; was ${ONE}`]);
  });

  it('tell people apart by name, by manager and by groups', () => {
    const automatic = (when: string) => changing({ flows: `[${NORMAL}]` }, openWhen(when));
    const ana = [`wider: db-read is now approved automatically for ana@example.com; was ${ONE}`];
    expect(automatic('requester.email == "ana@example.com"')).toEqual(ana);
    expect(automatic('requester.email.startsWith("ana@")')).toEqual(ana);
    expect(automatic('requester.manager == "cy@example.com"')).toEqual([
      `wider: db-read is now approved automatically for ${BOTH}; was ${ONE}`,
    ]);
    const directory = (member: string) =>
      policiesIn({
        'directory.yaml': DIRECTORY.replace('security: [dee', `security: [${member}@example.com, dee`),
        'targets.yaml': TARGETS,
        'access.yaml': documents(
          access({ requesters: "['group:backend']", ...openWhen('"security" in requester.groups') }),
        ),
      });
    expect(between(directory('cy'), directory('ben'))).toEqual([
      `wider: db-read is now approved automatically for ben@example.com; was ${ONE}`,
    ]);
  });

  it('tell at what times, whenever the comparison is made', () => {
    const office = openWhen('in_schedule("office")');
    expect(changing({ flows: `[${NORMAL}]` }, office)).toEqual([
      `wider: db-read is now approved automatically for ${BOTH} during office; was ${ONE}`,
    ]);
    const longer = between(world(office), world(office, settings('09:00', '20:07')));
    expect(longer).toHaveLength(1);
    expect(longer[0]).toMatch(
      /^wider: db-read is now approved automatically for ana@example\.com and ben@example\.com where office changed, such as 2026-03-04T17:\d\dZ; was/,
    );
  });

  it('tell for which words, and that words can be anything', () => {
    const fields = '{ticket: {label: Ticket, pattern: "^INC-[0-9]+$", required: true}}';
    const was = world({ fields, flows: `[${NORMAL}]` });
    const now = world({ fields, ...openWhen('request.fields.ticket == "INC-1"') });
    const { changes, notes } = diffPolicies(was, now, NOW);
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      `db-read is now approved automatically for ${BOTH} with ticket=INC-1; was ${ONE}`,
    ]);
    expect(notes).toEqual([expect.stringMatching(/^Conditions of db-read ask for what people write/)]);
    expect(changing({ flows: `[${NORMAL}]` }, openWhen('request.reason.contains("outage")'))).toEqual([
      `wider: db-read is now approved automatically for ${BOTH} with the reason “outage”; was ${ONE}`,
    ]);
  });

  it('a new required field, a field less, and an extension are rules', () => {
    const fields = '{ticket: {label: Ticket, required: true}}';
    expect(changing({}, { fields })).toEqual(['narrower: db-read: the field ticket is required (was not asked for)']);
    expect(changing({ fields }, {})).toEqual(['wider: db-read: the field ticket is not asked for (was required)']);
    expect(changing({}, { duration: '{default: 1h, max: 4h, extend: {times: 2, by: 1h}}' })).toEqual([
      'wider: db-read: the extension is 2 × 1h, approved by last-step (was none)',
    ]);
    const unused = 'db-read: the time without use after which it ends is';
    const postgres = { grants: '[{target: app-db, role: reader}]' };
    const idle = (time: string) => ({ ...postgres, revoke_on_idle: time });
    expect(changing(postgres, idle('30m'))).toEqual([`narrower: ${unused} 30m (was none)`]);
    expect(changing(idle('30m'), idle('1h'))).toEqual([`wider: ${unused} 1h (was 30m)`]);
    expect(changing(idle('30m'), postgres)).toEqual([`wider: ${unused} none (was 30m)`]);
  });
});

describe('a text for a pattern', () => {
  it.each([
    '^INC-\\d+$',
    '^[A-Z]{2,5}-[0-9]{1,6}$',
    '^(?:JIRA|OPS)-\\d{3}$',
    '^v\\d+\\.\\d+(-rc\\d)?$',
    '^[^@\\s]+@example\\.com$',
    'x|y',
    '\\w+ \\w+',
  ])('matches %s', (pattern) => {
    expect(sampleText(pattern)).toMatch(new RegExp(pattern));
  });

  it.each(['(?i)inc', '\\p{L}+', '(', '[', 'a{5000}', '(?P<x>y)'])('is none for %s', (pattern) => {
    expect(sampleText(pattern)).toBeUndefined();
  });
});
