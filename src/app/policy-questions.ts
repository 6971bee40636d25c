/** What adapters may ask of the policies, without reaching into the policy folder themselves. */
export {
  type AccessPolicy,
  approvers,
  type Decision,
  durationChoices,
  type ExplainedStep,
  type Explanation,
  evaluate,
  nearest,
  type PolicySet,
  type Refused,
  requestable,
  searchAccesses,
} from '../policy/index.ts';
