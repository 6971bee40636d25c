import type { Instant } from '../domain/instant.ts';
import type { RecordedRequest } from '../policy/index.ts';
import { listAudit } from './list-audit.ts';
import type { Ports } from './ports/index.ts';

/** Every request that was opened or refused since a moment, oldest first, as the audit log tells it. */
export async function recordedRequests(ports: Pick<Ports, 'store'>, since: Instant): Promise<RecordedRequest[]> {
  const found: RecordedRequest[] = [];
  for await (const { event } of listAudit(ports, { since })) {
    if (event.type === 'RequestOpened') {
      const { id, requester, access, durationMs, reason, fields, emergency, extension, action } = event.request;
      found.push({
        id,
        at: event.at,
        requester: requester.email,
        access,
        durationMs,
        reason,
        fields,
        ...(action ? { caller: action.caller } : {}),
        ...(emergency ? { emergency: true } : {}),
        ...(extension ? { extendedToMs: extension.wholeMs } : {}),
      });
    } else if (event.type === 'RequestRefused') {
      const { person, ...asked } = event.asked;
      found.push({ at: event.at, requester: person ?? event.actor, access: event.access, ...asked });
    }
  }
  return found;
}
