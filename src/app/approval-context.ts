import type { RequestState } from '../domain/request.ts';
import type { ApprovalContext } from '../policy/index.ts';

/** What `manager` and `owner` refer to in a request. */
export const approvalContext = (request: Pick<RequestState, 'requester' | 'entitlements'>): ApprovalContext => ({
  requester: request.requester.email,
  targets: [...new Set(request.entitlements.map((entitlement) => entitlement.target))],
});
