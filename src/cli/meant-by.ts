import { nearest } from '../policy/index.ts';

/** Somebody among these with nearly this e-mail, or the only one who has this before the `@`, as tests write it. */
export function meantBy(person: string, emails: readonly string[]): string | undefined {
  const wanted = person.toLowerCase();
  const [first, ...more] = emails.filter((email) => email.toLowerCase().startsWith(`${wanted}@`));
  if (first !== undefined && more.length === 0) return first;
  const at = wanted.lastIndexOf('@');
  if (at < 0) return nearest(person, emails);
  // What all have in common would make everybody near: of one domain, what stands before it decides.
  const domain = wanted.slice(at);
  const own = (email: string): string => email.slice(0, email.length - domain.length);
  const [same, others] = [true, false].map((is) => emails.filter((one) => one.toLowerCase().endsWith(domain) === is));
  const near = nearest(wanted.slice(0, at), (same ?? []).map(own));
  return near === undefined ? nearest(person, others ?? []) : same?.find((email) => own(email) === near);
}
