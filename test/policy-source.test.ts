import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type LoadedPolicies, loadPolicies, PolicySource } from '../src/policy-source.ts';
import { START, TestClock } from './support/clock.ts';
import { fakeProvider } from './support/fake-target.ts';
import { describeUnless } from './support/left-out.ts';

let dir: string;
let source: PolicySource | undefined;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  dir = await mkdtemp(join(tmpdir(), 'latchkey-policies-'));
  await write('one');
});
afterEach(async () => {
  await source?.stop();
  source = undefined;
  await rm(dir, { recursive: true, force: true });
});

const write = (title: string) =>
  writeFile(
    join(dir, 'all.yaml'),
    `version: 1
kind: targets
targets: {db: {provider: fake}}
---
version: 1
kind: directory
people: [{email: ana@example.com, slack: U0ANA}, {email: bo@example.com, slack: U0BO}]
groups: {all: [ana@example.com, bo@example.com]}
---
version: 1
kind: access
name: read
title: ${title}
grants: [{target: db, role: reader}]
requesters: ['group:all']
duration: {default: 1h, max: 4h}
flows: [{name: n, steps: [{approvers: ['group:all'], need: 1}]}]
`,
  );
const options = () => ({
  dir,
  providers: new Map([['fake', fakeProvider(() => undefined as never)]]),
  env: () => undefined,
});
const started = async (onChange: (loaded: LoadedPolicies) => Promise<void> = async () => {}) => {
  const loaded = await loadPolicies(options());
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  source = new PolicySource(options(), loaded, clock, onChange);
  return source;
};
const titleOf = (policies: PolicySource) => policies.current().accesses.get('read')?.title;

describe('the policies in force', () => {
  it('change with the folder, and those who care are told', async () => {
    const changes: boolean[] = [];
    const policies = await started(async ({ ok }) => void changes.push(ok));
    await write('two');
    await policies.reload();
    await policies.reload();
    expect(titleOf(policies)).toBe('two');
    expect(changes).toEqual([true]);
  });

  it('stay the last good ones when the folder breaks, until it is right again', async () => {
    const changes: boolean[] = [];
    const policies = await started(async ({ ok }) => void changes.push(ok));
    await writeFile(join(dir, 'broken.yaml'), 'version: 1\nkind: acess\n');
    await policies.reload();
    await policies.reload();
    expect(titleOf(policies)).toBe('one');
    expect(policies.rejected()?.problems[0]).toMatch(/broken\.yaml:2:/);
    await rm(join(dir, 'broken.yaml'));
    await policies.reload();
    expect(policies.rejected()).toBeUndefined();
    expect(changes).toEqual([false, true]);
  });

  it('a reaction that fails stops no later change', async () => {
    let failing = true;
    const policies = await started(async () => {
      if (failing) throw new Error('the database is away');
    });
    await write('two');
    await expect(policies.reload()).rejects.toThrow('the database is away');
    failing = false;
    await write('three');
    await policies.reload();
    expect(titleOf(policies)).toBe('three');
  });

  it('a reaction that fails after a file changed is handed to whoever logs it, and is no unhandled rejection', async () => {
    const loaded = await loadPolicies(options());
    const failed = new Promise<unknown>((resolve) => {
      const onChange = () => Promise.reject(new Error('a target does not open'));
      source = new PolicySource(options(), loaded, clock, onChange, resolve);
    });
    source?.watch();
    await write('watched');
    expect(await failed).toEqual(new Error('a target does not open'));
  });

  it('are read again when a file changes', async () => {
    const changed = new Promise<LoadedPolicies>((resolve) => {
      void started(async (loaded) => resolve(loaded)).then(async (policies) => {
        policies.watch();
        await write('watched');
      });
    });
    expect((await changed).ok).toBe(true);
    expect(source && titleOf(source)).toBe('watched');
  });

  it('stay the last good ones when another thing breaks, which is told too; they have been old since the first', async () => {
    const told: string[] = [];
    const policies = await started(async (loaded) => void told.push(loaded.ok ? 'good' : (loaded.problems[0] ?? '')));
    await writeFile(join(dir, 'broken.yaml'), 'version: 1\nkind: acess\n');
    await policies.reload();
    clock.advance(60_000);
    await writeFile(join(dir, 'broken.yaml'), 'version: 1\n\nkind: acess\n');
    await policies.reload();
    expect(told).toEqual([expect.stringMatching(/broken\.yaml:2:/), expect.stringMatching(/broken\.yaml:3:/)]);
    expect(policies.rejected()).toEqual({ at: START, problems: [told[1]] });
    expect(titleOf(policies)).toBe('one');
  });

  it('stay the last good ones when the folder is gone, and are told once it is back, though nothing changed', async () => {
    const told: boolean[] = [];
    const policies = await started(async ({ ok }) => void told.push(ok));
    await rm(dir, { recursive: true });
    await policies.reload();
    expect(titleOf(policies)).toBe('one');
    expect(policies.rejected()?.problems).toEqual([expect.stringContaining(`${basename(dir)}:1:1 unreadable`)]);
    await mkdir(dir);
    await write('one');
    await policies.reload();
    expect(told).toEqual([false, true]);
    expect(policies.rejected()).toBeUndefined();
  });

  it('are read one reload after the other, and stopping waits for the last', async () => {
    const told: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const policies = await started(async (loaded) => {
      const title = loaded.ok ? (loaded.policies.accesses.get('read')?.title ?? '') : 'broken';
      told.push(`${title} begins`);
      await held;
      told.push(`${title} ends`);
    });
    await write('two');
    const first = policies.reload();
    await write('three');
    const second = policies.reload();
    const stopped = policies.stop();
    release();
    await stopped;
    expect(told.at(-1)).toBe('three ends');
    expect(told.filter((line) => line.startsWith('three'))).toEqual(['three begins', 'three ends']);
    expect(told.length % 2).toBe(0);
    for (const [index, line] of told.entries()) expect(line.endsWith(index % 2 === 0 ? 'begins' : 'ends')).toBe(true);
    await Promise.all([first, second]);
  });
});

