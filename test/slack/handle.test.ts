import { StoreUnavailable } from '../../src/app/ports/store.ts';
import type { Rendered } from '../../src/slack/blocks.ts';
import type { SlackContext } from '../../src/slack/context.ts';
import { handle } from '../../src/slack/handle.ts';
import { InFlight } from '../../src/slack/in-flight.ts';

/** What a listener is given, keeping what was logged and counted. */
function aContext() {
  const logged: { level: string; fields: object; message: string }[] = [];
  const errors: string[] = [];
  const log = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });
  const slack: SlackContext = {
    app: {} as never,
    people: {} as never,
    apiUrl: 'https://slack.com/api/',
    workspace: () => 'T1',
    inFlight: new InFlight(),
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    onError: (method, code) => errors.push(`${method} ${code}`),
    onUsergroupChanged: () => {},
  };
  return { slack, logged, errors };
}

describe('what follows an ack', () => {
  const answers: Rendered[] = [];
  const respond = async (answer: Rendered) => void answers.push(answer);
  beforeEach(() => {
    answers.length = 0;
  });

  it('answers with what the work says, or not at all', async () => {
    const { slack, logged } = aContext();
    await handle(slack, 'x', respond, async () => ({ text: 'Done.' }));
    await handle(slack, 'x', respond, async () => undefined);
    expect([answers, logged]).toEqual([[{ text: 'Done.' }], []]);
  });

  it.each(['locked', 'full', 'read-only', 'gone'] as const)('a database that is %s is said so', async (code) => {
    const { slack, logged } = aContext();
    await handle(slack, 'approve', respond, () => Promise.reject(new StoreUnavailable(code, 'path /secret')));
    expect(answers).toEqual([
      { text: `I cannot use my database right now (${code}). Nothing was changed. Please try again in a minute.` },
    ]);
    expect(logged).toMatchObject([{ level: 'error', fields: { listener: 'approve' } }]);
  });

  it('a mistake of ours is said without its words, and logged with them', async () => {
    const { slack, logged } = aContext();
    const error = new TypeError('x is not a function');
    await handle(slack, 'deny', respond, () => {
      throw error;
    });
    expect(answers[0]?.text).toBe(
      'Something went wrong on my side. Nothing was changed. Please try again in a minute.',
    );
    expect(logged).toMatchObject([{ level: 'error', fields: { listener: 'deny', err: error } }]);
  });

  it('an answer that does not arrive is counted, logged without its words, and not thrown', async () => {
    const { slack, logged, errors } = aContext();
    const deaf = () => Promise.reject(new RangeError('https://hooks.slack.com/commands/secret'));
    await handle(slack, 'x', deaf, async () => ({ text: 'CONFIDENTIAL' }));
    expect(errors).toEqual(['response_url RangeError']);
    expect(logged).toEqual([
      { level: 'warn', fields: { listener: 'x', why: 'RangeError' }, message: 'an answer did not reach its person' },
    ]);
  });

  it('counts as in flight until the answer is given', async () => {
    const { slack } = aContext();
    const order: string[] = [];
    let arrive = () => {};
    const slow = () => new Promise<void>((resolve) => (arrive = resolve)).then(() => void order.push('answered'));
    const handled = handle(slack, 'x', slow, async () => {
      setImmediate(() => arrive());
      return { text: 'Done.' };
    });
    await slack.inFlight.idle();
    order.push('idle');
    await handled;
    expect(order).toEqual(['answered', 'idle']);
  });
});

describe('work in flight', () => {
  it('is idle when there is none', async () => {
    await new InFlight().idle();
  });

  it('is idle when the last of it ended, however it ended, for everybody who waits', async () => {
    const inFlight = new InFlight();
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string, fails: boolean) =>
      inFlight
        .track(async () => {
          await new Promise<void>((resolve) => ends.push(resolve));
          order.push(name);
          if (fails) throw new Error(name);
          return name;
        })
        .catch((error: Error) => `failed ${error.message}`);
    const both = Promise.all([work('a', true), work('b', false)]);
    const waiting = Promise.all([inFlight.idle(), inFlight.idle()]).then(() => order.push('idle'));
    for (const end of ends) end();
    expect(await both).toEqual(['failed a', 'b']);
    await waiting;
    expect(order).toEqual(['a', 'b', 'idle']);
  });
});
