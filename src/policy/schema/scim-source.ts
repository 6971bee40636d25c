import { z } from 'zod';
import type { Milliseconds } from '../../domain/instant.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import type { ProviderSchemas } from '../provider-schemas.ts';
import { isMapping } from '../yaml/plain.ts';
import { forward } from './forward.ts';
import { providerConfig } from './targets.ts';
import { byName, duration, line, say } from './words.ts';

/** A SCIM directory is configured as a target of this provider is. */
const PROVIDER = 'scim-group';
const MINUTE: Milliseconds = 60_000;
const DEFAULT_EVERY: Milliseconds = 5 * MINUTE;

export interface ScimDocument {
  /** The real system that `config` points at. */
  system: string;
  config: object;
  everyMs: Milliseconds;
  /** Display names there by the names of groups here. */
  groups: Readonly<Record<string, string>>;
}

const every = duration.transform((ms, context) => {
  if (ms >= MINUTE && ms <= 60 * MINUTE) return ms;
  say(context, { code: 'out-of-range' }, 'A SCIM directory is read every 1m to 1h.');
  return z.NEVER;
});

/** What the language itself says of a source, beside the settings of the provider. */
export const scimKeys = z.looseObject({
  every: every.default(DEFAULT_EVERY),
  groups: byName(line(LIMITS.textChars)).default({}),
});

/** `from: {scim: …}`: people, their managers and groups, from a SCIM 2.0 directory. */
export const scimSource = (providers: ProviderSchemas, env: Env) =>
  z.unknown().transform((written, context): ScimDocument => {
    const parsed = scimKeys.safeParse(written);
    if (!parsed.success) forward(context, parsed.error.issues, { schema: scimKeys });
    const provider = providers.get(PROVIDER);
    if (!provider) {
      say(context, { code: 'unknown-provider' }, `This release has no provider \`${PROVIDER}\`, which reads SCIM.`);
      return z.NEVER;
    }
    if (!isMapping(written)) return z.NEVER;
    const { every: _, groups: __, ...settings } = written;
    const config = providerConfig(context, provider, settings, env);
    if (!config || !parsed.success) return z.NEVER;
    return { system: provider.identity(config), config, everyMs: parsed.data.every, groups: parsed.data.groups };
  });
