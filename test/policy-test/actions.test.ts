import { step } from '../support/world.ts';
import { CALLERS, deploying, ISSUER } from './support/deploying.ts';
import { differencesIn, failuresIn, HEAD, problemsIn, timeline } from './support/run.ts';

const withCallers = (...steps: string[]) => timeline(...steps).replace('timelines:', `${CALLERS}timelines:`);
const differences = (steps: string[]) => differencesIn(withCallers(...steps), deploying);

const ASKS = 'do: ci requests deploy with sha=4f2a91c environment=production';

describe('an action in a timeline', () => {
  it('is asked for by a caller, approved by people and used once, in time', async () => {
    const steps = [
      `${ASKS}, expect: {status: pending, flow: production, needs: {dba: 2, security: 1}, may_approve: [cy, dee, eli]}`,
      'at: +5m, do: cy approves deploy of ci, expect: {needs: {dba: 1, security: 1}, approved_by: [cy]}',
      'do: ci uses, expect: {refused: not-approved, status: pending}',
      'do: dee approves',
      'at: +10m, do: fay approves, expect: {status: approved, needs: {}, usable_until: +40m, grant: none, present: false}',
      'do: branch uses deploy, expect: {refused: unknown-request, status: approved}',
      'do: ci uses with sha=0000000, expect: {refused: parameters-differ, status: approved}',
      'at: +39m59s, do: ci uses deploy with sha=4f2a91c, expect: {status: used, usable_until: +40m}',
      'do: ci uses, expect: {refused: already-used}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('lapses when nobody answers, and its approval when nobody uses it', async () => {
    const steps = [
      ASKS,
      'at: +2h, expect: {status: lapsed}',
      'do: jenkins requests deploy with sha=4f2a91c environment=staging, expect: {flow: staging, status: approved}',
      'at: 2026-03-03T11:29:59Z, about: deploy of jenkins, expect: {status: approved}',
      'at: +150m, about: deploy of jenkins, expect: {status: unused}',
      'do: jenkins uses, expect: {refused: approval-over}',
      'about: deploy of ci, expect: {status: lapsed, usable_until: +1h}',
    ];
    expect(await differences(steps)).toEqual([expect.stringMatching(/^17 usable_until: .* → not approved$/)]);
  });

  it('is denied, and withdrawn by its own caller alone', async () => {
    const steps = [
      'do: jenkins requests restart because "it hangs"',
      'do: ci withdraws, expect: {refused: unknown-request, status: pending}',
      'do: ana withdraws restart, expect: {refused: no-such-grant, status: pending}',
      'do: jenkins withdraws restart, expect: {status: cancelled}',
      'do: jenkins requests restart because "it hangs"',
      'do: dee denies restart of jenkins because "not now", expect: {status: denied}',
      'do: jenkins uses, expect: {refused: already-decided}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('is refused to others, without a reason, and with other parameters', async () => {
    const steps = [
      'do: branch requests deploy with sha=4f2a91c environment=production, expect: {refused: not-eligible}',
      'do: ci requests restart because "it hangs", expect: {refused: not-eligible}',
      'do: jenkins requests restart, expect: {refused: invalid-field}',
      'do: ci requests deploy with sha=main environment=production, expect: {refused: invalid-field}',
      'do: ci requests deploy with sha=4f2a91c, expect: {refused: invalid-field}',
      'do: ci requests deploy with sha=4f2a91c environment=production branch=main, expect: {refused: invalid-field}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('is used only by a token that could ask for it now', async () => {
    const moved = `  moved: {issuer: '${ISSUER}', subject: ci, claims: {repository: acme/api, ref: refs/heads/fix}}\n`;
    const steps = [
      'do: ci requests deploy with sha=4f2a91c environment=staging, expect: {status: approved}',
      'do: moved uses, expect: {refused: policy-changed, status: approved}',
      'do: ci uses deploy of moved, expect: {status: used}',
    ];
    const text = withCallers(...steps).replace('timelines:', `${moved}timelines:`);
    expect(await differencesIn(text, deploying)).toEqual([]);
  });

  it('is one request when it is asked for twice', async () => {
    const steps = [ASKS, 'do: cy approves', `${ASKS}, expect: {status: pending, approved_by: [cy]}`];
    expect(await differences(steps)).toEqual([]);
  });

  it('says how the policies came to what was not expected', async () => {
    const { it: failures } = await failuresIn(
      withCallers(`${ASKS}, expect: {status: approved, present: true}`),
      deploying,
    );
    expect(failures?.map(({ what, expected, got }) => `${what}: ${expected} → ${got}`)).toEqual([
      'status after “ci requests deploy with sha=4f2a91c environment=production”: approved → pending',
      'present after “ci requests deploy with sha=4f2a91c environment=production”: true → false',
    ]);
    expect(failures?.[0]?.trace).toContainEqual(expect.objectContaining({ check: 'caller', passed: true }));
    expect(failures?.[0]?.trace).toContainEqual(expect.objectContaining({ check: 'flow', detail: 'production' }));
  });
});

describe('a sentence about an action', () => {
  it.each([
    ['ana requests deploy', '`deploy` is an action, which callers ask for, and no access.'],
    ['ci requests read', '`read` is an access, which people ask for, and no action.'],
    ['ci requests deply', 'There is no action `deply`. Did you mean `deploy`?'],
    ['ana uses deploy', '`uses` is nothing that people do.'],
    [
      'ci approves deploy',
      '`approves` is nothing that callers of actions do. What they do: requests, uses, withdraws.',
    ],
    ['ci use deploy', 'Nobody can do `use`. Did you mean `uses`?'],
    ['jenkin uses deploy', 'no caller in this document. Did you mean `jenkins`?'],
    ['ci requests deploy for 1h', '`for` does not fit there. It is written: ci requests ACTION'],
    ['ci uses deploy with sha', '`sha` is no field with its value'],
    ['dee approves depoy of ci', 'There is no access and no action `depoy`. Did you mean `deploy`?'],
    ['dee approves deploy of jenkin', 'There is no person `jenkin` in the directory.'],
    ['ben is away for 1d delegate ci', '`ci` is a caller of actions, and no person.'],
  ])('%s: says what would be right', (sentence, why) => {
    const problems = problemsIn(withCallers(`do: '${sentence}'`), deploying);
    expect(problems).toEqual([expect.stringContaining(why)]);
    expect(problems[0]).toMatch(/^a\.test\.yaml:11:\d+ bad-do /);
  });
});

describe('a caller of a test', () => {
  const named = (caller: string) => problemsIn(`${HEAD}callers:\n  ${caller}\n`, deploying);

  it.each([
    ['it: {}', '5:7 bad-caller'],
    ["it: {issuer: 'ftp://ci.example.com'}", '5:16 bad-issuer'],
    ['it: {api_key: jenkinss}', '5:17 unknown-api-key'],
    ["it: {api_key: jenkins, issuer: 'https://ci.example.com'}", '5:7 bad-caller'],
    ['it: {api_key: jenkins, subject: me}', '5:7 bad-caller'],
    [`it: {issuer: '${ISSUER}', claim: {a: b}}`, '5:42 unknown-key'],
    [`it: {issuer: '${ISSUER}', claims: {aud: b}}`, '5:51 bad-claim'],
    [`it: {issuer: '${ISSUER}', claims: {sub: b}}`, '5:56 bad-caller'],
    [`ana: {issuer: '${ISSUER}'}`, '5:3 bad-name'],
    [`stranger: {issuer: '${ISSUER}'}`, '5:3 bad-name'],
    [`My CI: {issuer: '${ISSUER}'}`, '5:3 bad-name'],
  ])('%s is refused where it stands', (caller, problem) => {
    expect(named(caller)).toEqual([expect.stringMatching(new RegExp(`^a\\.test\\.yaml:${problem} `))]);
  });

  it('may be anybody whom the policies do not name', async () => {
    expect(named(`it: {issuer: 'https://other.example.com', claims: {groups: [a, b]}}`)).toEqual([]);
    const text = withCallers('do: it requests deploy, expect: {refused: not-eligible}').replace(
      'callers:\n',
      "callers:\n  it: {issuer: 'https://other.example.com'}\n",
    );
    expect(await differencesIn(text, deploying)).toEqual([]);
  });
});

describe('a matrix of callers and actions', () => {
  const matrix = (text: string) => `version: 1\nkind: tests\n${CALLERS}matrices:\n  - name: it\n${text}`;
  const cells = async (text: string) =>
    ((await failuresIn(matrix(text), deploying)).it ?? []).map(
      ({ place, what, expected, got }) => `${place.line} ${what}: ${expected} → ${got.replace(/ \(.*/, '')}`,
    );
  const PARAMETERS = '    parameters: {sha: 4f2a91c, environment: production}\n';

  it('says for every caller and every action what asking leads to; whoever is not listed is refused', async () => {
    const text = `${PARAMETERS}    actions: [deploy, restart]
    expect:
      deploy: {ci: {flow: production, needs: {dba: 2, security: 1}}, jenkins: approval, everyone: not-eligible}
      restart: [jenkins]
`;
    expect(await cells(text)).toEqual([]);
    expect(await cells(text.replace('jenkins: approval, ', ''))).toEqual([
      '12 jenkins, deploy: refused: not-eligible → approval, flow “production”, needs 1 of group:security; 2 of group:dba',
    ]);
    expect(await cells(text.replace('restart: [jenkins]', ''))).toEqual([
      '8 jenkins, restart: refused → approval, flow “operators”, needs 1 of group:dba',
    ]);
    expect(await cells(text.replace('production}\n', 'staging}\n'))).toEqual([
      expect.stringMatching(/^12 ci, deploy: allowed, flow “production”.* → automatic, flow “staging”, needs nobody$/),
      '12 jenkins, deploy: approval → automatic, flow “staging”, needs nobody',
    ]);
  });

  it('is about these alone when it names callers or actions, and about people alone when it names people or accesses', async () => {
    expect(await cells(`${PARAMETERS}    callers: [branch]\n    expect: {}\n`)).toEqual([]);
    expect(await cells('    people: [ana]\n    accesses: [read]\n    expect: {read: [ana]}\n')).toEqual([]);
    expect(await cells(`${PARAMETERS}    callers: [ci]\n    expect: {deploy: [ci]}\n`)).toEqual([]);
  });

  it('is about both when it names neither', async () => {
    const all = await cells(`${PARAMETERS}    expect: {}\n`);
    expect(all).toContain('8 ana@example.com, auto: refused → automatic, flow “self-service”, needs nobody');
    expect(all).toContain('8 jenkins, restart: refused → approval, flow “operators”, needs 1 of group:dba');
  });

  it('asks with the reason that it says', async () => {
    expect(
      await cells('    actions: [restart]\n    reason: why\n    expect: {restart: {jenkins: invalid-field}}\n'),
    ).toEqual([]);
  });

  it('needs a `now` where a condition of an action reads time', () => {
    const world = {
      ...deploying,
      settings: { ...deploying.settings, schedules: { office: { days: ['mon'], from: '09:00', to: '17:00' } } },
      actions: {
        deploy: {
          ...deploying.actions?.deploy,
          flows: [{ name: 'old', when: 'in_schedule("office")', steps: [step('dba')] }],
        },
      },
    };
    const text = matrix('    actions: [deploy]\n    expect: {}\n');
    expect(problemsIn(text, world)).toEqual([expect.stringMatching(/missing-now A condition of `deploy` reads time/)]);
    expect(problemsIn(text.replace('name: it', 'name: it\n    now: 2026-03-03T09:00:00Z'), world)).toEqual([]);
  });

  it('tells every problem at its place', () => {
    const text = matrix(`    callers: [jenkin, ci]
    actions: [deplo]
    expect:
      restrat: {ci: refused}
      restart: {ana: refused, ci: refused, jenkin: refused}
      read: {ana: refused}
`);
    expect(problemsIn(text, deploying).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'a.test.yaml:9:15 unknown-caller',
      'a.test.yaml:10:15 unknown-action',
      'a.test.yaml:12:7 unknown-access',
      'a.test.yaml:13:44 unknown-person',
    ]);
  });

  it('refuses to expect something of what it does not look at', () => {
    const text = matrix(
      '    callers: [ci]\n    actions: [deploy]\n    expect: {restart: {ci: refused}, read: {ana: refused}, deploy: {jenkins: refused, ana: refused}}\n',
    );
    expect(problemsIn(text, deploying)).toEqual([
      expect.stringMatching(/unknown-action `restart` is not among the `actions`/),
      expect.stringMatching(/unknown-access `read` is not among the `accesses`/),
      expect.stringMatching(/unknown-person Nobody of this is among the `people`/),
      expect.stringMatching(/unknown-caller Nobody of this is among the `callers`/),
      expect.stringMatching(/unknown-caller Nobody of this is among the `callers`/),
    ]);
    const none = matrix('    callers: [ci]\n    expect: {}\n');
    expect(problemsIn(none, { ...deploying, actions: {} })).toEqual([
      expect.stringMatching(/:9:14 unknown-action There is no action that these could ask for/),
    ]);
    const nobody = text
      .replace(CALLERS, '')
      .replace('    callers: [ci]\n', '')
      .replace(/expect: .*/, 'expect: {}');
    expect(problemsIn(nobody, deploying)).toEqual([
      expect.stringMatching(/:5:14 unknown-caller Nobody asks for these/),
    ]);
  });
});
