import { userInfo } from 'node:os';

/**
 * Who types on this machine, for the record. NB. a container may run as a user that nobody gave a name, and asking for it
 * throws there: break glass must not fail at that, in the one moment in which it is needed.
 */
export function machineUser(named: () => { username: string } = userInfo): string {
  try {
    return named().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
