export { knownCaller, mayCall } from './callers.ts';
export type { Fixtures } from './compile/documents.ts';
export {
  type Change,
  COMMENT_LIMIT,
  COMMENT_MARK,
  countOf,
  type Direction,
  diffMarkdown,
  diffPolicies,
  diffText,
  type PolicyDiff,
  type RecordedRequest,
  type Replay,
  replay,
} from './diff/index.ts';
export type { Directory, Person } from './directory.ts';
export { durationChoices } from './duration-choices.ts';
export { type ApprovalContext, approvers, isApprover, mayRequest, requestable } from './eligibility.ts';
export type { Env } from './env.ts';
export {
  type Check,
  type Decision,
  evaluate,
  type Question,
  type Refused,
  type TraceStep,
  type Wrong,
} from './evaluate.ts';
export { type ActionDecision, type ActionQuestion, evaluateAction } from './evaluate-action.ts';
export { evaluateEmergency } from './evaluate-emergency.ts';
export { type ExtensionQuestion, evaluateExtension } from './evaluate-extension.ts';
export { accountAt } from './evaluation/what-it-takes.ts';
export { withOwners } from './evaluation/with-owners.ts';
export {
  assumingParameters,
  assumingReason,
  type ExplainedStep,
  type Explanation,
  explained,
  explainedAction,
} from './explain.ts';
export { rightlyFilled } from './field-rule.ts';
export { type Gap, gapNote, strangerNote } from './gaps.ts';
export { LIMITS } from './limits.ts';
export { MOST_USERGROUPS } from './live/bounds.ts';
export type { LiveData, Reading, ScimGroup, ScimSnapshot, ScimUser } from './live/live-data.ts';
export { anyLive, type LiveSources, type ScimSource } from './live/live-sources.ts';
export { type Overlaid, overlay } from './live/overlay.ts';
export { unknownGroupsOf, withMembers } from './live/with-members.ts';
export { nearest } from './nearest.ts';
export { type ParsedPolicies, parseFolder, parsePolicies, parseWithFixtures } from './parse-policies.ts';
export { isPolicyPath, isTestPath, type PolicyFile } from './policy-files.ts';
export {
  type AccessPlaces,
  type AccessPolicy,
  type ActionPlaces,
  type ActionPolicy,
  type BreakGlassPolicy,
  type CallerPolicy,
  type ExtensionPolicy,
  type GrantPolicy,
  type PolicySet,
  type Settings,
  type TargetPolicy,
  withCommit,
} from './policy-set.ts';
export type { Place } from './positions.ts';
export { printable } from './printable.ts';
export { PROBLEM_CODES, type ProblemCode } from './problem-codes.ts';
export { formatProblem, type Problem } from './problems.ts';
export type { ProviderSchema, ProviderSchemas, Schema, SchemaIssue } from './provider-schemas.ts';
export {
  type FolderSource,
  type HowToRead,
  type ReadFolder,
  readPolicyFolder,
  readPolicySource,
  UNSEEN,
} from './read-folder.ts';
export { salvage } from './salvage.ts';
export { DAYS, type Day } from './schema/settings.ts';
export { NAME_SHAPE } from './schema/words.ts';
export { searchAccesses } from './search.ts';
