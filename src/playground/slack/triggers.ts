import { randomBytes } from 'node:crypto';
import { SlackError } from './errors.ts';
import type { Id } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Milliseconds that a trigger id lives, at Slack. */
const TRIGGER_LIFE = 3000;

export interface Trigger {
  user: Id;
  at: number;
  used: boolean;
  /** The person was in a modal: only such triggers can push. */
  inModal: boolean;
}

/** Trigger ids: three seconds, if nobody says otherwise, and one use. */
export class Triggers {
  private readonly workspace: Workspace;
  private readonly lifeMs: number;
  private readonly known = new Map<string, Trigger>();

  constructor(workspace: Workspace, lifeMs: number = TRIGGER_LIFE) {
    this.workspace = workspace;
    this.lifeMs = lifeMs;
  }

  mint(user: Id, inModal: boolean): string {
    const id = `${this.workspace.nextId('')}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
    this.known.set(id, { user, at: this.workspace.now(), used: false, inModal });
    return id;
  }

  /** Throws `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`. It counts as used once `use` is called. */
  check(id: string): { trigger: Trigger; use: () => void } {
    const trigger = this.known.get(id);
    if (trigger === undefined) throw new SlackError('invalid_trigger_id');
    if (trigger.used) throw new SlackError('exchanged_trigger_id');
    if (this.workspace.now() - trigger.at > this.lifeMs) throw new SlackError('expired_trigger_id');
    return {
      trigger,
      use: () => {
        trigger.used = true;
      },
    };
  }
}
