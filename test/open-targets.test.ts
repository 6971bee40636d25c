import { jest } from '@jest/globals';
import type { Provider, Target } from '../src/app/ports/provider.ts';
import { OpenTargets } from '../src/open-targets.ts';
import type { PolicySet, TargetPolicy } from '../src/policy/index.ts';
import { fakeProvider } from './support/fake-target.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const policiesWith = (...targets: [name: string, config: object, provider?: string][]): PolicySet =>
  ({
    targets: new Map(
      targets.map(([name, config, provider = 'fake']): [string, TargetPolicy] => [
        name,
        { name, provider, account: 'email', system: JSON.stringify(config), config },
      ]),
    ),
  }) as unknown as PolicySet;

const setUp = (close: (id: string) => void = () => {}) => {
  const closed: string[] = [];
  const warnings: string[] = [];
  let opened = 0;
  const provider: Provider = fakeProvider((name) => {
    opened += 1;
    const id = `${name}#${opened}`;
    const target = {
      close: async () => {
        closed.push(id);
        close(id);
      },
    };
    return target as unknown as Target;
  });
  const providers = new Map([
    ['fake', provider],
    ['other', { ...provider, name: 'other' }],
  ]);
  const log = {
    ...quiet,
    warn: (fields: object, message: string) => void warnings.push(JSON.stringify(fields) + message),
  };
  return { closed, warnings, targets: new OpenTargets(providers, log), opened: () => opened };
};

describe('open targets', () => {
  it('are opened once and kept over reloads that do not change them', async () => {
    const { targets, opened, closed } = setUp();
    targets.use(policiesWith(['db', { url: 'a' }]));
    const first = targets.find('db');
    targets.use(policiesWith(['db', { url: 'a' }], ['ci', {}]));
    expect(targets.find('db')).toBe(first);
    expect(opened()).toBe(2);
    await targets.close();
    expect(closed.sort()).toEqual(['ci#2', 'db#1']);
  });

  it('are opened anew when their settings change; the old one is closed with the rest at the latest', async () => {
    const { targets, closed } = setUp();
    targets.use(policiesWith(['db', { url: 'a' }]));
    const first = targets.find('db')?.target;
    targets.use(policiesWith(['db', { url: 'b' }]));
    expect(targets.find('db')?.target).not.toBe(first);
    expect(closed).toEqual([]);
    await targets.close();
    expect(closed.sort()).toEqual(['db#1', 'db#2']);
  });

  it('are not found when no policy names them any more', async () => {
    const { targets, closed } = setUp();
    targets.use(policiesWith(['db', {}]));
    targets.use(policiesWith());
    expect(targets.find('db')).toBeUndefined();
    await targets.close();
    expect(closed).toEqual(['db#1']);
  });

  it('are kept when their settings are only written in another order', async () => {
    const { targets, opened } = setUp();
    targets.use(policiesWith(['db', { url: 'a', options: { tls: true, pool: 2 } }]));
    targets.use(policiesWith(['db', { options: { pool: 2, tls: true }, url: 'a' }]));
    expect(opened()).toBe(1);
    await targets.close();
  });

  it.each<[string, [name: string, config: object, provider?: string]]>([
    ['deep inside its settings', ['db', { url: 'a', options: { tls: false } }]],
    ['by a setting more', ['db', { url: 'a', options: { tls: true }, pool: 2 }]],
    ['by its provider, with the same settings', ['db', { url: 'a', options: { tls: true } }, 'other']],
  ])('one that changed %s is opened anew, and no other is', async (_, changed) => {
    const { targets, opened } = setUp();
    targets.use(policiesWith(['db', { url: 'a', options: { tls: true } }], ['ci', {}]));
    const before = { db: targets.find('db'), ci: targets.find('ci') };
    targets.use(policiesWith(changed, ['ci', {}]));
    expect(targets.find('db')).not.toBe(before.db);
    expect(targets.find('db')?.provider.name).toBe(changed[2] ?? 'fake');
    expect(targets.find('ci')).toBe(before.ci);
    expect(opened()).toBe(3);
    await targets.close();
  });

  it('cannot be of a provider that there is not', () => {
    expect(() => setUp().targets.use(policiesWith(['db', {}, 'nobody']))).toThrow('no provider nobody');
  });

  it('that could not be closed hold up no other', async () => {
    const { targets, closed, warnings } = setUp((id) => {
      if (id === 'db#1') throw new Error('gone already, with a password in it');
    });
    targets.use(policiesWith(['db', { url: 'a' }]));
    targets.use(policiesWith(['db', { url: 'b' }], ['ci', {}]));
    await targets.close();
    expect(closed.sort()).toEqual(['ci#3', 'db#1', 'db#2']);
    expect(warnings).toEqual(['{"target":"db"}a replaced target did not close']);
  });
});

describe('a target that was replaced', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('stays open for the calls under way, and is closed once after half a minute', async () => {
    const { targets, closed } = setUp();
    targets.use(policiesWith(['db', { url: 'a' }], ['ci', {}]));
    targets.use(policiesWith(['db', { url: 'b' }], ['ci', {}]));
    await jest.advanceTimersByTimeAsync(29_999);
    expect(closed).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(closed).toEqual(['db#1']);
    await targets.close();
    expect(closed.sort()).toEqual(['ci#2', 'db#1', 'db#3']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not taken up again when the old settings come back: it is about to be closed', async () => {
    const { targets, closed, opened } = setUp();
    for (const url of ['a', 'b', 'a']) targets.use(policiesWith(['db', { url }]));
    expect(opened()).toBe(3);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(closed).toEqual(['db#1', 'db#2']);
    await targets.close();
    expect(closed).toEqual(['db#1', 'db#2', 'db#3']);
  });
});
