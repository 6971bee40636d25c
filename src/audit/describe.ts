import type { DelegationEnd } from '../domain/delegation.ts';
import { formatDuration } from '../domain/duration.ts';
import type { DomainEvent } from '../domain/events.ts';
import { between } from '../domain/instant.ts';
import { principalText } from '../domain/principal.ts';
import type { FieldValues, PolicyRevision } from '../domain/request.ts';
import type { WhatWasAsked } from '../domain/what-was-asked.ts';

/** One event as a sentence for an auditor: what happened, under which rule. Free words of people are quoted as JSON. */
export function describe(event: DomainEvent): string {
  switch (event.type) {
    case 'RequestOpened': {
      const { access, durationMs, reason, flow, policy, extension, action, fields } = event.request;
      if (action) {
        const once = `to be used once within ${formatDuration(durationMs)} of its approval`;
        return `asked to do ${access}${withParameters(fields)}, ${once}${because(reason)}; flow ${quote(flow.name)}, ${under(policy)}`;
      }
      const what = extension ? `to extend ${access} until ${extension.until}, by` : `for ${access} for`;
      return `asked ${what} ${formatDuration(durationMs)}${because(reason)}; flow ${quote(flow.name)}, ${under(policy)}`;
    }
    case 'EmergencyTaken':
      return `took ${event.access} in an emergency, number ${event.number} of ${event.person.email}; a review is due by ${event.reviewBy}; ${under(event.policy)}`;
    case 'ReviewClosed':
      return `reviewed the emergency ${event.access} as ${event.review.verdict === 'fine' ? 'fine' : 'not justified'}, note ${quote(event.review.note)}`;
    case 'ReviewOverdue':
      return `nobody reviewed the emergency ${event.access} by ${event.reviewBy}`;
    case 'RequestRefused':
      return `was refused ${quote(event.access)}${asked(event.asked)}: ${event.code}${event.rule === undefined ? '' : ` by ${event.rule}`}; ${under(event.policy)}`;
    case 'VoteCast': {
      const { verdict, step, reason, onBehalfOf } = event.vote;
      const whose = onBehalfOf === undefined ? '' : ` on behalf of ${onBehalfOf}`;
      return `voted to ${verdict} ${event.access} in step ${step + 1}${whose}${because(reason)}; ${under(event.policy)}`;
    }
    case 'ApproversAskedDirectly':
      return `asked the approvers of ${event.access} directly: ${event.channel} could not be posted to (${event.code})`;
    case 'StepOpened':
      return `step ${event.step + 1} of ${event.access} is open now`;
    case 'StepReminded':
      return `reminded the approvers of step ${event.step + 1} of ${event.access}, open for ${formatDuration(between(event.openedAt, event.at))}`;
    case 'StepEscalated':
      return `step ${event.step + 1} of ${event.access} escalated to ${event.to.map(principalText).join(', ')}, after ${formatDuration(between(event.openedAt, event.at))}`;
    case 'CommandRefused':
      return `was refused to ${event.command === 'vote' ? 'vote on' : event.command}${event.access === undefined ? '' : ` ${event.access}`}: ${event.code}`;
    case 'RequestApproved':
      return `${event.access} approved ${formatDuration(between(event.openedAt, event.at))} after it was asked for; it ends ${event.grant.endsAt}; ${under(event.policy)}`;
    case 'ActionApproved':
      return `${event.access} approved ${formatDuration(between(event.openedAt, event.at))} after it was asked for; it may be used once until ${event.usableUntil}; ${under(event.policy)}`;
    case 'ActionUsed':
      return `was told to go ahead with ${event.access}${withParameters(event.parameters)}, ${formatDuration(between(event.approvedAt, event.at))} after its approval; ${under(event.policy)}`;
    case 'ActionUnused':
      return `the approval of ${event.access} was not used by ${event.usableUntil}`;
    case 'RequestDenied':
      return `${event.access} denied`;
    case 'RequestCancelled':
      return `${event.access} withdrawn`;
    case 'RequestLapsed':
      return `${event.access} lapsed: it was not approved in time`;
    case 'EntitlementBaselined':
      return event.standing
        ? `found the permission already there at ${event.target}`
        : `found nothing there at ${event.target} before giving`;
    case 'EntitlementGiven':
      return `${event.entitlement.label} at ${event.entitlement.target} for account ${event.entitlement.account} seen there${event.standing ? ' (standing before)' : ''}`;
    case 'GrantActivated':
      return `${event.access} is active`;
    case 'GrantExtended':
      return `${event.access} extended ${formatDuration(between(event.openedAt, event.at))} after it was asked for; it ends ${event.endsAt}; ${under(event.policy)}`;
    case 'GrantWarned':
      return `${event.access} ends soon, at ${event.endsAt}: its holder is told`;
    case 'GrantEnding': {
      const { access, reason, failure, unusedSince } = event;
      const why = failure ?? (unusedSince === undefined ? undefined : `unused since ${unusedSince}`);
      return `${access} is ending: ${reason}${why === undefined ? '' : ` (${why})`}`;
    }
    case 'EntitlementTaken':
      return `the permission was seen gone at ${event.target}`;
    case 'EntitlementKept':
      return `the permission stays at ${event.target}: ${event.because === 'standing' ? 'it was there before' : 'another grant holds it'}`;
    case 'GrantEnded':
      return `${event.access} ended: ${event.reason}, ${formatDuration(between(event.dueAt, event.at))} after it was due`;
    case 'EffectFailed':
      return `${event.kind} failed on attempt ${event.attempt}: ${event.code}, ${event.sentence}`;
    case 'DelegationSet':
      return `handed their votes to ${event.delegate.email} until ${event.until}`;
    case 'DelegationEnded':
      return `${event.delegate} votes for ${event.delegator} no more: ${WHY_BACK[event.because]}`;
    case 'PoliciesLoaded':
      return `policies in force: ${event.accesses} accesses, ${event.actions} actions, ${under(event.policy)}`;
    case 'PoliciesRejected':
      return `a policy change was refused, ${event.problems} problems: ${event.first}`;
  }
}

/** NB. all of them: whoever reads the log must see what exactly was approved. */
function withParameters(parameters: FieldValues): string {
  const named = Object.entries(parameters).map(([name, value]) => `${name}=${quote(value)}`);
  return named.length === 0 ? ' without parameters' : ` with ${named.join(' ')}`;
}

function asked({ durationMs, emergency, person }: WhatWasAsked): string {
  const long = durationMs === undefined ? '' : ` for ${formatDuration(durationMs)}`;
  return `${long}${emergency ? ' in an emergency' : ''}${person === undefined ? '' : ` of ${quote(person)}`}`;
}

const WHY_BACK: Readonly<Record<DelegationEnd, string>> = {
  time: 'its time is over',
  person: 'they ended it',
  replaced: 'they chose somebody else or another time',
};

/** Nothing where nobody gave one. */
const because = (reason = ''): string => (reason === '' ? '' : `, reason ${quote(reason)}`);

const quote = (words: string): string => JSON.stringify(words);

function under({ digest, commit }: PolicyRevision): string {
  const short = digest.slice(0, 12);
  return commit === undefined ? `policies ${short}` : `policies ${short} at commit ${commit.slice(0, 12)}`;
}
