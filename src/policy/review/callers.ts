import { covers } from '../callers.ts';
import type { ActionPolicy, CallerPolicy, PolicySet } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import { namesNobody } from './shared-issuers.ts';
import { type Warning, warning } from './warnings.ts';

/** Callers that let in more, or fewer, than whoever reads them would think. */
export function* callerRules({ actions }: PolicySet): Generator<Warning> {
  for (const action of actions.values()) {
    yield* claimsOfKeys(action);
    for (const [index, rule] of action.callers.entries()) {
      const place = action.places.eachCaller[index] ?? action.places.callers;
      yield* repeated(action, rule, index, place);
      if (rule.kind === 'oidc') yield* ofClaims(rule, place);
    }
  }
}

function* repeated({ callers, places }: ActionPolicy, rule: CallerPolicy, index: number, place: Place) {
  const before = callers.findIndex(
    (other, at) => at !== index && covers(other, rule) && (at < index || !covers(rule, other)),
  );
  const { file, line } = places.eachCaller[before] ?? places.callers;
  if (before < 0) return;
  const sentence = `The caller at ${file}:${line} lets in everybody whom this one does: remove one of them, or say there what you meant to ask for.`;
  yield warning(place, 'repeated-caller', sentence);
}

function* ofClaims({ issuer, claims }: OidcPolicy, place: Place): Generator<Warning> {
  const names = Object.keys(claims);
  const better = namesNobody(issuer, names);
  if (better !== undefined) {
    const sentence = `Everybody who uses ${issuer} can have a token with ${names.map((name) => `\`${name}\``).join(' and ')} like this: name whose it must be, such as with \`${better}\`.`;
    yield warning(place, 'claims-of-anybody', sentence);
  }
  for (const [name, values] of Object.entries(claims)) {
    const star = values.find((value) => /[*?]/.test(value));
    if (star === undefined) continue;
    const sentence = `Claims are compared letter by letter, so \`${name}\` has to be “${star}” with its ${star.includes('*') ? '*' : '?'}: write the values out.`;
    yield warning(place, 'literal-wildcard', sentence);
  }
}

/** A condition has no answer for a claim that is not there, and an API key has none at all. */
function* claimsOfKeys({ callers, flows, places }: ActionPolicy): Generator<Warning> {
  if (!callers.some(({ kind }) => kind === 'api-key')) return;
  for (const [index, { name, when }] of flows.entries()) {
    // A flow that tells them apart is meant to; what comes behind it, nobody can say here.
    if (!when || WHO.some((read) => when.reads.has(read)) || when.askedClaims.size > 0) return;
    const [claim] = when.claims;
    if (claim === undefined) continue;
    const sentence = `The flow “${name}” reads the claim \`${claim}\`, and an API key has no claims: who calls with one is refused with \`policy-error\`. Ask first, with \`caller.kind == "oidc" && …\`, or put a flow for API keys before it.`;
    yield warning(places.conditions[index] ?? places.flows, 'claims-of-api-key', sentence);
  }
}

/** What tells an API key from a token. */
const WHO = ['caller.kind', 'caller.issuer', 'caller.subject', 'caller.api_key'];

type OidcPolicy = Extract<CallerPolicy, { kind: 'oidc' }>;
