/**
 * What the work costs this process, in milliseconds of processor time. For a bound on the cost of hostile input: unlike the time
 * on the wall it does not grow while others have the machine.
 */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
