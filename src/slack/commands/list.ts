import type { Mine } from '../../app/list-mine.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Instant } from '../../domain/instant.ts';
import type { Rendered } from '../blocks.ts';
import { code, escaped } from '../escape.ts';
import { left, when } from '../words.ts';

/** `/access list`. */
export function listAnswer(mine: Mine, now: Instant): Rendered {
  if (mine.kind === 'unknown-person') return { text: escaped(mine.sentence) };
  const grants = mine.grants.map(({ access, status, endsAt, idle }) => {
    if (status === 'revoking') return `• ${code(access)} – being taken away now`;
    const state = status === 'provisioning' ? 'being given now, ' : '';
    const early = idle ? `, or ${formatDuration(idle.afterMs)} without use` : '';
    return `• ${code(access)} – ${state}${left(now, endsAt)}, until ${when(endsAt)}${early}`;
  });
  const requests = mine.requests.map(
    ({ access, extension, lapsesAt }) =>
      `• ${extension ? 'extending ' : ''}${code(access)} – waiting for approval, lapses ${when(lapsesAt)}`,
  );
  if (grants.length + requests.length === 0) {
    return { text: 'You have no access through Latchkey now, and no pending request. `/access` asks for one.' };
  }
  return {
    text: [
      ...(grants.length > 0 ? ['*You have*', ...grants] : []),
      ...(requests.length > 0 ? ['*You wait for*', ...requests] : []),
    ].join('\n'),
  };
}
