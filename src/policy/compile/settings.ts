import { deepFreeze, FrozenMap } from '../frozen.ts';
import type { Settings } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import { DEFAULT_TIMEZONE, type SettingsDocument } from '../schema/settings.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** A checked settings document as a policy; without one, what holds when nobody says anything. */
export function settingsOf(data: SettingsDocument | undefined): Settings {
  const digest = data?.digest;
  return deepFreeze({
    apiKeys: new FrozenMap(Object.entries(deepFreeze(data?.api_keys ?? {}))),
    timezone: data?.timezone ?? DEFAULT_TIMEZONE,
    schedules: new FrozenMap(Object.entries(data?.schedules ?? {})),
    ...(digest ? { digest: { channel: digest.channel, at: digest.at, days: [...new Set(digest.days)] } } : {}),
  });
}

/** Where the API keys are named. */
export const apiKeyPlaces = (
  settings: readonly { document: YamlDocument; data: SettingsDocument }[],
): ReadonlyMap<string, Place> =>
  new FrozenMap(
    settings.flatMap(({ document: { positions }, data }) =>
      Object.keys(data.api_keys ?? {}).map((name) => [name, positions.key(['api_keys', name])] as const),
    ),
  );
