export { type Change, type ChangeKind, countOf, DIRECTIONS, type Direction, type PolicyDiff } from './change.ts';
export { diffPolicies } from './diff.ts';
export { COMMENT_LIMIT, COMMENT_MARK, diffMarkdown, diffText } from './render.ts';
export { type RecordedRequest, type Replay, replay } from './replay.ts';
