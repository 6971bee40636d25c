import { recordedRequests } from '../../app/recorded-requests.ts';
import { instantOf, plus } from '../../domain/instant.ts';
import {
  diffMarkdown,
  diffPolicies,
  diffText,
  formatProblem,
  type PolicyDiff,
  type PolicySet,
  type Replay,
  replay,
} from '../../policy/index.ts';
import { openForAudit } from '../audit-database.ts';
import { databaseProblem } from '../database-problem.ts';
import { EXIT } from '../terminal.ts';
import { policiesOf, type Source, sourceNamed } from './revision.ts';
import { choice, type PolicyVerb, readArgs, type VerbContext, WrongUsage } from './verb.ts';

/** With `--fail-on wider`: something is. */
const EXIT_WIDER = 3;

const REPLAYED_MS = 90 * 86_400_000;

/** `latchkey policy diff OLD NEW`: what is decided differently, not what is written differently. */
export const diff: PolicyVerb = {
  usage: 'OLD NEW [--replay] [--format text|json|markdown] [--fail-on wider]',
  summary: 'what two sets of policies (folders or Git revisions) decide differently',
  async run(args, context) {
    const { values, positionals } = readArgs(args, {
      options: { replay: { type: 'boolean' }, format: { type: 'string' }, 'fail-on': { type: 'string' } },
      least: 2,
      most: 2,
    });
    const format = choice('format', values.format, ['text', 'json', 'markdown']);
    const failOn = values['fail-on'];
    if (failOn !== undefined && failOn !== 'wider') throw new WrongUsage(`--fail-on ${failOn}: it is wider.`);
    const { terminal } = context;
    const { policiesDir, secret } = context.config();
    const where = { cwd: process.cwd(), env: terminal.env, policiesDir };
    const [was, now] = await Promise.all(positionals.map((name) => sourceNamed(name, where)));
    if (!was || !now) throw new WrongUsage('Something is missing.');

    const sets: PolicySet[] = [];
    for (const source of [was, now]) {
      const read = await policiesOf(source, secret);
      if (read.ok) sets.push(read.policies);
      else terminal.err(`In ${source.name}:\n${read.problems.map(formatProblem).join('\n')}\n`);
    }
    const [old, next] = sets;
    if (!old || !next) return EXIT.problems;
    const at = instantOf(Date.now());
    const compared = diffPolicies(old, next, at);
    let replayed: Replay | undefined;
    if (values.replay) {
      const since = plus(at, -REPLAYED_MS);
      const recorded = await fromAuditLog(context, since);
      if (recorded === undefined) return EXIT.problems;
      replayed = replay(old, next, since, recorded);
    }
    terminal.out(rendered(format, { was, now }, compared, replayed));
    const wider = [...compared.changes, ...(replayed?.findings ?? [])].some(({ direction }) => direction === 'wider');
    return failOn === 'wider' && wider ? EXIT_WIDER : EXIT.ok;
  },
};

function rendered(
  format: 'text' | 'json' | 'markdown',
  { was, now }: { was: Source; now: Source },
  compared: PolicyDiff,
  replayed: Replay | undefined,
): string {
  if (format === 'text') return diffText(compared, replayed);
  if (format === 'markdown') return diffMarkdown(compared, { was: was.name, now: now.name }, replayed);
  const named = ({ name, commit }: Source) => ({ name, ...(commit === undefined ? {} : { commit }) });
  const report = {
    old: named(was),
    new: named(now),
    ...compared,
    ...(replayed === undefined ? {} : { replay: replayed }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Undefined when the database cannot be asked, which was then said. */
async function fromAuditLog({ terminal, config }: VerbContext, since: string) {
  const { url, shown } = config().database;
  try {
    const { store } = await openForAudit(url.reveal());
    try {
      return await recordedRequests({ store }, since);
    } finally {
      await store.close();
    }
  } catch (error) {
    const problem = databaseProblem(error, shown);
    if (problem === undefined) throw error;
    terminal.err(`latchkey policy diff --replay: ${problem}\n`);
    return undefined;
  }
}
