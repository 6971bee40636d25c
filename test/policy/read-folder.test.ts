import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatProblem, LIMITS, readPolicyFolder } from '../../src/policy/index.ts';

let root = '';
let folder = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-policies-'));
  folder = join(root, 'policies');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = async (path: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
};
const read = async () => {
  const result = await readPolicyFolder(folder);
  return result.ok ? result.files : result.problems.map(formatProblem);
};

describe('reading the policy folder', () => {
  it('takes every policy of the folder and its sub-folders, by path', async () => {
    await write('z.yml', 'z: 1');
    await write('b/deep/c.yaml', 'c: 1');
    await write('a.yaml', 'a: 1');
    expect(await read()).toEqual([
      { path: 'policies/a.yaml', text: 'a: 1' },
      { path: 'policies/b/deep/c.yaml', text: 'c: 1' },
      { path: 'policies/z.yml', text: 'z: 1' },
    ]);
  });

  it('leaves tests, other files and hidden ones alone', async () => {
    await write('a.yaml', 'a: 1');
    await write('a.test.yaml', 'a: 1');
    await write('README.md', '# hello');
    await write('.draft.yaml', 'a: 1');
    await write('.git/config.yaml', 'a: 1');
    expect(await read()).toEqual([{ path: 'policies/a.yaml', text: 'a: 1' }]);
  });

  it('takes a byte order mark off', async () => {
    await write('a.yaml', '\uFEFFa: ä');
    expect(await read()).toEqual([{ path: 'policies/a.yaml', text: 'a: ä' }]);
  });

  it('follows a link within the folder, as a mounted ConfigMap has them', async () => {
    await write('..2024_01_01/a.yaml', 'a: 1');
    await symlink('..2024_01_01', join(folder, '..data'));
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    expect(await read()).toEqual([{ path: 'policies/a.yaml', text: 'a: 1' }]);
  });
});

