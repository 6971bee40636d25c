import { v7 } from 'uuid';
import type { Ids } from './app/ports/clock.ts';

/** UUIDv7 (RFC 9562 §5.7): sortable by the time they were made, and increasing within one process. */
export const sortableIds: Ids = { next: (prefix) => `${prefix}_${v7().replaceAll('-', '')}` };
