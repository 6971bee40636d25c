/**
 * What stands in the place of a part that is written and cannot be read: what it says is known once it is mended, and
 * until then nothing may be concluded from it, nor from its seeming to be absent.
 */
export const UNREAD: unique symbol = Symbol('a part that cannot be read');
export type Unread = typeof UNREAD;

export const isRead = <T>(value: T): value is Exclude<T, Unread> => value !== UNREAD;

/** The parts of a list that can be read. */
export const readOnes = <T>(list: readonly T[] | Unread): Exclude<T, Unread>[] =>
  isRead(list) ? (list as readonly T[]).filter(isRead) : [];
