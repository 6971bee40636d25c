import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RE2JS } from 're2js';
import { access, ask, policiesWith } from './support/world.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('the patterns of conditions', () => {
  const { compile } = RE2JS;
  let compiled: WeakRef<object>[];
  beforeEach(() => {
    compiled = [];
    // Not a mock of Jest, which keeps whatever it returned.
    RE2JS.compile = (...given: Parameters<typeof compile>) => {
      const pattern = compile.apply(RE2JS, given);
      compiled.push(new WeakRef(pattern));
      return pattern;
    };
  });
  afterEach(() => {
    RE2JS.compile = compile;
  });

  const load = (number: number) =>
    policiesWith(
      access({ flows: `[{name: by reason, when: 'request.reason.matches("^INC-${number}$")', auto_approve: true}]` }),
    );
  const askFor = (policies: ReturnType<typeof load>, reason: string) =>
    ask(policies, { email: 'ana@example.com', access: 'db-read', reason });
  const kept = async (): Promise<number> => {
    // What a WeakRef was asked for lives until the end of the job.
    await setImmediate();
    collectGarbage();
    return compiled.filter((each) => each.deref() !== undefined).length;
  };

  it('are compiled when the policies are loaded, and not when somebody asks', () => {
    const policies = load(1);
    const before = compiled.length;
    expect(before).toBeGreaterThan(0);
    expect(askFor(policies, 'INC-1')).toMatchObject({ ok: true });
    expect(askFor(policies, 'INC-2')).toMatchObject({ ok: false });
    expect(compiled).toHaveLength(before);
  });

  it('stay as long as the policies that they stand in, and go with them at a reload', async () => {
    let policies = load(0);
    const one = await kept();
    for (let number = 1; number <= 50; number++) {
      policies = load(number);
      askFor(policies, `INC-${number}`);
    }
    expect(compiled.length).toBeGreaterThanOrEqual(51);
    expect(await kept()).toBe(one);
    expect(askFor(policies, 'INC-50')).toMatchObject({ ok: true });
  });
});
