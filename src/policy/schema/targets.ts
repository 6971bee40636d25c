import { z } from 'zod';
import type { Principal } from '../../domain/principal.ts';
import { type Env, substitute } from '../env.ts';
import type { KnownNames } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { ProviderSchema, ProviderSchemas } from '../provider-schemas.ts';
import { isMapping } from '../yaml/plain.ts';
import { type Context, forward } from './forward.ts';
import { type Meaningless, principal } from './principal.ts';
import { byName, say } from './words.ts';

const OWNER_RULE: Meaningless = {
  owner: 'A target cannot be its own owner: name a group or a person.',
  manager: 'A manager depends on who asks: name a group or a person as the owner.',
};

export interface TargetDocument {
  provider: string;
  account: 'email' | 'local-part';
  /** Checked by the provider, with the environment's values in it. */
  /** The real system that `config` points at. */
  system: string;
  config: object;
  owner?: Principal;
}

/** Who answers for a target. */
export const targetOwner = (known: KnownNames) => principal(known, OWNER_RULE);

/**
 * One configured system. Apart from `provider` and `owner` its settings are the provider's own; they are judged whether or
 * not its owner is right.
 */
const target = (known: KnownNames, providers: ProviderSchemas, env: Env) => {
  const own = z.looseObject({ provider: z.string(), owner: targetOwner(known).optional() });
  return z.unknown().transform((written, context): TargetDocument => {
    const parsed = own.safeParse(written);
    if (!parsed.success) forward(context, parsed.error.issues, { schema: own });
    const { provider: providerName, owner: _, ...settings } = isMapping(written) ? written : {};
    if (typeof providerName !== 'string') return z.NEVER;
    const provider = providers.get(providerName);
    if (!provider) {
      const known = [...providers.keys()].sort();
      const guess = didYouMean(providerName, known) || ` There are: ${known.join(', ')}.`;
      say(context, { code: 'unknown-provider' }, `There is no provider \`${providerName}\`.${guess}`, ['provider']);
      return z.NEVER;
    }
    const config = providerConfig(context, provider, settings, env);
    if (!config || !parsed.success) return z.NEVER;
    const { owner } = parsed.data;
    const system = provider.identity(config);
    return { provider: providerName, account: provider.account, system, config, ...(owner ? { owner } : {}) };
  });
};

/** A provider's settings with the environment's values in them; undefined when they have a problem, which is said. */
export function providerConfig(
  context: Context,
  provider: ProviderSchema,
  settings: Readonly<Record<string, unknown>>,
  env: Env,
): object | undefined {
  const substituted = substitute(settings, provider.secretSettings, env);
  for (const { path, code, sentence } of substituted.problems) say(context, { code }, sentence, path);
  const parsed = provider.config.safeParse(substituted.settings);
  if (!parsed.success) {
    // A setting whose value could not be put together is not judged a second time.
    const rest = parsed.error.issues.filter(({ path, code }) =>
      path.length === 0 && code !== 'unrecognized_keys'
        ? substituted.broken.size === 0
        : !substituted.broken.has(String(path[0])),
    );
    forward(context, rest, { schema: provider.config, secrets: substituted.values });
  }
  return parsed.success && substituted.problems.length === 0 ? parsed.data : undefined;
}

/** `kind: targets`: the systems that permissions are given at. */
export const targetsSchema = (known: KnownNames, providers: ProviderSchemas, env: Env) =>
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('targets'),
    targets: byName(target(known, providers, env)),
  });
