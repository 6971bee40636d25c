/** Who a rule names. `manager` is the requester's, `owner` the owner of a target that the access touches. */
export type Principal =
  | { kind: 'user'; email: string }
  | { kind: 'group'; name: string }
  | { kind: 'everyone' }
  | { kind: 'manager' }
  | { kind: 'owner' };

/** The text a policy writes: `user:ana@example.com`, `group:dba`, `everyone`, `manager`, `owner`. */
export function principalText(principal: Principal): string {
  if (principal.kind === 'user') return `user:${principal.email}`;
  if (principal.kind === 'group') return `group:${principal.name}`;
  return principal.kind;
}
