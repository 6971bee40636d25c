import { isObject } from '../block-kit/checks.ts';
import { SlackError } from '../errors.ts';
import type { FakeView } from '../types.ts';
import type { Arguments } from './arguments.ts';
import type { Context, Method } from './context.ts';

const readView = (args: Arguments, { modals }: Context, type: 'modal' | 'home') =>
  modals.check(args.json('view', 'invalid_arguments'), type);

const answer = ({ modals }: Context, view: FakeView): Record<string, unknown> => ({ view: modals.asSlack(view) });

const open: Method = (args, context) => {
  const view = readView(args, context, 'modal');
  const { trigger, use } = context.triggers.check(args.needed('trigger_id'));
  const opened = context.modals.open(trigger.user, view);
  use();
  return answer(context, opened);
};

const push: Method = (args, context) => {
  const view = readView(args, context, 'modal');
  const { trigger, use } = context.triggers.check(args.needed('trigger_id'));
  // NB. There must be a view to push upon: a trigger of a command or of a message's button opens, it does not push.
  if (!trigger.inModal || context.modals.stack(trigger.user).length === 0) throw new SlackError('invalid_trigger_id');
  const pushed = context.modals.push(trigger.user, view);
  use();
  return answer(context, pushed);
};

const update: Method = (args, context) => {
  const sent = args.json('view', 'invalid_arguments');
  const view = context.modals.check(sent, isObject(sent) && sent.type === 'home' ? 'home' : 'modal');
  const [id, externalId, hash] = [args.text('view_id'), args.text('external_id'), args.text('hash')];
  if (id === undefined && externalId === undefined) args.needed('view_id');
  return answer(
    context,
    context.modals.update(
      {
        ...(id === undefined ? {} : { id }),
        ...(externalId === undefined ? {} : { externalId }),
        ...(hash === undefined ? {} : { hash }),
      },
      view,
    ),
  );
};

const publish: Method = (args, context) => {
  const view = readView(args, context, 'home');
  const user = args.needed('user_id');
  if (!context.workspace.people.has(user)) throw new SlackError('user_not_found');
  return answer(context, context.modals.publish(user, view, args.text('hash')));
};

export const views: Record<string, Method> = {
  'views.open': open,
  'views.push': push,
  'views.update': update,
  'views.publish': publish,
};
