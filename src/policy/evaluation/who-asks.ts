import type { Person } from '../directory.ts';
import { requestable } from '../eligibility.ts';
import type { Question } from '../evaluate.ts';
import { strangerNote } from '../gaps.ts';
import { nearest } from '../nearest.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { askedByCallers } from './asked-by-callers.ts';
import { listed, NAMED } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** Meaning 1: somebody in the directory who is not disabled; and for what. */
export function whoAsks(
  policies: PolicySet,
  question: Question,
  trace: Trace,
): { ok: true; person: Person; access: AccessPolicy } | Refused {
  const person = personAsking(policies, question);
  if (!person) {
    return trace.refused(
      'person',
      'unknown-person',
      `You are not in the directory of the policies. Ask the people who own them to add you.${strangerNote(policies.directory)}`,
    );
  }
  if (person.disabled) {
    return trace.refused(
      'person',
      'unknown-person',
      'You are disabled in the directory of the policies. Ask the people who own them if that is a mistake.',
    );
  }
  trace.passed('person', person.email);

  const access = policies.accesses.get(question.access);
  const action = policies.actions.get(question.access);
  if (action)
    return trace.refused(
      'access',
      'unknown-access',
      askedByCallers(action),
      ruleText(action.name, '', action.places.action),
    );
  if (!access) return trace.refused('access', 'unknown-access', unknownAccess(policies, question.access, person));
  trace.passed('access', access.title, ruleText(access.name, '', access.places.access));
  return { ok: true, person, access };
}

/** Both names given must be one person's: a Slack id with somebody else's e-mail is nobody. */
function personAsking({ directory }: PolicySet, { email, slack }: Question): Person | undefined {
  const bySlack = slack === undefined ? undefined : directory.bySlack(slack);
  if (email === undefined) return bySlack;
  const byEmail = directory.byEmail(email);
  return slack === undefined || byEmail === bySlack ? byEmail : undefined;
}

/** Only what the person may ask for is suggested: a list of everything would tell strangers what there is. */
function unknownAccess(policies: PolicySet, name: string, person: Person): string {
  const names = requestable(policies, person.email).map((access) => access.name);
  // An over-long name is a mistake or an attack, and either way no name of anything.
  const what = name.length <= 80 ? `There is no access \`${name}\`.` : 'There is no access of that name.';
  const near = nearest(name, names);
  if (near !== undefined) return `${what} Did you mean \`${near}\`?`;
  if (names.length === 0) return `${what} There is none that you may ask for.`;
  if (names.length <= NAMED)
    return `${what} You may ask for ${listed(
      names.map((each) => `\`${each}\``),
      'or',
    )}.`;
  return `${what} There are ${names.length} that you may ask for: search for part of a name.`;
}
