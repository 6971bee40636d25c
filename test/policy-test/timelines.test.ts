import { changed, usual } from '../support/world.ts';
import { differences, failuresIn, HEAD, timeline } from './support/run.ts';

const WHY = 'because "INC-42 slow queries"';

describe('a timeline', () => {
  it('runs a request through votes, time, permission and end, as production does', async () => {
    const steps = [
      `do: 'ana requests write for 2h ${WHY}', expect: {status: pending, flow: careful, needs: {dba: 2, security: 1}, may_approve: [cy, dee, eli], grant: none, present: false}`,
      'at: +5m, do: cy approves, expect: {needs: {dba: 1, security: 1}, may_approve: [dee, eli]}',
      'do: dee approves, expect: {status: pending, needs: {group:security: 1}, may_approve: [eli, fay]}',
      'at: +10m, do: fay approves, expect: {status: approved, needs: {}, may_approve: [], grant: active, ends_at: +2h10m, present: [role writer at db]}',
      'at: 2026-03-03T12:09:59+01:00, expect: {grant: active, present: true}',
      'at: +2h10m, expect: {grant: ended, ended: expired, present: false}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('does what is due between two steps at its own time', async () => {
    const steps = [
      'do: ana requests auto for 30m, expect: {grant: active, ends_at: +30m}',
      'do: ben requests read',
      'at: +7h, do: ana requests auto for 3h, expect: {grant: active, ends_at: +10h}',
      'at: +1d, about: read of ben, expect: {status: lapsed}',
      'about: auto, expect: {grant: ended, ended: expired}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('tells refusals by their code, of a request and of a vote', async () => {
    const steps = [
      'do: gus requests read, expect: {refused: not-eligible}',
      'do: stranger requests read, expect: {refused: unknown-person}',
      'do: ana requests read for 5h, expect: {refused: too-long}',
      'do: ana requests read for ever, expect: {refused: invalid-duration}',
      'do: ana requests read',
      'do: ana requests read, expect: {refused: already-pending}',
      'do: ana approves, expect: {refused: own-request}',
      'do: gus approves read of ana, expect: {refused: not-an-approver}',
      'do: ben ends, expect: {refused: no-such-grant}',
      `do: 'dee denies because "not today"', expect: {status: denied, grant: none}`,
      'do: eli approves, expect: {refused: already-decided}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('gives up what is held and withdraws what is asked for', async () => {
    const steps = [
      'do: ana requests read',
      'do: ana withdraws, expect: {status: cancelled}',
      'do: ana requests auto',
      'do: ana ends, expect: {grant: ended, ended: released, present: false}',
      'do: ana requests auto',
      'do: ana withdraws auto, expect: {grant: ended, ended: released}',
    ];
    expect(await differences(steps)).toEqual([]);
  });

  it('ends what nobody uses, at the moment at which its time without use is over', async () => {
    const world = changed(usual, { auto: { revoke_on_idle: '30m' }, both: { revoke_on_idle: '30m' } });
    const ends = (steps: string[]) => differences(['do: ana requests auto for 2h', ...steps], world);
    expect(await ends(['at: +2h, expect: {ended: expired}'])).toEqual([]);
    const early = [
      'at: +20m, do: ana is idle, expect: {grant: active}',
      'at: +49m59s, expect: {grant: active, present: true, ends_at: +2h}',
      'at: +50m, expect: {grant: ended, ended: idle, present: false}',
    ];
    expect(await ends(early)).toEqual([]);
    const back = ['at: +20m, do: ana is idle for 29m', 'at: +1h, do: ana is idle', 'at: +1h30m, expect: {ended: idle}'];
    expect(await ends(back)).toEqual([]);
    expect(await ends(['do: ben is idle', 'at: +2h, expect: {ended: expired}'])).toEqual([]);
    const both = ['do: ana requests both for 2h', 'do: dee approves', 'do: ana is idle'];
    expect(await differences([...both, 'at: +30m, expect: {ended: idle, present: []}'], world)).toEqual([]);
    expect(await differences([...both, 'at: +2h, expect: {ended: expired}'])).toEqual([]);
  });

  it('takes a person by e-mail, too', async () => {
    expect(await differences(['do: ANA@example.com requests read', 'do: dee@example.com approves of ana'])).toEqual([]);
  });
});

describe('conditions and fields in a timeline', () => {
  const office = {
    ...changed(usual, {
      auto: {
        fields: { ticket: { label: 'Ticket', pattern: '^INC-[0-9]+$', required: true }, note: { label: 'Note' } },
        flows: [
          { name: 'in the office', when: 'in_schedule("office")', auto_approve: true },
          { name: 'else', when: 'has(request.fields.note)', steps: [{ approvers: ['group:dba'], need: 1 }] },
        ],
      },
    }),
    settings: {
      ...usual.settings,
      schedules: { office: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' } },
    },
  };

  it('are those of the moment of the step', async () => {
    const steps = [
      'do: ana requests auto, expect: {refused: invalid-field}',
      'do: ana requests auto with ticket=none, expect: {refused: invalid-field}',
      'do: ana requests auto for 1h with ticket=INC-42, expect: {flow: in the office, grant: active}',
      'at: +8h, do: ana requests auto with ticket=INC-42, expect: {refused: no-flow}',
      `do: 'ana requests auto because "why not" with ticket=INC-42 note="two words"', expect: {flow: else, status: pending}`,
    ];
    expect(await differences(steps, office)).toEqual([]);
    expect(await differences(['at: +8h, do: ana requests auto with ticket=INC-42'], office)).toEqual([
      expect.stringMatching(/^7 refused .*no-flow/),
    ]);
  });

  it('show in the trace as they were then', async () => {
    const text = timeline('at: +8h, do: ana requests auto with ticket=INC-42');
    const { it: failures } = await failuresIn(text, office);
    expect(failures?.[0]?.trace).toContainEqual(
      expect.objectContaining({ check: 'when', passed: false, detail: 'in_schedule("office")' }),
    );
  });
});

describe('extensions in a timeline', () => {
  const world = changed(usual, { read: { duration: { default: '1h', max: '4h', extend: { times: 1, by: '1h' } } } });

  it('are asked for, approved and used up', async () => {
    const steps = [
      'do: ana requests read',
      'do: ana extends, expect: {refused: no-such-grant}',
      'do: dee approves',
      'do: ben extends, expect: {refused: not-your-grant}',
      'at: +30m, do: ana extends, expect: {status: pending, ends_at: +1h, may_approve: [cy, dee, eli]}',
      'do: cy approves, expect: {status: approved, ends_at: +2h}',
      'at: +90m, do: ana extends read, expect: {refused: no-extensions-left}',
      'at: +2h, expect: {grant: ended, ended: expired}',
    ];
    expect(await differences(steps, world)).toEqual([]);
  });
});

describe('a timeline that fails', () => {
  it('says what was expected and what was there, at the line of the expectation', async () => {
    const steps = [
      'do: ana requests write, expect: {status: approved, flow: quick, needs: {dba: 1}, may_approve: [cy], grant: active, ends_at: +1h, present: true, ended: expired, refused: denied-by-policy}',
    ];
    expect(await differences(steps)).toEqual([
      '7 refused after “ana requests write”: denied-by-policy → not refused',
      '7 status after “ana requests write”: approved → pending',
      '7 flow after “ana requests write”: quick → careful',
      '7 needs after “ana requests write”: 1 of group:dba → 1 of group:security; 2 of group:dba',
      '7 may_approve after “ana requests write”: cy@example.com → cy@example.com, dee@example.com, eli@example.com',
      '7 grant after “ana requests write”: active → none',
      '7 ended after “ana requests write”: expired → no grant',
      '7 ends_at after “ana requests write”: 2026-03-03T10:00:00.000Z → no grant',
      '7 present after “ana requests write”: true → false',
    ]);
  });

  it('fails when something is refused that it does not expect to be', async () => {
    expect(await differences(['do: gus requests read'])).toEqual([
      expect.stringMatching(/^7 refused after “gus requests read”: not refused → not-eligible \(You may not ask/),
    ]);
  });

  it('fails when there is nothing to do something to', async () => {
    expect(await differences(['do: dee approves'])).toEqual(['7 do: dee approves → no request was opened before']);
    expect(await differences(['do: ana requests read', 'do: dee approves read of ben'])).toEqual([
      '8 do: dee approves read of ben → no request for read of ben@example.com was opened before',
    ]);
  });

  it('stops at the first step that fails', async () => {
    const steps = ['do: ana requests read, expect: {status: approved}', 'expect: {status: denied}'];
    expect(await differences(steps)).toEqual(['7 status after “ana requests read”: approved → pending']);
  });

  it('looks at no request after one that was refused', async () => {
    const steps = [
      'do: ana requests read',
      'do: ben requests read for 9h, expect: {refused: too-long, status: pending}',
    ];
    expect(await differences(steps)).toEqual(['8 status after “ben requests read for 9h”: pending → no request']);
  });

  it('shows how the policies came to it, each rule with its line', async () => {
    const { it: failures } = await failuresIn(timeline('do: ana requests read, expect: {status: approved}'));
    const trace = failures?.[0]?.trace.map(({ check, rule }) => `${check} ${rule}`);
    expect(trace).toContainEqual(expect.stringMatching(/^requesters read: requesters \(policies\.yaml:\d+\)$/));
    expect(trace).toContainEqual(expect.stringMatching(/^flow /));
  });
});

describe('fixtures', () => {
  const fixtures = (text: string, steps: string) =>
    `${HEAD}fixtures:\n${text}timelines: [{name: it, steps: [${steps}]}]\n`;

  it('stand in the place of the folder’s groups and people', async () => {
    const text = fixtures(
      `  people: [{email: zoe@example.com, slack: U0ZOE}, {email: dee@example.com, slack: U0DEE}, {email: eli@example.com, slack: U0ELI}, {email: fay@example.com, slack: U0FAY}, {email: yul@example.com, slack: U0YUL}]\n` +
        '  groups: {backend: [zoe@example.com], dba: [dee@example.com, eli@example.com], security: [fay@example.com, yul@example.com], contractors: []}\n',
      'do: zoe requests read, expect: {may_approve: [dee, eli]}',
    )
      .replace('steps: [', 'steps: [{')
      .replace(']}]\n', '}]}]\n');
    expect(await failuresIn(text)).toEqual({ it: [] });
  });

  it('add policies, which are read like all others', async () => {
    const text = `${HEAD}fixtures:
  policies:
    - {kind: access, name: extra, grants: [{target: db, role: owner}], requesters: [everyone], duration: {default: 1h, max: 1h}, flows: [{name: open, auto_approve: true}]}
timelines:
  - {name: it, steps: [{do: gus requests extra, expect: {present: [role owner at db]}}]}
`;
    expect(await failuresIn(text)).toEqual({ it: [] });
  });
});

describe('a bundle', () => {
  it('is there when all of it is', async () => {
    const world = changed(usual, { both: { flows: [{ name: 'open', auto_approve: true }] } });
    const steps = ['do: ana requests both, expect: {present: [role writer at db, role deployer at ci]}'];
    expect(await differences(steps, world)).toEqual([]);
  });
});
