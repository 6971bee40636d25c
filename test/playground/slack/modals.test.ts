import type { App, BlockAction, ViewClosedAction, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { FakeSlack } from '../../../src/playground/slack/fake-slack.ts';
import { buttons, closeAll, errorOf, section, startWithApp, TestClock } from './support.ts';

afterEach(closeAll);

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value), value });

const ask = (fields: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'ask',
  private_metadata: '{"channel":"C1"}',
  title: plain('Ask for access'),
  submit: plain('Ask'),
  blocks: [
    {
      type: 'input',
      block_id: 'access',
      label: plain('Access'),
      element: { type: 'external_select', action_id: 'access', min_query_length: 0 },
    },
    {
      type: 'input',
      block_id: 'duration',
      label: plain('For'),
      dispatch_action: true,
      element: {
        type: 'static_select',
        action_id: 'duration',
        options: [option('1h'), option('2h')],
        initial_option: option('1h'),
      },
    },
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Why'),
      element: { type: 'plain_text_input', action_id: 'reason', min_length: 3, max_length: 20 },
    },
  ],
  ...fields,
});

const note = (title: string, fields: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  title: plain(title),
  blocks: [section(title)],
  ...fields,
});

const full = { access: { text: plain('prod'), value: 'prod' }, reason: 'INC-42' };

/** A workspace where `/access` has just opened `view` for Ana. */
const opened = async (view: ModalView, listen: (app: App) => void = () => {}, options = {}) => {
  const fake = await startWithApp((app) => {
    app.command('/access', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view });
    });
    listen(app);
  }, options);
  await fake.slack.command('UANA', 'C1', '/access');
  const shown = await fake.slack.waitFor(() => fake.slack.views('UANA')[0]);
  return { ...fake, view: shown };
};

const top = (slack: FakeSlack) => slack.views('UANA').at(-1);

describe('opening a modal', () => {
  it('shows it to the person who asked', async () => {
    const { slack, view } = await opened(ask());
    expect(view).toMatchObject({
      type: 'modal',
      user: 'UANA',
      callback_id: 'ask',
      private_metadata: '{"channel":"C1"}',
      root_view_id: view.id,
      previous_view_id: null,
      state: {
        values: { duration: { duration: { selected_option: { value: '1h' } } }, reason: { reason: { value: null } } },
      },
    });
    expect(slack.state('UANA').views).toHaveLength(1);
    expect(slack.state('UBEN').views).toEqual([]);
  });

  it('takes a trigger once, for three seconds, and no other', async () => {
    const clock = new TestClock();
    const triggers: string[] = [];
    const { slack, web } = await startWithApp(
      (app) =>
        app.command('/access', async ({ ack, body }) => {
          triggers.push(body.trigger_id);
          await ack();
        }),
      { now: clock.now },
    );
    await slack.command('UANA', 'C1', '/access');
    await slack.command('UANA', 'C1', '/access');
    const open = (trigger_id: string | undefined, view: ModalView = note('a')) =>
      web.views.open({ trigger_id: trigger_id as string, view });
    expect(await errorOf(open('1.2.3'))).toMatchObject({ error: 'invalid_trigger_id' });
    clock.advance(3000);
    expect(await errorOf(open(triggers[0], note('x'.repeat(25))))).toEqual({
      error: 'invalid_arguments',
      messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
    });
    await open(triggers[0]);
    expect(await errorOf(open(triggers[0]))).toMatchObject({ error: 'exchanged_trigger_id' });
    clock.advance(1);
    expect(await errorOf(open(triggers[1]))).toMatchObject({ error: 'expired_trigger_id' });
  });

  it('refuses a view of more than 250 kB and a second one of the same external_id', async () => {
    const { slack, web } = await opened(note('a', { external_id: 'only' }));
    const blocks = Array.from({ length: 90 }, () => section('🔑'.repeat(2999)));
    expect(await errorOf(web.views.publish({ user_id: 'UANA', view: { type: 'home', blocks } }))).toMatchObject({
      error: 'view_too_large',
    });
    expect(
      await errorOf(web.views.publish({ user_id: 'UBEN', view: { type: 'home', external_id: 'only', blocks: [] } })),
    ).toMatchObject({ error: 'duplicate_external_id' });
    expect(slack.home('UBEN')).toBeUndefined();
  });
});

