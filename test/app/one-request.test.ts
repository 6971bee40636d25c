import { apps } from '../support/app.ts';
import { HOUR } from '../support/clock.ts';

const { start } = apps();

describe('one request, followed through', () => {
  it('is asked, approved, given, used up and taken away, and each of it is told when it was seen', async () => {
    const app = await start();
    const requestId = await app.asked('ana', 'read');
    await app.work();
    expect(app.messenger.of('approvers')).toHaveLength(1);
    expect(await app.approve('dee', requestId)).toEqual({ kind: 'done' });
    await app.work();
    expect([...app.target().permissions]).toEqual(['ana reader']);
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'active', endsAt: '2026-03-03T10:00:00.000Z' });
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'ended', endReason: 'expired' });
    expect(await app.eventTypes()).toEqual([
      'RequestOpened',
      'VoteCast',
      'RequestApproved',
      'EntitlementBaselined',
      'EntitlementGiven',
      'GrantActivated',
      'GrantEnding',
      'EntitlementTaken',
      'GrantEnded',
    ]);
    expect(app.messenger.beats).toEqual(['vote', 'active', 'ended']);
    expect(app.messenger.of('requester')).toHaveLength(1);
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['ended']);
  });
});
