import fc from 'fast-check';
import type { Message } from '../../src/app/messages.ts';
import { section } from '../../src/slack/blocks.ts';
import { render } from '../../src/slack/messages/render.ts';
import { cases } from '../support/cases.ts';
import { buttons, HOSTILE, problemsOf } from './support/drawn.ts';
import { everyMessage, everywhere } from './support/views.ts';

const USUAL = {
  reason: 'INC-42 slow queries',
  title: 'Read the database',
  label: 'role reader',
  account: 'ana',
  email: 'cy@example.com',
  failure: 'The server is down.',
};

const check = (message: Message): void => {
  const problems = problemsOf(render(message));
  if (problems.length > 0) throw new Error(`${JSON.stringify(message)}\n${problems.join('\n')}`);
};

describe('every message in every state', () => {
  it.each(everyMessage(USUAL).map(({ name, message }) => [name, message] as const))('%s', (_name, message) => {
    check(message);
  });

  it.each(HOSTILE)('stays within Slack’s limits and pings nobody with %s wherever words can be', (_what, words) => {
    for (const { message } of everyMessage(everywhere(words))) check(message);
  });

  it('shows equal state with equal bytes', () => {
    const [once, again] = [everyMessage(USUAL), everyMessage(USUAL)];
    expect(once.map(({ message }) => render(message))).toEqual(again.map(({ message }) => render(message)));
  });

  it('has buttons only while they mean something, and they carry the id alone', () => {
    for (const { message } of everyMessage(everywhere('x'))) {
      const shown = buttons(render(message));
      const { request, grant, extendsBy } = 'view' in message ? message.view : {};
      if (message.kind === 'approvers' && request?.status === 'pending') {
        expect(shown).toEqual(['approve=req_1', 'deny=req_1']);
      } else if (message.kind === 'approvers' && request?.emergency && !request.emergency.review) {
        expect(shown).toEqual(['review-fine=req_1', 'review-not-justified=req_1']);
      } else if (
        (message.kind === 'requester' && grant?.status === 'provisioning') ||
        ((message.kind === 'requester' || message.kind === 'warning') && grant?.status === 'active')
      ) {
        expect(shown).toEqual([...(extendsBy === undefined ? [] : ['extend=grt_1']), 'end-now=grt_1']);
      } else expect(shown).toEqual([]);
    }
  });
});

describe('whatever words there are', () => {
  const nasty = fc.oneof(
    fc.constantFrom(...HOSTILE.map(([, words]) => words)),
    fc.constantFrom('<', '>', '&', '|', '`', '*', '_', '~', '\n', '!channel', '@U0EVIL', 'https://evil', '<!here>'),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const words = fc.array(nasty, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  // Other words in every place.
  const place = words.map(everywhere);
  const untrusted = fc.record({
    reason: place.map(({ reason }) => reason),
    title: place.map(({ title }) => title),
    label: place.map(({ label }) => label),
    account: place.map(({ account }) => account),
    email: place.map(({ email }) => email),
    failure: place.map(({ failure }) => failure),
  });

  it('nothing of them takes effect, and Slack takes every message', () => {
    fc.assert(
      fc.property(untrusted, (parts) => {
        for (const { message } of everyMessage(parts)) check(message);
      }),
      cases(40),
    );
  });

  // The twin that must be caught: a message with the words as they are.
  it('and a message that forgot to escape is found out', () => {
    for (const reason of ['<!channel>', '<@U0EVIL>', 'a & b', 'two\nlines', '\u202eevil'])
      expect(problemsOf({ text: `Ana asks for it: ${reason}.` })).not.toEqual([]);
    for (const reason of ['x'.repeat(3_001), '\u202eevil', '<https://evil|click>', ''])
      expect(problemsOf({ text: 'Ana asks for it.', blocks: [section(reason)] })).not.toEqual([]);
  });
});
