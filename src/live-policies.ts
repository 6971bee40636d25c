import type { Clock } from './app/ports/clock.ts';
import type { SlackDirectory } from './app/ports/live-sources.ts';
import type { Log } from './app/ports/log.ts';
import type { Policies } from './app/ports/policies.ts';
import { between, type Instant, type Milliseconds } from './domain/instant.ts';
import { LiveLane } from './live-lane.ts';
import { LiveSource } from './live-source.ts';
import { anyLive, type Overlaid, overlay, type PolicySet } from './policy/index.ts';

/** A user group is read at least this far apart, */
const USERGROUP_EVERY_MS: Milliseconds = 60_000;
/** and further apart when there are many: all of them together take half of what Slack allows. */
const USERGROUP_SHARE_MS: Milliseconds = 6_000;

interface Options {
  policies: Policies;
  clock: Clock;
  log: Log;
  slack: SlackDirectory;
}

/** How the live sources are, for the metrics. */
export interface LiveHealth {
  current: number;
  missing: number;
  /** The age of the oldest thing that any of them said. */
  oldestMs: Milliseconds;
}

/**
 * The policies in force with what live sources say laid over them. What was read lives in memory only: after a start
 * nothing is known until it is read, within seconds.
 */
export class LivePolicies implements Policies {
  readonly #options: Options;
  readonly #usergroups = new Map<string, LiveSource<readonly string[]>>();
  readonly #slackLane: LiveLane;
  #cached: { base: PolicySet; overlaid: Overlaid } | undefined;
  #gaps: ReadonlyMap<string, string> = new Map();
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    this.#slackLane = new LiveLane(options.clock, (different) => this.#read(different));
  }

  current(): PolicySet {
    const base = this.#options.policies.current();
    if (!anyLive(base.live)) return base;
    const now = this.#options.clock.now();
    const { until } = this.#cached?.overlaid ?? {};
    if (this.#cached?.base === base && (until === undefined || now < until)) return this.#cached.overlaid.policies;
    const usergroups = new Map([...this.#usergroups].map(([id, { reading }]) => [id, reading]));
    const overlaid = overlay(base, { usergroups }, now);
    this.#cached = { base, overlaid };
    return overlaid.policies;
  }

  rejected(): { at: Instant; problems: readonly string[] } | undefined {
    return this.#options.policies.rejected();
  }

  /** Begins to read what is due, and waits for none of it. */
  tick(): void {
    if (this.#stopped) return;
    this.#declare();
    this.#slackLane.work(() => this.#usergroups.values());
    this.#noteGaps();
  }

  /** Slack says that the members of a user group changed. */
  usergroupChanged(id: string): void {
    const source = this.#usergroups.get(id);
    if (!source) return;
    source.changed();
    this.#different();
    this.tick();
  }

  health(): LiveHealth {
    const now = this.#options.clock.now();
    const sources = [...this.#usergroups.values()];
    const missing = new Set(this.current().directory.gaps.map(({ source }) => source)).size;
    const ages = sources.flatMap(({ reading: { last } }) => (last ? [between(last.asOf, now)] : []));
    return { current: sources.length - missing, missing, oldestMs: Math.max(0, ...ages) };
  }

  /** Resolves when nothing is being read. */
  async idle(): Promise<void> {
    await this.#slackLane.idle();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const source of this.#usergroups.values()) source.stop();
    await this.idle();
  }

  /** Takes over the sources that the policies in force name. One that is named no more is forgotten. */
  #declare(): void {
    const { clock, log, slack, policies } = this.#options;
    const named = new Set(policies.current().live.usergroups.values());
    for (const [id, source] of this.#usergroups) {
      if (named.has(id)) continue;
      source.stop();
      this.#usergroups.delete(id);
    }
    for (const id of named) {
      if (this.#usergroups.has(id)) continue;
      const source = new LiveSource({
        name: `Slack user group ${id}`,
        read: (signal) => slack.usergroup(id, signal),
        every: () => Math.max(USERGROUP_EVERY_MS, USERGROUP_SHARE_MS * this.#usergroups.size),
        clock,
        log,
      });
      this.#usergroups.set(id, source);
    }
  }

  /** The same answer again changes nothing, unless the one before had become too old. */
  #read(different: boolean): void {
    const closed = (this.#cached?.overlaid.policies.directory.gaps.length ?? 0) > 0;
    if (different || closed) this.#different();
  }

  #different(): void {
    this.#cached = undefined;
    this.#noteGaps();
  }

  /** Says in the log what is not known any more, and what is known again. */
  #noteGaps(): void {
    if ([...this.#usergroups.values()].some(({ tried }) => !tried)) return;
    const gaps = new Map(this.current().directory.gaps.map((gap) => [gap.source, gap] as const));
    for (const [source, { why, detail }] of gaps) {
      if (!this.#gaps.has(source))
        this.#options.log.error({ source, detail }, `refused until it is read again: ${why}`);
    }
    for (const source of this.#gaps.keys()) {
      if (!gaps.has(source)) this.#options.log.info({ source }, `${source} is known again`);
    }
    this.#gaps = new Map([...gaps].map(([source, { why }]) => [source, why]));
  }
}