describe('filling in a modal', () => {
  it('sends the state to the app and closes', async () => {
    let body: ViewSubmitAction | undefined;
    const { slack, view } = await opened(ask(), (app) =>
      app.view('ask', async ({ ack, body: got }) => {
        body = got as ViewSubmitAction;
        await ack();
      }),
    );
    expect(await slack.submitView('UANA', view.id, { ...full, duration: '2h' })).toMatchObject({
      kind: 'view_submission',
      ok: true,
    });
    expect(slack.views('UANA')).toEqual([]);
    expect(body).toMatchObject({
      type: 'view_submission',
      user: { id: 'UANA' },
      team: { id: 'T1' },
      trigger_id: expect.any(String),
      response_urls: [],
      view: {
        id: view.id,
        hash: view.hash,
        callback_id: 'ask',
        private_metadata: '{"channel":"C1"}',
        state: {
          values: {
            access: { access: { type: 'external_select', selected_option: { value: 'prod' } } },
            duration: { duration: { type: 'static_select', selected_option: { value: '2h' } } },
            reason: { reason: { type: 'plain_text_input', value: 'INC-42' } },
          },
        },
      },
    });
  });

  it('is stopped by Slack’s own client when something required is missing or too short', async () => {
    const { slack, view } = await opened(ask());
    expect(await slack.submitView('UANA', view.id, { reason: 'ab' })).toMatchObject({ sent: false });
    expect(top(slack)?.errors).toEqual({
      access: 'Please complete this required field.',
      reason: 'Must be at least 3 characters long.',
    });
    await expect(slack.submitView('UANA', view.id, { reason: 'x'.repeat(21) })).rejects.toThrow(
      'takes at most 20 characters',
    );
    await expect(slack.submitView('UANA', view.id, { duration: '9h' })).rejects.toThrow(
      'offers no option "9h"; it offers 1h, 2h',
    );
    await expect(slack.submitView('UANA', view.id, { why: 'a' })).rejects.toThrow(
      'there is access/access, duration/duration, reason/reason',
    );
    await expect(slack.submitView('UBEN', view.id, full)).rejects.toThrow('UBEN has no modal open');
  });

  it('shows the app’s errors under the inputs and keeps what was entered', async () => {
    const { slack, view } = await opened(ask(), (app) =>
      app.view('ask', ({ ack }) => ack({ response_action: 'errors', errors: { reason: 'Name a ticket.' } })),
    );
    await slack.submitView('UANA', view.id, full);
    expect(top(slack)).toMatchObject({
      errors: { reason: 'Name a ticket.' },
      state: { values: { reason: { reason: { value: 'INC-42' } } } },
    });
  });

  it('says there was trouble when the errors name no input', async () => {
    const { slack, view } = await opened(ask(), (app) =>
      app.view('ask', ({ ack }) => ack({ response_action: 'errors', errors: { raeson: 'Name a ticket.' } })),
    );
    const delivery = await slack.submitView('UANA', view.id, full);
    expect(delivery.error).toContain('errors must name input blocks (access, duration, reason)');
    expect(top(slack)?.notice).toContain('trouble');
  });

  it('is replaced, pushed upon or cleared as the app answers', async () => {
    let answer: object = { response_action: 'push', view: note('Second', { submit: plain('Go'), callback_id: 'ask' }) };
    const { slack, view } = await opened(ask(), (app) => app.view('ask', ({ ack }) => ack(answer as never)));
    await slack.submitView('UANA', view.id, full);
    const second = top(slack);
    expect(second).toMatchObject({ title: { text: 'Second' }, root_view_id: view.id, previous_view_id: view.id });
    await expect(slack.submitView('UANA', view.id, full)).rejects.toThrow(`UANA sees the modal ${second?.id} (Second)`);
    answer = { response_action: 'update', view: note('Changed', { submit: plain('Go'), callback_id: 'ask' }) };
    await slack.submitView('UANA', second?.id ?? '');
    expect(top(slack)).toMatchObject({ id: second?.id, title: { text: 'Changed' } });
    expect(top(slack)?.hash).not.toBe(second?.hash);
    answer = { response_action: 'clear' };
    await slack.submitView('UANA', second?.id ?? '');
    expect(slack.views('UANA')).toEqual([]);
  });

  it('goes back to the view below when the app only acknowledges', async () => {
    const { slack, web, view } = await opened(ask(), (app) => {
      app.action('duration', async ({ ack, body, client }) => {
        await ack();
        await client.views.push({
          trigger_id: (body as BlockAction).trigger_id,
          view: note('Over', { submit: plain('Go'), callback_id: 'over' }),
        });
      });
      app.view('over', ({ ack }) => ack());
    });
    await slack.clickInView('UANA', view.id, 'duration', '2h');
    const over = await slack.waitFor(() => slack.views('UANA')[1]);
    await slack.submitView('UANA', over.id);
    expect(slack.views('UANA').map((each) => each.id)).toEqual([view.id]);
    expect(web).toBeDefined();
  });

  it('stays open with a notice when the app answers late, and the late answer changes nothing', async () => {
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let answered = Promise.resolve();
    const { slack, view } = await opened(
      ask(),
      (app) => {
        answered = new Promise((resolve) => {
          app.view('ask', async ({ ack }) => {
            await late;
            await ack();
            resolve();
          });
        });
      },
      { ackTimeoutMs: 50 },
    );
    expect(await slack.submitView('UANA', view.id, full)).toMatchObject({ ok: false, timedOut: true });
    answer();
    await answered;
    expect(top(slack)?.notice).toBe('We had some trouble connecting. Try again?');
  });

  it('refuses an answer with a view that Slack would refuse', async () => {
    const { slack, view } = await opened(ask(), (app) =>
      app.view('ask', ({ ack }) => ack({ response_action: 'update', view: note('x'.repeat(25)) })),
    );
    const delivery = await slack.submitView('UANA', view.id, full);
    expect(delivery.error).toContain('must be less than 25 characters');
    expect(top(slack)).toMatchObject({ title: { text: 'Ask for access' }, notice: expect.any(String) });
  });
});

