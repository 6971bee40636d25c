import { access } from '../support/world.ts';
import type { Case } from './case.ts';

/** How a grant goes on, is taken at once, or ends for want of use. */
export const EXTENSIONS_AND_EMERGENCIES: readonly Case[] = [
  {
    what: 'an extension without its length',
    file: access({ duration: '{default: 1h, max: 4h, ▶extend: {times: 1}}' }),
    code: 'missing-key',
    says: /`by` is missing/,
  },
  {
    what: 'an extension longer than the longest time there is',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: ▶5h}}' }),
    code: 'out-of-range',
    says: /longer than `max`/,
  },
  {
    what: 'extensions without number',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: ▶0, by: 1h}}' }),
    code: 'out-of-range',
    says: /whole number from 1 to 20/,
  },
  {
    what: 'an approval of extensions that there is not',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: 1h, approval: ▶nobody}}' }),
    code: 'invalid-value',
    says: /`last-step` or `all-steps` or `none`/,
  },
  {
    what: 'an end without use that comes while somebody reads',
    file: access({ revoke_on_idle: '▶9m59s' }),
    code: 'out-of-range',
    says: /write 10m or more/,
  },
  {
    what: 'an end without use that comes after the end',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: 1h}}', revoke_on_idle: '▶5h' }),
    code: 'idle-after-end',
    says: /lasts 5h at the longest/,
  },
  {
    what: 'an end without use at a target that cannot tell of it',
    file: access({ grants: '[{target: directory, group: prod-db-readers}]', '▶revoke_on_idle': '30m' }),
    code: 'cannot-tell-use',
    says: /^`directory` is a `scim-group`, and that provider cannot tell .*those that can: `postgres-role`/,
  },
  {
    what: 'a break_glass without people',
    file: access({ '▶break_glass': '{review_within: 24h}' }),
    code: 'missing-key',
    says: /`allow` is missing/,
  },
  {
    what: 'a quota without a length of time',
    file: access({ break_glass: "{allow: ['group:dba'], ▶quota: {times: 2}}" }),
    code: 'missing-key',
    says: /`per` is missing/,
  },
  {
    what: 'a break_glass for the requester’s manager',
    file: access({ break_glass: '{allow: [▶manager]}' }),
    code: 'bad-principal',
    says: /nobody is their own/,
  },
  {
    what: 'a break_glass that nobody could review',
    file: access({ flows: '[{name: open, auto_approve: true}]', '▶break_glass': "{allow: ['group:dba']}" }),
    code: 'no-reviewers',
    says: /no flow has `steps`/,
  },
];
