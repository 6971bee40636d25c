import type { Fault } from './types.ts';

/** What is going to go wrong, in the order it was asked for. */
export class Faults {
  outage = false;
  private queue: { matches: (method: string) => boolean; fault: Fault; left: number }[] = [];

  add(method: string | RegExp, fault: Fault, times: number): void {
    if (!(times >= 1)) throw new RangeError(`A fault happens once or more, not ${times} times.`);
    const matches =
      typeof method === 'string' ? (name: string) => name === method : (name: string) => name.search(method) >= 0;
    this.queue.push({ matches, fault, left: times });
  }

  /** The fault of this call, if it has one; each counts down. */
  take(method: string): Fault | undefined {
    const found = this.queue.find((each) => each.matches(method));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.queue.splice(this.queue.indexOf(found), 1);
    return found.fault;
  }

  clear(): void {
    this.queue = [];
    this.outage = false;
  }
}