describe('acting inside a modal', () => {
  it('tells the app of inputs that dispatch, with the state so far', async () => {
    let body: BlockAction | undefined;
    const { slack, view } = await opened(ask(), (app) =>
      app.action('duration', async ({ ack, body: got }) => {
        body = got as BlockAction;
        await ack();
      }),
    );
    expect(await slack.clickInView('UANA', view.id, 'reason', 'INC-1')).toMatchObject({ sent: false });
    expect(await slack.clickInView('UANA', view.id, 'duration', '2h')).toMatchObject({ sent: true, ok: true });
    expect(body).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: view.id },
      actions: [{ action_id: 'duration', block_id: 'duration', selected_option: { value: '2h' } }],
      view: {
        id: view.id,
        state: {
          values: {
            reason: { reason: { value: 'INC-1' } },
            duration: { duration: { selected_option: { value: '2h' } } },
          },
        },
      },
    });
  });

  it('keeps what was entered across an update, where block and action stay the same', async () => {
    const { slack, web, view } = await opened(ask());
    await slack.clickInView('UANA', view.id, 'reason', 'INC-1');
    const [access, duration, reason] = ask().blocks;
    if (access === undefined || duration === undefined || reason === undefined) throw new Error('three inputs');
    await web.views.update({
      view_id: view.id,
      hash: view.hash,
      view: ask({ blocks: [section('Ben decides'), duration, reason] }),
    });
    expect(top(slack)?.state.values).toMatchObject({ reason: { reason: { value: 'INC-1' } } });
    expect(top(slack)?.state.values.access).toBeUndefined();
    await web.views.update({ view_id: view.id, view: ask({ blocks: [{ ...reason, block_id: 'reason-2' }] }) });
    expect(top(slack)?.state.values).toEqual({ 'reason-2': { reason: { type: 'plain_text_input', value: null } } });
  });

  it('tells of a change in between by the hash', async () => {
    const { slack, web, view } = await opened(ask({ external_id: 'mine' }));
    await web.views.update({ external_id: 'mine', hash: view.hash, view: note('First', { external_id: 'mine' }) });
    expect(await errorOf(web.views.update({ view_id: view.id, hash: view.hash, view: note('Second') }))).toMatchObject({
      error: 'hash_conflict',
    });
    await web.views.update({ view_id: view.id, view: note('Third') });
    expect(top(slack)?.title?.text).toBe('Third');
    expect(await errorOf(web.views.update({ view_id: 'V404', view: note('a') }))).toMatchObject({ error: 'not_found' });
  });

  it('stacks three views and no more', async () => {
    const errors: string[] = [];
    const more = (title: string) => note(title, { blocks: [buttons('more')] });
    const { slack, view } = await opened(more('1'), (app) =>
      app.action('more', async ({ ack, body, client }) => {
        await ack();
        const trigger_id = (body as BlockAction).trigger_id;
        await client.views.push({ trigger_id, view: more('next') }).catch((error: Error) => errors.push(error.message));
      }),
    );
    await slack.clickInView('UANA', view.id, 'more');
    const second = await slack.waitFor(() => slack.views('UANA')[1]);
    await slack.clickInView('UANA', second.id, 'more');
    const third = await slack.waitFor(() => slack.views('UANA')[2]);
    await slack.clickInView('UANA', third.id, 'more');
    await slack.waitFor(() => slack.calls.filter((call) => call.method === 'views.push').length === 3);
    expect(slack.views('UANA')).toHaveLength(3);
    expect(slack.calls.at(-1)).toMatchObject({ method: 'views.push', error: 'push_limit_reached' });
  });

  it('pushes only upon a modal', async () => {
    const triggers: string[] = [];
    const { slack, web } = await startWithApp((app) =>
      app.command('/access', async ({ ack, body }) => {
        triggers.push(body.trigger_id);
        await ack();
      }),
    );
    await slack.command('UANA', 'C1', '/access');
    expect(await errorOf(web.views.push({ trigger_id: triggers[0] as string, view: note('a') }))).toMatchObject({
      error: 'invalid_trigger_id',
    });
  });
});

