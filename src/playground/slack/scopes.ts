import type { Conversation } from './workspace.ts';

type Kind = 'channels' | 'groups' | 'im';

const kindOf = (conversation: Conversation | undefined): Kind => {
  if (conversation?.kind === 'dm') return 'im';
  return conversation?.isPrivate === true ? 'groups' : 'channels';
};

const FIXED: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'conversations.open': 'im:write',
  'users.info': 'users:read',
  'users.list': 'users:read',
  'users.lookupByEmail': 'users:read.email',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
};

const BY_CONVERSATION: Record<string, 'read' | 'history'> = {
  'conversations.info': 'read',
  'conversations.members': 'read',
  'conversations.history': 'history',
  'conversations.replies': 'history',
};

/** `types` → what reading channels of these types needs. */
const BY_TYPES: Record<string, string> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};

const LISTS = ['conversations.list', 'users.conversations'];

/** The scopes that a bot token needs for a method; none when any token will do. */
export const scopesFor = (
  method: string,
  conversation: Conversation | undefined,
  types: string | undefined,
): string[] => {
  if (LISTS.includes(method)) return (types ?? 'public_channel').split(',').flatMap((type) => BY_TYPES[type] ?? []);
  const right = BY_CONVERSATION[method];
  return [right === undefined ? FIXED[method] : `${kindOf(conversation)}:${right}`].filter(
    (scope) => scope !== undefined,
  );
};
