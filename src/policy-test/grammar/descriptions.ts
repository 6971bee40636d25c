/** What editors show beside each key of a test file, by place, as for the kinds of policies. A test demands one for each key. */
export const TEST_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'tests.name': 'What the tests are about; the file when absent.',
  'tests.now': 'The moment at which the tests happen, with its zone: 2026-03-03T09:00:00+01:00.',
  'tests.fixtures': 'People, groups and policies for these tests alone.',
  'tests.fixtures.people': 'Each in the place of the person of the folder with the same e-mail.',
  'tests.fixtures.groups': 'Each in the place of the group of the folder with the same name.',
  'tests.fixtures.policies': 'Documents beside those of the folder, written as there.',
  'tests.fixtures.policies[]': 'One document: {kind: access, name: …}.',
  'tests.callers': 'Who asks for actions in these tests, by a name of their own.',
  'tests.callers.*': 'What the token of a caller says, or the name of its API key.',
  'tests.callers.*.issuer': 'The `iss` of its token.',
  'tests.callers.*.subject': 'The `sub` of its token; the name of the caller when absent.',
  'tests.callers.*.claims': 'What else its token says: {repository: acme/api}.',
  'tests.callers.*.claims.*': 'A text, or a list of texts.',
  'tests.callers.*.api_key': 'The name of its API key in the settings.',
  'tests.timelines': 'What people do one after the other, with the product itself on a clock of its own.',
  'tests.timelines[].name': 'Unique in the document; what it shows.',
  'tests.timelines[].now': 'When it begins; as the document when absent.',
  'tests.timelines[].steps': 'In the order in which they happen.',
  'tests.timelines[].steps[].at':
    'So long after `now` (+5m), or an instant. Absent: at once after the step before. What is due in between happens at its time.',
  'tests.timelines[].steps[].do':
    'Who does what: ana requests prod-db-write for 1h because "INC-42". Or a caller: ci requests deploy-production with sha=4f2a91c.',
  'tests.timelines[].steps[].about':
    'The request that is looked at: ACCESS of PERSON, or ACTION of CALLER. Absent: the one that something was done to, else the latest.',
  'tests.timelines[].steps[].expect': 'What must be true then. What it leaves out is not looked at.',
  'tests.timelines[].steps[].expect.refused':
    'The code with which it is refused: own-request. Absent: it must not be refused.',
  'tests.timelines[].steps[].expect.status':
    'The status of the request; of an action also whether its approval was used.',
  'tests.timelines[].steps[].expect.flow': 'The name of the flow that decides.',
  'tests.timelines[].steps[].expect.needs':
    "Exactly the approvals that are still missing, in all steps together: {dba: 2, 'manager, security': 1}.",
  'tests.timelines[].steps[].expect.needs.*': 'How many people.',
  'tests.timelines[].steps[].expect.may_approve': 'Exactly the people who may approve now: [cy, gus for ben].',
  'tests.timelines[].steps[].expect.approved_by':
    'Exactly the people whose votes fill seats now, and for whom: [cy, gus for ben].',
  'tests.timelines[].steps[].expect.reminders': 'How often the approvers have been reminded.',
  'tests.timelines[].steps[].expect.grant': 'Where the grant stands.',
  'tests.timelines[].steps[].expect.ended': 'Why the grant is over.',
  'tests.timelines[].steps[].expect.ends_at': 'When the grant ends: +4h, or an instant.',
  'tests.timelines[].steps[].expect.usable_until':
    'Of an action: until when its approval may be used: +15m, or an instant.',
  'tests.timelines[].steps[].expect.present':
    'Whether all or nothing of it is at the targets now; or exactly what the person has there.',
  'tests.timelines[].steps[].expect.review': 'Of an emergency: whether it still has to be reviewed, or the verdict.',
  'tests.timelines[].steps[].expect.review_by': 'By when somebody has to have reviewed it: +24h, or an instant.',
  'tests.timelines[].steps[].expect.may_review': 'Exactly the people who may review it now.',
  'tests.matrices': 'People × accesses, and callers × actions: what asking leads to. Whoever is not listed is refused.',
  'tests.matrices[].name': 'Unique in the document; what it shows.',
  'tests.matrices[].now': 'When this is asked; as the document when absent.',
  'tests.matrices[].people': 'Who asks. Absent: everybody in the directory.',
  'tests.matrices[].accesses': 'For what. Absent: all.',
  'tests.matrices[].callers': 'Which callers ask. Absent: all that the document names.',
  'tests.matrices[].actions': 'For what they ask. Absent: all.',
  'tests.matrices[].durations': 'For how long. Absent: the default of each access.',
  'tests.matrices[].reason': 'With which reason. Absent: one that is long enough.',
  'tests.matrices[].fields': 'Filled in wherever an access has a field of this name.',
  'tests.matrices[].fields.*': 'What is filled in.',
  'tests.matrices[].parameters': 'Filled in wherever an action has a parameter of this name.',
  'tests.matrices[].parameters.*': 'What is filled in.',
  'tests.matrices[].expect': 'What they get, by access or action.',
  'tests.matrices[].expect.*':
    'People, group:<name>, callers or everyone: allowed, approval, automatic, refused, the code of a refusal, or {flow, needs, automatic}. Or a list of people: allowed.',
  'tests.never':
    'What must not be true of any request, of people for accesses and of callers for actions: auto-approved and labels.risk == "high". Of emergencies and extensions, too, when it names them.',
  'tests.never.name': 'What it shows.',
  'tests.never.that': 'The statement.',
  'tests.never[]': 'A statement, or one with a name.',
  'tests.never[].name': 'What it shows.',
  'tests.never[].that': 'The statement.',
};
