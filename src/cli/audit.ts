import { parseArgs } from 'node:util';
import { type AuditLine, listAudit, type NamesInLog } from '../app/list-audit.ts';
import type { Store } from '../app/ports/store.ts';
import { type AuditReport, verifyAudit } from '../app/verify-audit.ts';
import { describe } from '../audit/index.ts';
import { loadConfig } from '../config.ts';
import { callerNamed } from '../domain/caller.ts';
import { parseDuration } from '../domain/duration.ts';
import { type Instant, instantOf } from '../domain/instant.ts';
import { nearest, printable } from '../policy/index.ts';
import { type AuditDatabase, openForAudit } from './audit-database.ts';
import { databaseProblem } from './database-problem.ts';
import { meantBy } from './meant-by.ts';
import { readMoment } from './moment.ts';
import { type Command, EXIT, environmentProblems, type Terminal, wrongUse } from './terminal.ts';

const USAGE = `Usage: latchkey audit verify [--head HASH]
       latchkey audit list [--access NAME] [--person EMAIL|CALLER] [--since DATE|DURATION] [--json]
`;

export const audit: Command = async ([verb, ...args], terminal) => {
  if (verb === 'verify') {
    const noted = readHead(args);
    if ('why' in noted) {
      terminal.err(`${noted.why}\n${USAGE}`);
      return EXIT.usage;
    }
    return withDatabase(terminal, (database) => verify(database, noted.head, terminal));
  }
  if (verb === 'list') {
    const question = readQuestion(args);
    if (typeof question === 'string') {
      terminal.err(`${question}\n${USAGE}`);
      return EXIT.usage;
    }
    return withDatabase(terminal, ({ store }) => list(store, question, terminal));
  }
  terminal.err(USAGE);
  return EXIT.usage;
};

function readHead(args: readonly string[]): { head?: string } | { why: string } {
  try {
    const { head } = parseArgs({ args: [...args], options: { head: { type: 'string' } } }).values;
    if (head === undefined) return {};
    if (/^[0-9a-f]{64}$/.test(head)) return { head };
    return {
      why: '--head: write the hash that an earlier `latchkey audit verify` printed, 64 characters of 0-9 and a-f',
    };
  } catch (error) {
    return { why: wrongUse(error) };
  }
}

async function verify(
  { store, unguarded }: AuditDatabase,
  noted: string | undefined,
  terminal: Terminal,
): Promise<number> {
  if (unguarded !== undefined) terminal.out(`BROKEN. ${unguarded}\n`);
  const reports = await verifyAudit({ store }, noted);
  if (reports.length === 0) terminal.out('The audit log is empty.\n');
  for (const report of reports) terminal.out(`${verdict(report)}\n`);
  // NB. whoever can write everything can write a log anew whose chain is whole; only what was noted elsewhere tells.
  const holder = reports.find(({ notedAt }) => notedAt !== undefined);
  const lost = noted !== undefined && holder === undefined;
  if (lost)
    terminal.out(`BROKEN. No log holds the noted head ${noted}: entries were cut off behind it or written anew.\n`);
  else if (holder)
    terminal.out(`The noted head is entry ${holder.notedAt} of ${holder.workspace}: nothing up to it changed.\n`);
  const broken = lost || unguarded !== undefined || reports.some((report) => report.findings.length > 0);
  return broken ? EXIT.broken : EXIT.ok;
}

function verdict({ workspace, entries, head, rows, findings }: AuditReport): string {
  if (findings.length === 0) {
    return `${workspace}: intact. ${entries} entries, each follows the one before; ${rows} rows are exactly what they tell. Head ${head}`;
  }
  // NB. whoever wrote into the log or a row may have written for whoever reads this, too.
  const lines = findings.map((finding) =>
    printable(
      finding.kind !== 'row' ? `  entry ${finding.seq}: ${finding.problem}` : `  ${finding.row} ${finding.problem}`,
    ),
  );
  return `${workspace}: BROKEN.\n${lines.join('\n')}`;
}

interface Question {
  access?: string;
  person?: string;
  since?: Instant;
  json: boolean;
}

