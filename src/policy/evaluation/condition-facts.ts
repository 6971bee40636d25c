import type { Instant } from '../../domain/instant.ts';
import { ConditionFailed } from '../conditions/condition.ts';
import type { ConditionFacts } from '../conditions/facts.ts';
import { inSchedule } from '../conditions/schedule.ts';
import type { Person } from '../directory.ts';
import type { Question } from '../evaluate.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import type { Asked } from './what-is-asked.ts';

/** What conditions are told. */
export function conditionFacts(
  policies: PolicySet,
  about: Asked & { access: AccessPolicy; person: Person; question: Pick<Question, 'reason' | 'now'> },
): ConditionFacts {
  const { access, person, durationMs, fields, question } = about;
  return {
    access: access.name,
    durationMs,
    reason: (question.reason ?? '').trim(),
    fields,
    email: person.email,
    groups: policies.directory.groupsOf(person.email),
    manager: person.manager ?? '',
    labels: access.labels,
    now: question.now,
    inSchedule: schedulesAt(policies, question.now),
  };
}

/** `in_schedule`, at one moment. */
export const schedulesAt =
  ({ settings: { schedules, timezone } }: Pick<PolicySet, 'settings'>, now: Instant): ConditionFacts['inSchedule'] =>
  (name) => {
    const schedule = schedules.get(name);
    if (!schedule) throw new ConditionFailed(`there is no schedule ${name}`);
    return inSchedule(schedule, now, timezone);
  };
