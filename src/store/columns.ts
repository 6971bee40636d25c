import type { Instant } from '../domain/instant.ts';

/** A moment as a raw query gives it: a Date, or text where SQLite does not know the column's type. */
export type DbTime = Date | string;

/** A whole number as a raw query gives it. */
export type DbInt = number | bigint;

/** @throws for what is no time, such as Postgres' infinity, or any text in SQLite. */
export function instant(time: DbTime): Instant {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw new Error('one of its times is none');
  return at.toISOString();
}

/** A moment to bind; the driver adapters write it in one form that compares as it sorts. */
export const moment = (at: Instant): Date => new Date(at);

export const optionalMoment = (at: Instant | undefined): Date | null => (at === undefined ? null : moment(at));

/** `{ [name]: value }`, or nothing at all where the column is null: an absent property is not an undefined one. */
export function given<Name extends string, T, U>(
  name: Name,
  value: T | null,
  read: (value: T) => U,
): { [N in Name]?: U } {
  return value === null || value === undefined ? {} : ({ [name]: read(value) } as { [N in Name]?: U });
}

export const same = <T>(value: T): T => value;
