import type { EmergencyQuota } from '../domain/emergency.ts';
import type { Permission } from '../domain/entitlement.ts';
import type { Milliseconds } from '../domain/instant.ts';
import type { Principal } from '../domain/principal.ts';
import type { Flow, PolicyRevision } from '../domain/request.ts';
import type { Condition } from './conditions/condition.ts';
import type { Schedule } from './conditions/schedule.ts';
import type { Directory } from './directory.ts';
import type { LiveSources } from './live/live-sources.ts';
import type { Place } from './positions.ts';
import type { ExtensionApproval } from './schema/extend.ts';
import type { Day } from './schema/settings.ts';
import type { SearchIndex } from './search.ts';

/** One permission that an access gives, at one target, to the account of whoever asks. */
export interface GrantPolicy {
  readonly target: string;
  readonly permission: Permission;
  /** For people: `role app_writer`. */
  readonly label: string;
}

/** A flow, and when it is the one that decides. */
export interface FlowPolicy extends Flow {
  /** Absent: always. */
  readonly when?: Condition;
}

/** A further input of a request. */
export interface FieldPolicy {
  /** As in `/access name 1h ticket=INC-42` and `request.fields.ticket`. */
  readonly name: string;
  readonly label: string;
  /** What is to be written, for people. */
  readonly hint?: string;
  readonly required: boolean;
  /** RE2, searched for anywhere in what was typed. */
  readonly pattern?: { readonly source: string; readonly test: (text: string) => boolean };
  /** The only values there are. */
  readonly choices?: readonly string[];
}

/** Where the rules of an access stand; an absent one stands where its access does. */
export interface AccessPlaces {
  readonly access: Place;
  readonly grants: Place;
  readonly requesters: Place;
  readonly deny: Place;
  readonly duration: Place;
  readonly reason: Place;
  readonly fields: Place;
  readonly flows: Place;
  /** By flow: its `when`, or the flow. */
  readonly conditions: readonly Place[];
  /** The name of each flow. */
  readonly eachFlow: readonly Place[];
  readonly breakGlass: Place;
  readonly revokeOnIdle: Place;
  /** By flow and step. */
  readonly steps: readonly (readonly Place[])[];
}

/** How the end of a running grant may be moved: `times` times, by `byMs` each. */
export interface ExtensionPolicy {
  readonly times: number;
  readonly byMs: Milliseconds;
  readonly approval: ExtensionApproval;
}

/** Who may take the access at once, and what comes after. */
export interface BreakGlassPolicy {
  readonly allow: readonly Principal[];
  readonly reviewWithinMs: Milliseconds;
  readonly quota?: EmergencyQuota;
}

/** A named, requestable set of permissions. */
export interface AccessPolicy {
  readonly name: string;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly grants: readonly GrantPolicy[];
  /** The targets of the grants, each once. */
  readonly targets: readonly string[];
  /** Who may ask; empty: nobody. */
  readonly requesters: readonly Principal[];
  /** Wins over everything. */
  readonly deny: readonly Principal[];
  readonly duration: {
    readonly defaultMs: Milliseconds;
    readonly maxMs: Milliseconds;
    /** Absent: what was given ends when it was said to. */
    readonly extend?: ExtensionPolicy;
  };
  /** `minLength` in code points, blanks around the reason not counted. */
  readonly reason: { readonly required: boolean; readonly minLength: number };
  /** Further inputs, in the order in which they are asked for. */
  readonly fields: readonly FieldPolicy[];
  /** In order, the first whose condition holds decides; none: the request is refused. */
  readonly flows: readonly FlowPolicy[];
  /** Where approvers are asked; absent: each of them directly. */
  readonly channel?: string;
  /** Not used for so long, what it gives ends early; absent: it lasts until its end. */
  readonly revokeOnIdleMs?: Milliseconds;
  /** Absent: nobody may. */
  readonly breakGlass?: BreakGlassPolicy;
  readonly places: AccessPlaces;
}

/** Who may ask for an action. What it names must all be so. */
export type CallerPolicy =
  | {
      readonly kind: 'oidc';
      /** An OpenID provider, as `iss` in its tokens. */
      readonly issuer: string;
      /** By the name of the claim: the values of which the token's has to be one. At least one claim. */
      readonly claims: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly kind: 'api-key'; readonly name: string };

/** Where the rules of an action stand; an absent one stands where its action does. */
export interface ActionPlaces extends Pick<AccessPlaces, 'reason' | 'flows' | 'conditions' | 'eachFlow' | 'steps'> {
  readonly action: Place;
  readonly callers: Place;
  readonly eachCaller: readonly Place[];
  readonly parameters: Place;
  readonly validFor: Place;
}

/** A named one-off operation that must be approved each time. */
export interface ActionPolicy {
  readonly name: string;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty: nobody. */
  readonly callers: readonly CallerPolicy[];
  /** What exactly is approved, in the order in which it is shown. */
  readonly parameters: readonly FieldPolicy[];
  readonly reason: AccessPolicy['reason'];
  readonly flows: readonly FlowPolicy[];
  /** How long an approval may be used, once. */
  readonly validForMs: Milliseconds;
  readonly channel?: string;
  readonly places: ActionPlaces;
}

/** A configured system. */
export interface TargetPolicy {
  readonly name: string;
  readonly provider: string;
  /** Which part of a person names their account when the directory does not say. */
  readonly account: 'email' | 'local-part';
  /** The real system that `config` points at, as the provider names it, without secrets. */
  readonly system: string;
  /** Checked by the provider, secrets in place. NB. It never prints: not as JSON, not in a log, not in the console. */
  readonly config: object;
  readonly owner?: Principal;
}

export interface Settings {
  /**
   * The API keys of callers, by name: the SHA-256 of each key in lower-case hexadecimal, more than one while a key is being
   * replaced. NB. keys are 256 random bits, so their hashes may be read by anybody.
   */
  readonly apiKeys: ReadonlyMap<string, readonly string[]>;
  /** IANA name. */
  readonly timezone: string;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly digest?: {
    readonly channel: string;
    /** `HH:MM` in `timezone`. */
    readonly at: string;
    readonly days: readonly Day[];
  };
}

/** Where groups and people are written, by name and by e-mail; nowhere for those that come from elsewhere. */
export interface DirectoryPlaces {
  readonly groups: ReadonlyMap<string, Place>;
  readonly people: ReadonlyMap<string, Place>;
}

/** Policies that loaded without a problem. Frozen all the way down: a decision cannot change what it was made under. */
export interface PolicySet {
  readonly revision: PolicyRevision;
  readonly accesses: ReadonlyMap<string, AccessPolicy>;
  /** No action has the name of an access. */
  readonly actions: ReadonlyMap<string, ActionPolicy>;
  readonly targets: ReadonlyMap<string, TargetPolicy>;
  readonly directory: Directory;
  /** What the files leave to live sources; `overlay` puts what those say into `directory`. */
  readonly live: LiveSources;
  readonly directoryPlaces: DirectoryPlaces;
  /** Where each API key is named in the settings. */
  readonly apiKeyPlaces: ReadonlyMap<string, Place>;
  readonly settings: Settings;
  /** Prepared for `searchAccesses`. */
  readonly search: SearchIndex;
}

/** The same policies with the commit that they were checked out at. */
export const withCommit = (policies: PolicySet, commit: string): PolicySet =>
  Object.freeze({ ...policies, revision: Object.freeze({ ...policies.revision, commit }) });
