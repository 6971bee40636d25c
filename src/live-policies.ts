import type { Clock } from './app/ports/clock.ts';
import type { ScimDirectories, ScimSnapshot, SlackDirectory } from './app/ports/live-sources.ts';
import type { Log } from './app/ports/log.ts';
import type { Policies, RejectedPolicies } from './app/ports/policies.ts';
import { between, type Milliseconds } from './domain/instant.ts';
import { LiveLane } from './live-lane.ts';
import { LiveSources } from './live-sources.ts';
import { anyLive, type Overlaid, overlay, type PolicySet } from './policy/index.ts';

/** A user group is read at least this far apart, */
const USERGROUP_EVERY_MS: Milliseconds = 60_000;
/** and further apart when there are many: all of them together take half of what Slack allows. */
const USERGROUP_SHARE_MS: Milliseconds = 6_000;
/** The whole list of people, in as many calls as it has pages. */
const EMAILS_EVERY_MS: Milliseconds = 2 * 60_000;

interface Options {
  policies: Policies;
  clock: Clock;
  log: Log;
  slack: SlackDirectory;
  scim: ScimDirectories;
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
  readonly #usergroups: LiveSources<readonly string[]>;
  readonly #emails: LiveSources<ReadonlyMap<string, string>>;
  readonly #scim: LiveSources<ScimSnapshot>;
  readonly #kinds: readonly LiveSources<unknown>[];
  /** One for each rate limit. */
  readonly #lanes = new Map<string, LiveLane>();
  #cached: { base: PolicySet; overlaid: Overlaid } | undefined;
  #gaps: ReadonlyMap<string, string> = new Map();
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    const { policies, slack, scim } = options;
    this.#usergroups = new LiveSources(options, {
      name: (id) => `Slack user group ${id}`,
      read: (id, signal) => slack.usergroup(id, signal),
      every: () => Math.max(USERGROUP_EVERY_MS, USERGROUP_SHARE_MS * this.#usergroups.size),
    });
    this.#emails = new LiveSources(options, {
      name: () => 'Slack’s list of e-mails',
      read: async (_, signal) => this.#noteMoved(await slack.emails(signal)),
      every: () => EMAILS_EVERY_MS,
    });
    const declared = (system: string) => policies.current().live.scim.find((source) => source.system === system);
    this.#scim = new LiveSources(options, {
      name: (system) => `SCIM directory ${system}`,
      read: async (system, signal) => {
        const source = declared(system);
        if (!source) return { users: [], unreadable: 0, groups: [] };
        const { name, config, groups } = source;
        return scim.read({ name, config, groups: [...new Set(groups.values())] }, signal);
      },
      every: (system) => declared(system)?.everyMs ?? Number.POSITIVE_INFINITY,
    });
    this.#kinds = [this.#usergroups, this.#emails, this.#scim];
  }

  current(): PolicySet {
    const base = this.#options.policies.current();
    if (!anyLive(base.live)) return base;
    const now = this.#options.clock.now();
    const { until } = this.#cached?.overlaid ?? {};
    if (this.#cached?.base === base && (until === undefined || now < until)) return this.#cached.overlaid.policies;
    const slackEmails = this.#emails.readings().get('');
    const data = {
      usergroups: this.#usergroups.readings(),
      scim: this.#scim.readings(),
      ...(slackEmails ? { slackEmails } : {}),
    };
    const overlaid = overlay(base, data, now);
    this.#cached = { base, overlaid };
    return overlaid.policies;
  }

  rejected(): RejectedPolicies | undefined {
    return this.#options.policies.rejected();
  }

  /** Begins to read what is due, and waits for none of it. */
  tick(): void {
    if (this.#stopped) return;
    const { usergroups, scim, matchSlackEmail } = this.#options.policies.current().live;
    this.#usergroups.declare(new Map([...usergroups.values()].map((id) => [id, ''])));
    this.#emails.declare(new Map(matchSlackEmail ? [['', '']] : []));
    // Other groups are other questions: what was read before does not answer them.
    this.#scim.declare(new Map(scim.map(({ system, groups }) => [system, [...groups.values()].sort().join('\n')])));
    this.#lane('user groups').work(() => this.#usergroups.all());
    this.#lane('e-mails').work(() => this.#emails.all());
    for (const { system } of scim) this.#lane(`scim ${system}`).work(() => this.#scim.only(system));
    this.#noteGaps();
  }

  /** Slack says that the members of a user group changed. */
  usergroupChanged(id: string): void {
    const [source] = this.#usergroups.only(id);
    if (!source) return;
    source.changed();
    this.#different();
    this.tick();
  }

  health(): LiveHealth {
    const now = this.#options.clock.now();
    const sources = this.#kinds.flatMap((kind) => kind.all());
    const missing = new Set(this.current().directory.gaps.map(({ source }) => source)).size;
    const ages = sources.flatMap(({ reading: { last } }) => (last ? [between(last.asOf, now)] : []));
    return { current: Math.max(0, sources.length - missing), missing, oldestMs: Math.max(0, ...ages) };
  }

  /** Resolves when nothing is being read. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const kind of this.#kinds) for (const source of kind.all()) source.stop();
    await this.idle();
  }

  /**
   * An e-mail that belongs to another Slack account than before makes somebody else that person. Usually an account was
   * made anew; NB. it is also what a theft by e-mail looks like, so somebody is to see it.
   */
  #noteMoved(emails: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const before = this.#emails.readings().get('')?.last?.value;
    const { directory } = this.current();
    for (const [id, email] of emails) {
      const known = directory.byEmail(email)?.slack;
      if (known === undefined || known === id || before?.get(known) !== email) continue;
      this.#options.log.warn(
        { email, before: known, now: id },
        `the e-mail ${email} belongs to another Slack account now: ${id}, and before ${known}`,
      );
    }
    return emails;
  }

  #lane(name: string): LiveLane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = new LiveLane(this.#options.clock, (different) => this.#read(different));
    this.#lanes.set(name, lane);
    return lane;
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
    if (this.#kinds.some((kind) => kind.all().some(({ tried }) => !tried))) return;
    const gaps = new Map(this.current().directory.gaps.map((gap) => [gap.why, gap] as const));
    for (const [why, { source, detail }] of gaps) {
      if (!this.#gaps.has(why)) this.#options.log.error({ source, detail }, `closed for now: ${why}`);
    }
    for (const [why, source] of this.#gaps) {
      const still = [...gaps.values()].some((gap) => gap.source === source);
      if (!gaps.has(why) && !still) this.#options.log.info({ source }, `${source} is known again`);
    }
    this.#gaps = new Map([...gaps].map(([why, { source }]) => [why, source]));
  }
}
