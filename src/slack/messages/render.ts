import type { Message } from '../../app/messages.ts';
import type { Rendered } from '../blocks.ts';
import { approverMessage } from './approver-message.ts';
import { delegationMessage } from './delegation-message.ts';
import { digestMessage } from './digest-message.ts';
import { newsMessage, requesterMessage } from './requester-message.ts';
import { alarmMessage, storyMessage } from './story-message.ts';
import { warningMessage } from './warning-message.ts';

/** State in, Block Kit out. Pure: equal state gives equal bytes, which is how copies are known to be current. */
export function render(message: Message): Rendered {
  switch (message.kind) {
    case 'approvers':
      return approverMessage(message.view);
    case 'requester':
      return requesterMessage(message.view);
    case 'story':
      return storyMessage(message.view, message.line);
    case 'alarm':
      return alarmMessage(message.view, message.line);
    case 'warning':
      return warningMessage(message.view);
    case 'news':
      return newsMessage(message.view, message.news);
    case 'delegation':
      return delegationMessage(message);
    case 'digest':
      return digestMessage(message.digest);
  }
}
