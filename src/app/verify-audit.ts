import { type Finding, Verification } from '../audit/index.ts';
import type { Ports } from './ports/index.ts';
import type { UnreadableRow } from './ports/store.ts';

export interface AuditReport {
  workspace: string;
  entries: number;
  /** The hash of the last entry: two parties with the same hash have the same log. */
  head: string;
  rows: number;
  /** The number of the entry with the noted hash, if this log holds it. */
  notedAt?: number;
  findings: readonly Finding[];
}

const PAGE = 1_000;
/** How often a running product may get ahead of the reading before rows are called different. */
const TRIES = 5;

/**
 * Re-computes every chain, and checks that each event could happen when it did and that folding them gives the rows
 * (invariant 7). `noted`: the hash of an entry that was written down elsewhere, to be found again.
 */
export async function verifyAudit({ store }: Pick<Ports, 'store'>, noted?: string): Promise<AuditReport[]> {
  const reports: AuditReport[] = [];
  for (const workspace of await store.workspaces()) reports.push(await verifyWorkspace(store, workspace, noted));
  return reports;
}

async function verifyWorkspace(store: Ports['store'], workspace: string, noted?: string): Promise<AuditReport> {
  for (let tries = 1; ; tries += 1) {
    const report = await attempt(store, workspace, noted);
    const onlyRows = report.findings.every((finding) => finding.kind === 'row');
    // The rows were read after the log. When the product wrote meanwhile, they may rightly be ahead: read both again.
    const moved = onlyRows && (await store.auditHead(workspace)).hash !== report.head;
    if (report.findings.length === 0 || !moved || tries === TRIES) return report;
  }
}

async function attempt(store: Ports['store'], workspace: string, noted?: string): Promise<AuditReport> {
  const verification = new Verification(noted);
  // NB. the head first: entries written after it are read as well, entries missing before it are found.
  const head = await store.auditHead(workspace);
  for (;;) {
    const page = await store.auditPage(workspace, verification.chain.head.seq + 1, PAGE);
    for (const entry of page) {
      verification.add(entry);
      if (entry.seq === head.seq) verification.finishChain(head);
    }
    if (page.length < PAGE || verification.chain.broken) break;
  }
  if (verification.chain.head.seq < head.seq) verification.finishChain(head);
  // Entries behind the remembered end are new, or were put there past it.
  else if (verification.chain.head.seq > head.seq) {
    const now = await store.auditHead(workspace);
    if (now.seq <= verification.chain.head.seq) verification.finishChain(now);
  }
  const { broken, head: end } = verification.chain;
  const { notedAt } = verification;
  const report = { workspace, entries: end.seq, head: end.hash, ...(notedAt === undefined ? {} : { notedAt }) };
  if (broken) return { ...report, rows: 0, findings: [...verification.illegal, broken] };

  const findings: Finding[] = [...verification.illegal];
  let rows = 0;
  const check = (finding: Finding | undefined) => {
    rows += 1;
    if (finding) findings.push(finding);
  };
  for await (const { id, effect } of store.pendingEffects(workspace, ({ id, message }) => {
    findings.push({ kind: 'row', row: `effect ${id}`, problem: message });
  })) {
    const finding = verification.checkEffect(id, effect);
    if (finding) findings.push(finding);
  }
  findings.push(...verification.missingRevocations());
  const setAside = (row: UnreadableRow) => check(verification.setAside(row.table, row.keyIn(workspace), row.message));
  for await (const row of store.allRequests(workspace, setAside)) check(verification.checkRequest(row));
  for await (const row of store.allGrants(workspace, setAside)) check(verification.checkGrant(row));
  for await (const row of store.allEntitlements(workspace, setAside)) check(verification.checkEntitlement(row));
  for await (const row of store.allDelegations(workspace, setAside)) check(verification.checkDelegation(row));
  return { ...report, rows, findings: [...findings, ...verification.missingRows()] };
}