describe('policies that are broken from the start', () => {
  const BROKEN = 'version: 1\nkind: acess\n';
  const startedBroken = async (onChange: (loaded: LoadedPolicies) => Promise<void> = async () => {}) => {
    await writeFile(join(dir, 'broken.yaml'), BROKEN);
    source = new PolicySource(options(), await loadPolicies(options()), clock, onChange);
    return source;
  };

  it('serve nothing, and leave the targets that are sound', async () => {
    const policies = await startedBroken();
    expect(policies.rejected()).toEqual({
      at: START,
      problems: [expect.stringMatching(/broken\.yaml:2:/)],
      nothingServed: true,
    });
    expect(policies.current().accesses.size).toBe(0);
    expect([...policies.current().targets.keys()]).toEqual(['db']);
  });

  it('are kept current for as long as they are broken: a target that is mended can be used', async () => {
    const told: LoadedPolicies[] = [];
    const policies = await startedBroken(async (loaded) => void told.push(loaded));
    await policies.reload();
    expect(told).toEqual([]);
    await writeFile(join(dir, 'more.yaml'), 'version: 1\nkind: targets\ntargets: {ci: {provider: fake}}\n');
    await policies.reload();
    expect([...policies.current().targets.keys()].sort()).toEqual(['ci', 'db']);
    expect(policies.rejected()).toMatchObject({ nothingServed: true });
    expect(told).toHaveLength(1);
  });

  it('serve once they are mended; broken again, the last good ones stay', async () => {
    const policies = await startedBroken();
    await rm(join(dir, 'broken.yaml'));
    await policies.reload();
    expect(policies.rejected()).toBeUndefined();
    expect(titleOf(policies)).toBe('one');
    await writeFile(join(dir, 'broken.yaml'), BROKEN);
    await policies.reload();
    expect(policies.rejected()).not.toHaveProperty('nothingServed');
    expect(titleOf(policies)).toBe('one');
  });

  it('even a folder that is not there', async () => {
    await rm(dir, { recursive: true });
    source = new PolicySource(options(), await loadPolicies(options()), clock, async () => {});
    expect(source.rejected()).toMatchObject({ nothingServed: true });
    expect(source.current().targets.size).toBe(0);
  });
});

