import type { WebClient } from '@slack/web-api';
import { messengerError } from './slack-error.ts';

/** The workspace the bot token was issued for. */
export interface Workspace {
  id: string;
  botId: string;
  botUserId: string;
}

/** @throws MessengerError */
export async function findWorkspace(client: WebClient): Promise<Workspace> {
  try {
    const me = await client.auth.test();
    if (!me.team_id) throw new Error('auth.test named no team');
    return { id: me.team_id, botId: me.bot_id ?? '', botUserId: me.user_id ?? '' };
  } catch (error) {
    throw messengerError('auth.test', error);
  }
}
