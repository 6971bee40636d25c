import { knownIssuers } from './app/known-issuers.ts';
import type { Ports } from './app/ports/index.ts';
import { type ApiOptions, createApi } from './http/api/api.ts';
import { knownCaller } from './policy/index.ts';
import { createCredentials } from './tokens/credentials.ts';
import type { IssuerKeys } from './tokens/issuer-keys.ts';

const POLICIES_BROKEN =
  'The policies are broken, so nothing can be asked or used until they are mended. Nothing was done; ask again in a while.';
const NO_WORKSPACE =
  'Slack has not answered yet, so it is not known whom to ask. Nothing was done; ask again in a while.';

interface About {
  ports: Ports;
  useCases: ApiOptions['useCases'];
  audience: string;
  /** Undefined: it is not known yet. */
  workspace(): string | undefined;
  answered?: ApiOptions['answered'];
  /** The playground's own, in place of those of the issuers that the policies name. */
  keys?: IssuerKeys;
}

/** The API for callers of actions, under the policies in force. */
export function callerApi({
  ports,
  useCases,
  audience,
  workspace,
  answered,
  keys,
}: About): ReturnType<typeof createApi> {
  const { clock, log, policies } = ports;
  const credentials = createCredentials({
    audience,
    issuers: () => knownIssuers(policies.current()),
    apiKeys: () => policies.current().settings.apiKeys,
    clock,
    log,
    ...(keys ? { keys } : {}),
  });
  return createApi({
    credentials,
    useCases,
    log,
    knows: (caller) => knownCaller(policies.current(), caller),
    ...(answered ? { answered } : {}),
    serving() {
      if (policies.rejected()?.nothingServed) return { closed: POLICIES_BROKEN };
      const served = workspace();
      return served === undefined ? { closed: NO_WORKSPACE } : { workspace: served };
    },
  });
}
