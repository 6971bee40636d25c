import { userInfo } from 'node:os';
import { machineUser } from '../../src/cli/machine-user.ts';

describe('who types on this machine', () => {
  it('is known by name', () => {
    expect(machineUser()).toBe(userInfo().username);
  });

  it('is known by number in a container that has no name for its user, where asking for one throws', () => {
    const nameless = () => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    expect(machineUser(nameless)).toMatch(/^uid-\d+$/);
  });
});
