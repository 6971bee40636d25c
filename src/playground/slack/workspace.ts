import { NotPossible, SlackError } from './errors.ts';
import type { FakeMessage, FakeSlackOptions, FakeUser, FakeUsergroup, Id } from './types.ts';

export const SLACKBOT = 'USLACKBOT';

export interface Conversation {
  readonly id: Id;
  readonly name: string;
  readonly kind: 'channel' | 'dm';
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly members: Set<Id>;
  readonly botIsMember: boolean;
  /** Microseconds of the newest ts, so that every ts is new and later than those before, whatever the clock does. */
  lastTs: number;
  /** By ts, in the order of their ts: top-level, replies and ephemeral ones together. */
  readonly messages: Map<string, FakeMessage>;
}

export interface Bot {
  readonly userId: Id;
  readonly botId: Id;
  readonly appId: Id;
  readonly name: string;
}

/** Who and what is there: people, the app, user groups, conversations. */
export class Workspace {
  readonly now: () => number;
  readonly team: { id: Id; domain: string };
  readonly bot: Bot = { userId: 'U0LATCHKEY', botId: 'B0LATCHKEY', appId: 'A0LATCHKEY', name: 'latchkey' };
  readonly people: ReadonlyMap<Id, FakeUser>;
  readonly usergroups: readonly FakeUsergroup[];
  readonly conversations = new Map<Id, Conversation>();
  /** Tells the watchers; every change ends with it. */
  readonly changed: () => void;
  private count = 0;

  constructor(options: FakeSlackOptions, changed: () => void) {
    this.now = options.now ?? Date.now;
    this.changed = changed;
    this.team = options.team ?? { id: 'T0PLAYGROUND', domain: 'playground' };
    this.people = new Map(options.users.map((user) => [user.id, { ...user }]));
    this.usergroups = (options.usergroups ?? []).map((group) => ({ ...group, users: [...group.users] }));
    for (const channel of options.channels) {
      this.conversations.set(channel.id, {
        id: channel.id,
        name: channel.name,
        kind: 'channel',
        isPrivate: channel.isPrivate ?? false,
        isArchived: channel.isArchived ?? false,
        members: new Set(channel.members),
        botIsMember: channel.botIsMember ?? true,
        lastTs: 0,
        messages: new Map(),
      });
    }
  }

  /** Unique here: `V00000A`. */
  nextId(prefix: string): string {
    this.count += 1;
    return prefix + this.count.toString(36).toUpperCase().padStart(6, '0');
  }

  /** Seconds with microseconds; later than every other one of this conversation. */
  nextTs(conversation: Conversation): string {
    conversation.lastTs = Math.max(Math.floor(this.now() * 1000), conversation.lastTs + 1);
    return `${Math.floor(conversation.lastTs / 1e6)}.${String(conversation.lastTs % 1e6).padStart(6, '0')}`;
  }

  /** Throws `NotPossible` for somebody who is not there. */
  person(id: Id): FakeUser {
    const person = this.people.get(id);
    if (person === undefined) {
      throw new NotPossible(`There is no user ${id}; there are ${[...this.people.keys()].join(', ')}.`);
    }
    return person;
  }

  /** The direct messages of the app with a person. Made when first needed. */
  dm(user: Id): Conversation {
    const id = `D${user}`;
    const known = this.conversations.get(id);
    if (known !== undefined) return known;
    const made: Conversation = {
      id,
      name: 'directmessage',
      kind: 'dm',
      isPrivate: true,
      isArchived: false,
      members: new Set([user, this.bot.userId]),
      botIsMember: true,
      lastTs: 0,
      messages: new Map(),
    };
    this.conversations.set(id, made);
    return made;
  }

  /** By id, or by name with or without `#`. */
  channel(ref: string): Conversation | undefined {
    const name = ref.replace(/^#/, '');
    return (
      this.conversations.get(ref) ??
      [...this.conversations.values()].find((each) => each.kind === 'channel' && each.name === name)
    );
  }

  /** As the helpers of tests name it. Throws `NotPossible`. */
  channelFor(ref: string): Conversation {
    const found = this.channel(ref);
    if (found !== undefined) return found;
    if (ref.startsWith('D') && this.people.has(ref.slice(1))) return this.dm(ref.slice(1));
    const names = [...this.conversations.values()].map((each) => `${each.id} (${each.name})`).join(', ');
    throw new NotPossible(`There is no conversation ${ref}; there are ${names}.`);
  }

  /**
   * A conversation as a Web API method names it. `names`: `#name` works too (only `chat.postMessage` takes it).
   * `users`: a user id opens the direct messages. Throws `channel_not_found`; private channels hide from outsiders.
   */
  resolve(ref: string, accept: { names?: boolean; users?: boolean } = {}): Conversation {
    const person = accept.users === true ? this.people.get(ref) : undefined;
    if (person?.deleted === true) throw new SlackError('user_disabled');
    if (person !== undefined) return this.dm(ref);
    const found = accept.names === true ? this.channel(ref) : this.conversations.get(ref);
    if (found === undefined || (found.isPrivate && !found.botIsMember)) throw new SlackError('channel_not_found');
    return found;
  }
}
