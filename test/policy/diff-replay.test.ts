import { type RecordedRequest, replay } from '../../src/policy/index.ts';
import { access, DIRECTORY, documents, type Keys, policiesIn, TARGETS } from './support/world.ts';

const HOUR = 3_600_000;
const SINCE = '2026-01-01T00:00:00.000Z';
const AT = '2026-03-03T12:00:00.000Z';

const world = (keys: Keys) =>
  policiesIn({ 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS, 'access.yaml': documents(access(keys)) });

const asked = (of: Partial<RecordedRequest>): RecordedRequest => ({
  at: AT,
  requester: 'ana@example.com',
  access: 'db-read',
  ...of,
});

const replayed = (was: Keys, now: Keys, ...requests: Partial<RecordedRequest>[]) =>
  replay(world(was), world(now), SINCE, requests.map(asked)).findings.map(({ sentence }) => sentence);

const EXTENDABLE = (max: string) => `{default: 1h, max: ${max}, extend: {times: 1, by: 1h}}`;
const FIELDS = '{area: {label: Area, enum: [eu, us]}}';
const byArea = (area: string) =>
  `[{name: a, when: 'has(request.fields.area) && request.fields.area == "${area}"', auto_approve: true}]`;

describe('past requests, asked again', () => {
  it('a refused one is asked for the duration that was wanted, not for the default', () => {
    const longer = [{ duration: '{default: 1h, max: 4h}' }, { duration: '{default: 1h, max: 8h}' }] as const;
    expect(replayed(...longer, { durationMs: 6 * HOUR })).toEqual([
      '1 past request that the old policies refuse would now be possible: ana@example.com for db-read on 2026-03-03',
    ]);
    expect(replayed(...longer, { durationMs: 9 * HOUR })).toEqual([]);
  });

  it('a refused one is asked with the fields that were filled in', () => {
    const was = { fields: FIELDS, flows: byArea('eu') };
    const now = { fields: FIELDS, flows: byArea('us') };
    expect(replayed(was, now, { fields: { area: 'us' } })).toEqual([expect.stringMatching(/would now be possible/)]);
    expect(replayed(was, now, { fields: { area: 'eu' } })).toEqual([
      expect.stringMatching(/now be refused \(no-flow\)/),
    ]);
  });

  it('an emergency is asked again as one: its door is `break_glass`, not `requesters`', () => {
    const glass = { break_glass: "{allow: ['user:gus@example.com']}" };
    const gus = { requester: 'gus@example.com', reason: 'the shop is down', emergency: true } as const;
    expect(replayed(glass, {}, { ...gus, id: 'req_1' })).toEqual([
      '1 past request would now be refused (not-eligible): gus@example.com for db-read in an emergency on 2026-03-03',
    ]);
    expect(replayed({}, glass, gus)).toEqual([expect.stringMatching(/would now be possible: gus.* in an emergency/)]);
    expect(replayed(glass, { requesters: '[everyone]', ...glass }, gus)).toEqual([]);
  });

  it('an extension is asked again as one, for the whole time', () => {
    const extension = { id: 'req_1', durationMs: HOUR, reason: 'more of it', extendedToMs: 3 * HOUR };
    expect(replayed({ duration: EXTENDABLE('4h') }, { duration: '{default: 1h, max: 4h}' }, extension)).toEqual([
      '1 past request would now be refused (not-extendable): ana@example.com for db-read extended on 2026-03-03',
    ]);
    const short = (than: string) =>
      `[{name: a, when: 'request.duration <= duration("${than}")', auto_approve: true}, {name: b, steps: [{approvers: ['group:dba']}]}]`;
    const duration = EXTENDABLE('4h');
    expect(replayed({ duration, flows: short('2h') }, { duration, flows: short('3h') }, extension)).toEqual([
      expect.stringMatching(/would now be automatic: ana@example\.com for db-read extended/),
    ]);
  });
});
