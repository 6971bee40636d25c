import { formatDuration } from '../../domain/duration.ts';
import { principalText } from '../../domain/principal.ts';
import { candidates, type Who } from '../eligibility.ts';
import { mayGrow } from '../gaps.ts';
import type { AccessPolicy } from '../policy-set.ts';
import { type Problem, problem } from '../problems.ts';
import type { AccessDocument } from '../schema/access.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** Reminders and escalations that could never come: whoever wrote them counts on them. */
export function nudgesTooLate({ positions }: YamlDocument, { flows }: AccessDocument): Problem[] {
  return flows.flatMap(({ steps = [], timeout }, flow) =>
    steps.flatMap(({ remind_every, escalate }, step) => {
      const check = (ms: number | undefined, what: string, path: PropertyKey[]): Problem[] => {
        if (ms === undefined || ms < timeout) return [];
        const sentence = `The request lapses after ${formatDuration(timeout)}, so ${what} would never come: make it shorter, or the flow’s \`timeout\` longer.`;
        return [problem(positions.value(['flows', flow, 'steps', step, ...path]), 'after-timeout', sentence)];
      };
      return [
        ...check(remind_every, 'this reminder', ['remind_every']),
        ...check(escalate?.after, 'this escalation', ['escalate', 'after']),
      ];
    }),
  );
}

/** Escalations to nobody. NB. disabled people count, as in `unfillableFlows`: disabling somebody must not break the folder. */
export function emptyEscalations({ positions }: YamlDocument, who: Who, access: AccessPolicy): Problem[] {
  return access.flows.flatMap(({ steps }, flow) =>
    steps.flatMap(({ need, escalate }, step) => {
      // A requester who has a manager may come; so only what is empty for everybody is judged.
      if (!escalate || escalate.to.some(({ kind }) => kind === 'manager')) return [];
      // Who is in a live group changes without the files.
      if (mayGrow(who, escalate.to, access.targets)) return [];
      const context = { requester: '', targets: access.targets };
      const options = { most: 1, disabledToo: true };
      if (candidates(who, { approvers: escalate.to, need }, context, options).length > 0) return [];
      const sentence = `There is nobody in ${escalate.to.map(principalText).join(', ')} who could approve, so this would escalate to nobody. Add people, or name others.`;
      return [problem(positions.value(['flows', flow, 'steps', step, 'escalate', 'to']), 'empty-group', sentence)];
    }),
  );
}