function readQuestion(args: readonly string[]): Question | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        access: { type: 'string' },
        person: { type: 'string' },
        since: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const since = values.since === undefined ? undefined : readSince(values.since);
    if (since !== undefined && 'why' in since) return `--since ${values.since}: ${since.why}`;
    return {
      json: values.json ?? false,
      ...(values.access === undefined ? {} : { access: values.access }),
      ...(values.person === undefined ? {} : { person: values.person }),
      ...(since === undefined ? {} : { since: since.at }),
    };
  } catch (error) {
    return wrongUse(error);
  }
}

function readSince(text: string): { at: Instant } | { why: string } {
  const ago = parseDuration(text);
  if (ago.ok) return { at: instantOf(Date.now() - ago.ms) };
  if (/^(\d+[dhms])+$/.test(text)) return { why: `${ago.why}; an earlier day is written as a date (2026-03-03)` };
  const read = readMoment(text);
  return 'why' in read ? { why: `${read.why} or how long ago (7d, 12h)` } : read;
}

async function list(store: Store, { json, ...question }: Question, terminal: Terminal): Promise<number> {
  let found = false;
  const names: NamesInLog = { people: new Set(), accesses: new Set() };
  try {
    for await (const line of listAudit({ store }, question, names)) {
      found = true;
      terminal.out(`${json ? jsonLine(line) : textLine(line)}\n`);
    }
  } catch (error) {
    // NB. a forged entry may hold anything: what cannot be read must not look like the end of the list.
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    terminal.err(`The next entry cannot be read: \`latchkey audit verify\` names it. (${error.message})\n`);
    return EXIT.broken;
  }
  const unknown = found ? [] : unknownIn(names, question);
  if (unknown.length > 0) {
    terminal.err(`${unknown.join('\n')}\n`);
    return EXIT.usage;
  }
  if (!found && !json) terminal.err('No entry answers this question.\n');
  return EXIT.ok;
}

/** NB. a slip of the pen must not pass for somebody who has done nothing. */
function unknownIn({ people, accesses }: NamesInLog, { person, access }: Omit<Question, 'json'>): string[] {
  const all = [...people].sort();
  const told: string[] = [];
  if (person !== undefined && !all.some((one) => one.toLowerCase() === person.toLowerCase()))
    told.push(
      `--person ${person}: the log names ${callerNamed(person) ? 'no caller of this name' : 'nobody of this e-mail'}.${meant(meantBy(person, all))}`,
    );
  if (access !== undefined && !accesses.has(access))
    told.push(
      `--access ${access}: the log names no access and no action of this name.${meant(nearest(access, accesses))}`,
    );
  return told.map(printable);
}

const meant = (name: string | undefined): string => (name === undefined ? '' : ` Did you mean ${name}?`);

/** The entry's own bytes and hash, so that what is listed can be checked against the chain. */
const jsonLine = ({ entry }: AuditLine): string =>
  `{"workspace":${JSON.stringify(entry.workspace)},"hash":"${entry.hash}","entry":${entry.body}}`;

/** NB. reasons, parameters and the names of callers are anybody's words. */
function textLine({ entry, event, subject }: AuditLine): string {
  const whose = subject === undefined || subject === event.actor ? '' : ` [${subject}]`;
  const number = String(entry.seq).padStart(6);
  return printable(`${entry.at}  ${number}  ${event.actor}${whose}: ${describe(event)}`);
}

async function withDatabase(terminal: Terminal, work: (database: AuditDatabase) => Promise<number>): Promise<number> {
  const loaded = loadConfig(terminal.env);
  if (!loaded.ok) {
    terminal.err(environmentProblems(loaded.problems));
    return EXIT.problems;
  }
  const { url, shown } = loaded.config.database;
  try {
    const database = await openForAudit(url.reveal());
    try {
      return await work(database);
    } finally {
      await database.store.close();
    }
  } catch (error) {
    const problem = databaseProblem(error, shown);
    if (problem === undefined) throw error;
    terminal.err(`latchkey audit: ${problem}\n`);
    return EXIT.problems;
  }
}