/** Watches, and hands over each change as it is told. */
async function watched() {
  const told: LoadedPolicies[] = [];
  const waiting: (() => void)[] = [];
  const policies = await started(async (loaded) => {
    told.push(loaded);
    for (const go of waiting.splice(0)) go();
  });
  policies.watch();
  const until = async (what: (loaded: LoadedPolicies) => boolean) => {
    while (!told.some(what)) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  // The watch stands when a first change has come through it: a file that comes and goes before that may not be seen.
  await write('watched');
  await until(({ ok }) => ok);
  told.length = 0;
  return { policies, told, until };
}

describe('a folder that is watched', () => {
  it('breaks and is mended, without a word from anybody', async () => {
    const { policies, told, until } = await watched();
    await writeFile(join(dir, 'broken.yaml'), 'version: 1\nkind: acess\n');
    await until(({ ok }) => !ok);
    expect(titleOf(policies)).toBe('watched');
    expect(policies.rejected()?.problems).toHaveLength(1);
    await rm(join(dir, 'broken.yaml'));
    await until(({ ok }) => ok);
    expect(policies.rejected()).toBeUndefined();
    expect(told.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('is read again for what changed between the first reading and the watch', async () => {
    const policies = await started(async () => told.resolve());
    const told = (() => {
      let resolve = () => {};
      const promise = new Promise<void>((go) => {
        resolve = go;
      });
      return { promise, resolve };
    })();
    await write('meanwhile');
    policies.watch();
    await told.promise;
    expect(titleOf(policies)).toBe('meanwhile');
  });

  it('may get a link that leads in a circle: that is a problem of the folder, and not the end of the process', async () => {
    const { policies, told, until } = await watched();
    await symlink('circle.yaml', join(dir, 'circle.yaml'));
    await until((loaded) => !loaded.ok && loaded.problems.some((one) => /circle\.yaml:1:1 unreadable/.test(one)));
    expect(titleOf(policies)).toBe('watched');
    await rm(join(dir, 'circle.yaml'));
    // What could not be watched is not missed either: somebody has to say so (SIGHUP).
    await policies.reload();
    expect(told[0]).toMatchObject({ problems: [expect.stringContaining('send SIGHUP')] });
    expect(policies.rejected()).toBeUndefined();
  });

  it('is left alone once it is stopped', async () => {
    const { policies, told } = await watched();
    await policies.stop();
    await write('too late');
    await policies.stop();
    expect(told).toEqual([]);
    expect(titleOf(policies)).toBe('watched');
  });
});

const noGit = spawnSync('git', ['--version']).error === undefined ? undefined : 'git is not installed';

describeUnless(noGit, 'the commit that policies wear', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      // Nothing of the machine's own configuration has a say: it might sign commits.
      env: { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    }).trim();
  const commit = () => {
    git('add', '.');
    git('commit', '-qm', 'policies');
    return git('rev-parse', 'HEAD');
  };
  const worn = async () => {
    const loaded = await loadPolicies(options());
    if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
    return loaded.policies.revision.commit;
  };

  it('is that of a clean checkout', async () => {
    git('init', '-q');
    expect(await worn()).toBeUndefined();
    const first = commit();
    expect(await worn()).toBe(first);
    await write('two');
    expect(await worn()).toBeUndefined();
    expect(await worn()).not.toBe(first);
    const second = commit();
    expect(await worn()).toBe(second);
  });

  it('is none outside of Git', async () => {
    expect(await worn()).toBeUndefined();
  });

  it.each([
    ['has not been added yet', undefined],
    // NB. it is in force, and in no commit.
    ['Git was told to ignore', 'local.yaml\n'],
  ])('is none when the folder holds a file that %s', async (_, ignored) => {
    git('init', '-q');
    if (ignored !== undefined) await writeFile(join(dir, '.gitignore'), ignored);
    const first = commit();
    expect(await worn()).toBe(first);
    await writeFile(join(dir, 'local.yaml'), 'version: 1\nkind: settings\ntimezone: Europe/Berlin\n');
    expect(await worn()).toBeUndefined();
  });

  it('is none of a folder that Git was told to ignore, and is not touched by what changes beside it', async () => {
    const outer = dir;
    git('init', '-q');
    await writeFile(join(outer, '.gitignore'), 'ignored/\n');
    const first = commit();
    for (const name of ['ignored', 'kept']) {
      dir = join(outer, name);
      await mkdir(dir);
      await write('inner');
    }
    expect(await worn()).toBeUndefined();
    dir = join(outer, 'ignored');
    expect(await worn()).toBeUndefined();
    dir = outer;
    const second = commit();
    dir = join(outer, 'kept');
    await writeFile(join(outer, 'README'), 'Not a policy.');
    expect(await worn()).toBe(second);
    expect(second).not.toBe(first);
    dir = outer;
  });

  it('is put on without a word when the same policies are committed: nothing changed in what they say', async () => {
    git('init', '-q');
    let told = 0;
    const policies = await started(async () => {
      told += 1;
    });
    expect(policies.current().revision.commit).toBeUndefined();
    const head = commit();
    await policies.reload();
    expect(policies.current().revision.commit).toBe(head);
    expect(told).toBe(0);
  });
});