describe('a folder that cannot be read in full is a problem, never an exception', () => {
  it('link-leaves-folder: a link to a file outside, or to any folder', async () => {
    await writeFile(join(root, 'secret.yaml'), 'a: 1');
    await mkdir(join(root, 'elsewhere'));
    await symlink('../secret.yaml', join(folder, 'a.yaml'));
    await symlink(join(root, 'elsewhere'), join(folder, 'b'));
    await write('inside/x.yaml', 'x: 1');
    await symlink('inside', join(folder, 'c'));
    expect(await read()).toEqual([
      expect.stringMatching(/^policies\/a\.yaml:1:1 link-leaves-folder .*out of the policy folder/),
      expect.stringMatching(/^policies\/b:1:1 link-leaves-folder .*to a folder/),
      expect.stringMatching(/^policies\/c:1:1 link-leaves-folder .*to a folder/),
    ]);
  });

  it('unreadable: a folder that is not there, a link to nowhere, a named pipe', async () => {
    expect(await readPolicyFolder(join(root, 'nowhere'))).toEqual({
      ok: false,
      problems: [{ file: 'nowhere', line: 1, col: 1, code: 'unreadable', sentence: expect.stringContaining('ENOENT') }],
      files: [],
    });
    await writeFile(join(root, 'file'), '');
    expect(await readPolicyFolder(join(root, 'file'))).toMatchObject({ problems: [{ code: 'unreadable' }] });
    await symlink('gone.yaml', join(folder, 'a.yaml'));
    execFileSync('mkfifo', [join(folder, 'b.yaml')]);
    expect(await read()).toEqual([
      expect.stringMatching(/^policies\/a\.yaml:1:1 unreadable .*ENOENT/),
      expect.stringMatching(/^policies\/b\.yaml:1:1 unreadable .*not a regular file/),
    ]);
  });

  it('unreadable: a name with line breaks or control characters, which would break what it is quoted in', async () => {
    await write('a.yaml', 'a: 1');
    await write('b\n::error::c.yaml', 'b: 1');
    await write('d\u001b[31m/e.yaml', 'e: 1');
    await write('f\n.md', 'not ours');
    expect(await read()).toEqual([
      'policies/b\\n::error::c.yaml:1:1 unreadable This name holds line breaks or other control characters: rename it.',
      'policies/d\\u001b[31m:1:1 unreadable This name holds line breaks or other control characters: rename it.',
    ]);
  });

  it('file-too-large: a file over one MiB, but not one of exactly that', async () => {
    await write('a.yaml', '#'.repeat(LIMITS.fileBytes));
    await write('b.yaml', '#'.repeat(LIMITS.fileBytes + 1));
    expect(await read()).toEqual([expect.stringMatching(/^policies\/b\.yaml:1:1 file-too-large .*1 MiB/)]);
  });

  it('file-too-large: fifty megabytes, of which nothing is read', async () => {
    await write('a.yaml', 'a: 1');
    await truncate(join(folder, 'a.yaml'), 50 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    expect(await read()).toEqual([expect.stringMatching(/^policies\/a\.yaml:1:1 file-too-large /)]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024);
  });

  it('files that come and go while they are read: all of them as they were, or a problem', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `${n}.yaml`);
    const text = `a: ${'x'.repeat(50_000)}`;
    await Promise.all(names.map((name) => write(name, text)));
    let going = true;
    const restless = (async () => {
      for (let n = 0; going; n += 1) {
        const name = names[n % names.length] ?? '';
        await rm(join(folder, name), { force: true });
        await write(name, text);
      }
    })();
    for (let round = 0; round < 50; round += 1) {
      const result = await readPolicyFolder(folder);
      if (result.ok) for (const file of result.files) expect(file.text === text).toBe(true);
      else for (const { code } of result.problems) expect(['unreadable', 'empty-file']).toContain(code);
    }
    going = false;
    await restless;
  });

  it('folder-too-large: too many files, too many bytes, too many levels', async () => {
    const deep = `${'d/'.repeat(LIMITS.folderDepth + 1)}a.yaml`;
    await write(deep, 'a: 1');
    expect(await read()).toEqual([expect.stringMatching(/^policies(\/d)+:1:1 folder-too-large .*16 levels/)]);
    await rm(join(folder, 'd'), { recursive: true });

    const mib = Buffer.alloc(LIMITS.fileBytes, '#');
    await Promise.all(Array.from({ length: 65 }, (_, n) => write(`${n}.yaml`, mib)));
    expect(await read()).toEqual([expect.stringMatching(/^policies:1:1 folder-too-large .*64 MiB/)]);
    await rm(folder, { recursive: true });

    await mkdir(folder);
    await Promise.all(Array.from({ length: LIMITS.files + 1 }, (_, n) => write(`${n}.yaml`, '#')));
    expect(await read()).toEqual([expect.stringMatching(/^policies:1:1 folder-too-large .*5000 policy files/)]);
  });

  it('not-utf-8: with the line', async () => {
    await write('a.yaml', Buffer.from('a: 1\nb: \xe9\nc: 1\n', 'latin1'));
    await write('b.yaml', Buffer.from('\uFEFFa: 1', 'utf16le'));
    expect(await read()).toEqual([
      expect.stringMatching(/^policies\/a\.yaml:2:1 not-utf-8/),
      expect.stringMatching(/^policies\/b\.yaml:1:1 not-utf-8/),
    ]);
  });

  it('empty-file: a file that is being written looks like that', async () => {
    await write('a.yaml', '');
    await write('b.yaml', ' \n');
    await write('c.yaml', '# nothing yet\n');
    expect(await read()).toEqual([
      expect.stringMatching(/^policies\/a\.yaml:1:1 empty-file/),
      expect.stringMatching(/^policies\/b\.yaml:1:1 empty-file/),
    ]);
  });

  it('no-policies: a folder that holds none', async () => {
    await write('README.md', '# hello');
    expect(await read()).toEqual([expect.stringMatching(/^policies:1:1 no-policies/)]);
  });
});
