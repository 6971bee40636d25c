import { readdir } from 'node:fs/promises';
import { providers } from '../../src/providers/registry.ts';

describe('the registry of providers', () => {
  it('is the folder listing', async () => {
    const entries = await readdir(new URL('../../src/providers/', import.meta.url), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect([...providers.keys()].sort()).toEqual(folders.sort());
  });

  it('knows every provider by its own name', () => {
    for (const [name, provider] of providers) expect(provider.name).toBe(name);
  });
});
