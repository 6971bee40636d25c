import type { CallerRef } from '../../domain/caller.ts';
import type { FieldValues } from '../../domain/request.ts';
import { type CommonFacts, CommonValues } from './facts.ts';

/** What a condition of an action is judged on. */
export interface ActionFacts extends CommonFacts {
  action: string;
  /** Only what was given: `has(request.parameters.x)` tells. */
  parameters: FieldValues;
  caller: CallerRef;
}

/** `request` as conditions of actions see it. */
export class ActionRequestFacts {
  readonly action: string;
  readonly reason: string;
  readonly parameters: FieldValues;

  constructor({ action, reason, parameters }: ActionFacts) {
    this.action = action;
    this.reason = reason;
    this.parameters = parameters;
  }
}

/** `caller` as conditions see it: texts, empty where this kind of caller has none. */
export class CallerFacts {
  readonly kind: string;
  readonly issuer: string;
  readonly subject: string;
  readonly api_key: string;
  /** Of a token, those that are one text: a list has no place in a comparison with one. */
  readonly claims: Readonly<Record<string, string>>;

  constructor(caller: CallerRef) {
    const { kind } = caller;
    this.kind = kind;
    this.issuer = kind === 'oidc' ? caller.issuer : '';
    this.subject = kind === 'oidc' ? caller.subject : '';
    this.api_key = kind === 'api-key' ? caller.name : '';
    const texts = Object.entries(kind === 'oidc' ? caller.claims : {}).filter(
      (claim): claim is [string, string] => typeof claim[1] === 'string',
    );
    // NB. no prototype: a token may hold a claim called `constructor`.
    this.claims = Object.assign(Object.create(null), Object.fromEntries(texts));
  }
}

/** The variables of an action's condition, made once for all conditions that are judged on the same facts. */
export class ActionValues extends CommonValues {
  readonly request: ActionRequestFacts;
  readonly caller: CallerFacts;

  constructor(facts: ActionFacts) {
    super(facts);
    this.request = new ActionRequestFacts(facts);
    this.caller = new CallerFacts(facts.caller);
  }
}
