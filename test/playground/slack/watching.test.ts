import { closeAll, startFake } from './support.ts';

afterEach(closeAll);

describe('watching the workspace', () => {
  it('resolves when what is waited for happens', async () => {
    const { slack, web } = await startFake();
    const waiting = slack.waitFor(() => slack.messages('approvals').find((message) => message.text === 'now'));
    await web.chat.postMessage({ channel: 'C1', text: 'not yet' });
    await web.chat.postMessage({ channel: 'C1', text: 'now' });
    expect((await waiting).text).toBe('now');
    expect(await slack.waitFor(() => 0)).toBe(0);
  });

  it('says what there is instead when it does not', async () => {
    const { slack, web } = await startFake();
    await web.chat.postMessage({ channel: 'C1', text: 'something else' });
    const waiting = slack.waitFor(() => slack.messages('C1').length > 1, { timeoutMs: 10 });
    await expect(waiting).rejects.toThrow(
      /Waited 10 ms for .*C1 \(approvals\):.*"something else".*chat\.postMessage 200 ok/s,
    );
  });

  it('passes on what the question throws', async () => {
    const { slack } = await startFake();
    const wrong = () => {
      throw new Error('wrong question');
    };
    await expect(slack.waitFor(wrong)).rejects.toThrow('wrong question');
  });

  it('ends when the fake is stopped', async () => {
    const { slack } = await startFake();
    const waiting = slack.waitFor(() => false).catch((error: Error) => error.message);
    await slack.stop();
    expect(await waiting).toContain('was stopped');
  });

  it('tells listeners of every change until they leave', async () => {
    const { slack } = await startFake();
    let changes = 0;
    const leave = slack.onChange(() => {
      changes += 1;
    });
    await slack.post('UANA', 'C1', 'a');
    leave();
    await slack.post('UANA', 'C1', 'b');
    expect(changes).toBe(1);
  });

  it('hands out copies', async () => {
    const { slack } = await startFake();
    await slack.post('UANA', 'C1', 'a');
    const [message] = slack.messages('C1');
    if (message !== undefined) message.text = 'changed';
    expect(slack.messages('C1')[0]?.text).toBe('a');
  });

  it('shows each person their own conversations', async () => {
    const { slack } = await startFake();
    const names = (viewer: string) => slack.state(viewer).conversations.map((each) => each.name);
    expect(names('UANA')).toEqual(['approvals', 'elsewhere', 'old', 'latchkey']);
    expect(names('UBEN')).toEqual(['approvals', 'secrets', 'latchkey']);
    expect(slack.state('UANA').users.find((user) => user.id === slack.bot.userId)).toMatchObject({ isBot: true });
    expect(() => slack.state('U404')).toThrow('There is no user U404');
    const state = slack.state('UANA');
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