describe('closing a modal', () => {
  it('tells the app only when it wants to know', async () => {
    const closed: unknown[] = [];
    const { slack, view } = await opened(ask({ notify_on_close: true }), (app) =>
      app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack, body }) => {
        closed.push((body as ViewClosedAction).is_cleared);
        await ack();
      }),
    );
    expect(await slack.closeView('UANA', view.id)).toMatchObject({ kind: 'view_closed', ok: true });
    expect(slack.views('UANA')).toEqual([]);
    expect(closed).toEqual([false]);
    await slack.command('UANA', 'C1', '/access');
    const again = await slack.waitFor(() => top(slack));
    await slack.closeView('UANA', again.id, true);
    expect(closed).toEqual([false, true]);
  });

  it('is silent otherwise', async () => {
    const { slack, view } = await opened(ask());
    expect(await slack.closeView('UANA', view.id)).toMatchObject({ sent: false });
  });
});

describe('loading options', () => {
  const withOptions = (answer: (value: string) => object) =>
    opened(ask(), (app) => {
      app.options('access', async ({ ack, payload }) => {
        await ack(answer(payload.value) as Parameters<typeof ack>[0]);
      });
      app.view('ask', ({ ack }) => ack());
    });

  it('asks the app, and takes one of its options', async () => {
    const { slack, view } = await withOptions((value) => ({
      options: [option(`${value}-read`), option(`${value}-write`)],
    }));
    const offered = await slack.options('UANA', view.id, 'access', 'prod');
    expect(offered.map((each) => each.value)).toEqual(['prod-read', 'prod-write']);
    await slack.submitView('UANA', view.id, { access: 'prod-write', reason: 'INC-1' });
    expect(slack.views('UANA')).toEqual([]);
    expect(JSON.parse(new URLSearchParams(slack.deliveries[1]?.payload?.body).get('payload') ?? '')).toMatchObject({
      type: 'block_suggestion',
      action_id: 'access',
      block_id: 'access',
      value: 'prod',
      container: { type: 'view', view_id: view.id },
      view: { id: view.id },
      user: { id: 'UANA' },
    });
  });

  it('flattens groups', async () => {
    const { slack, view } = await withOptions(() => ({
      option_groups: [{ label: plain('g'), options: [option('a')] }],
    }));
    expect((await slack.options('UANA', view.id, 'access', '')).map((each) => each.value)).toEqual(['a']);
  });

  it('refuses more than Slack would show', async () => {
    const { slack, view } = await withOptions(() => ({
      options: Array.from({ length: 101 }, (_, index) => option(`${index}`)),
    }));
    await expect(slack.options('UANA', view.id, 'access', 'a')).rejects.toThrow('no more than 100 items allowed');
  });

  it('waits for three letters unless the select says otherwise', async () => {
    const [access] = ask().blocks;
    const patient = ask({
      blocks: [{ ...access, element: { type: 'external_select', action_id: 'access' } } as ModalView['blocks'][number]],
    });
    const { slack, view } = await opened(patient, (app) =>
      app.options('access', ({ ack }) => ack({ options: [option('a')] })),
    );
    expect(await slack.options('UANA', view.id, 'access', 'ab')).toEqual([]);
    expect(await slack.options('UANA', view.id, 'access', 'abc')).toHaveLength(1);
  });
});

describe('the Home', () => {
  it('is published for a person, updated in place, and has buttons', async () => {
    const { slack, web } = await startWithApp(
      (app) => {
        app.event('app_home_opened', async ({ event, client }) => {
          await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [buttons('end')] } });
        });
        app.action('end', async ({ ack, body, client }) => {
          await ack();
          await client.views.publish({ user_id: body.user.id, view: { type: 'home', blocks: [section('Nothing.')] } });
        });
      },
      { events: ['app_home_opened'] },
    );
    await slack.openHome('UANA');
    const home = await slack.waitFor(() => slack.home('UANA'));
    await slack.clickInView('UANA', home.id, 'end');
    await slack.waitFor(() => slack.home('UANA')?.blocks[0]?.type === 'section');
    expect(slack.home('UANA')?.id).toBe(home.id);
    expect(slack.state('UANA').home?.id).toBe(home.id);
    const stale = web.views.publish({ user_id: 'UANA', hash: home.hash, view: { type: 'home', blocks: [] } });
    expect(await errorOf(stale)).toMatchObject({ error: 'hash_conflict' });
  });
});
