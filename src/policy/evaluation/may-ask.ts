import { principalText } from '../../domain/principal.ts';
import type { Person } from '../directory.ts';
import { denialOf, principalFor } from '../eligibility.ts';
import { gapNote } from '../gaps.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { principalsText } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** Meaning 2: `deny` wins over everything. */
export function notDenied(
  policies: PolicySet,
  access: AccessPolicy,
  person: Person,
  trace: Trace,
): { ok: true } | Refused {
  const rule = ruleText(access.name, 'deny', access.places.deny);
  const denied = denialOf(policies, access, person.email);
  if (denied?.gap) {
    const sentence = `Nobody may ask for \`${access.name}\` now: its policy denies it to ${principalText(denied.principal)}. ${denied.gap.why} Try again in a few minutes.`;
    return trace.refused('deny', 'directory-unavailable', sentence, rule);
  }
  if (denied) {
    const sentence = `You may not ask for \`${access.name}\`: its policy denies it to ${principalText(denied.principal)}.`;
    return trace.refused('deny', 'denied-by-policy', sentence, rule);
  }
  trace.passed('deny', access.deny.length === 0 ? 'denies nobody' : 'does not name you', rule);
  return ADMITTED;
}

/** Meaning 3: `requesters` names them. */
export function isRequester(
  policies: PolicySet,
  access: AccessPolicy,
  person: Person,
  trace: Trace,
): { ok: true } | Refused {
  const rule = ruleText(access.name, 'requesters', access.places.requesters);
  const admitted = principalFor(policies, access.requesters, person.email, access);
  if (!admitted) {
    const sentence =
      access.requesters.length === 0
        ? `Nobody may ask for \`${access.name}\`: its policy names no requesters.`
        : `You may not ask for \`${access.name}\`. Those who may: ${principalsText(access.requesters)}.${gapNote(policies, access.requesters, access.targets)}`;
    return trace.refused('requesters', 'not-eligible', sentence, rule);
  }
  trace.passed('requesters', principalText(admitted), rule);
  return ADMITTED;
}

const ADMITTED = Object.freeze({ ok: true });
