import type { PolicySet } from '../policy-set.ts';
import { inOrder } from '../problems.ts';
import { autoApprovals } from './auto-approvals.ts';
import { breakGlasses } from './break-glass.ts';
import { callerRules } from './callers.ts';
import { durations } from './durations.ts';
import { lookAlikes } from './look-alikes.ts';
import { optionalFields } from './optional-fields.ts';
import { partialPatterns } from './partial-patterns.ts';
import { peers } from './peers.ts';
import { unfillableSteps } from './unfillable-steps.ts';
import { unreachable } from './unreachable.ts';
import { unusedApiKeys } from './unused-api-keys.ts';
import { unusedGroups } from './unused-groups.ts';
import type { Warning } from './warnings.ts';

/** What one reviewer looks for. */
export type Rule = (policies: PolicySet) => Iterable<Warning>;

/** All of them. A new rule is a file here, its codes in `warnings.ts`, and a page for each in `docs/policy-codes/`. */
const RULES: readonly Rule[] = [
  autoApprovals,
  breakGlasses,
  callerRules,
  durations,
  lookAlikes,
  optionalFields,
  partialPatterns,
  peers,
  unfillableSteps,
  unreachable,
  unusedApiKeys,
  unusedGroups,
];

/** Everything that a careful reviewer would ask about in policies that load, by file and line. */
export const review = (policies: PolicySet): Warning[] => RULES.flatMap((rule) => [...rule(policies)]).sort(inOrder);
