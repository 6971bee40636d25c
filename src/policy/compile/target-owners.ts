import { z } from 'zod';
import type { Principal } from '../../domain/principal.ts';
import type { KnownNames } from '../names.ts';
import { readable } from '../schema/readable.ts';
import { targetOwner } from '../schema/targets.ts';
import { isRead, UNREAD, type Unread } from '../unread.ts';
import { isMapping } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** Whom a target belongs to: somebody, nobody, or what cannot be told from what is written. */
export type Owner = Principal | undefined | Unread;

/**
 * The owners of all targets. Read apart from the rest of a target, whose settings say nothing of them; one that is defined
 * twice may belong to either.
 */
export function targetOwners(documents: readonly YamlDocument[], known: KnownNames): ReadonlyMap<string, Owner> {
  const schema = z.strictObject({ owner: targetOwner(known).optional() });
  const owners = new Map<string, Owner>();
  for (const { value } of documents) {
    if (!isMapping(value.targets)) continue;
    for (const [name, target] of Object.entries(value.targets)) {
      const parts = readable(schema, target);
      owners.set(name, isRead(parts) && !owners.has(name) ? parts.owner : UNREAD);
    }
  }
  return owners;
}

const grantTargets = z.array(z.looseObject({ target: z.string() }));

/** The names of the targets that an access gives something at, whether or not what it gives is right. */
export function namesOfTargets({ value }: YamlDocument): readonly (string | Unread)[] | Unread {
  const grants = readable(grantTargets, value.grants);
  return isRead(grants) ? [...new Set(grants.map((grant) => (isRead(grant) ? grant.target : UNREAD)))] : UNREAD;
}
