-- CreateTable
CREATE TABLE "Request" (
    "id" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "requesterEmail" TEXT NOT NULL,
    "requesterSlack" TEXT NOT NULL,
    "durationMs" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "fields" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "policyDigest" TEXT NOT NULL,
    "policyCommit" TEXT,
    "flow" TEXT NOT NULL,
    "entitlements" TEXT NOT NULL,
    "idleAfterMs" BIGINT,
    "extension" TEXT,
    "emergency" TEXT,
    "emergencyNo" INTEGER,
    "action" TEXT,
    "parametersKey" TEXT NOT NULL,
    "unusedAfter" TIMESTAMPTZ(3),
    "reviewBy" TIMESTAMPTZ(3),
    "reviewLate" BOOLEAN NOT NULL,
    "channel" TEXT,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "lapsesAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),
    "decidedBy" TEXT,
    "decisionReason" TEXT,
    "waiting" TEXT,
    "escalations" TEXT,
    "nextNudgeAt" TIMESTAMPTZ(3),
    "grantId" TEXT,
    "version" INTEGER NOT NULL,

    CONSTRAINT "Request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Vote" (
    "requestId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "voter" TEXT NOT NULL,
    "slack" TEXT,
    "onBehalfOf" TEXT,
    "verdict" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Vote_pkey" PRIMARY KEY ("requestId","position")
);

-- CreateTable
CREATE TABLE "Grant" (
    "id" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "personEmail" TEXT NOT NULL,
    "personSlack" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "approvedAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "extensions" INTEGER,
    "warnAt" TIMESTAMPTZ(3),
    "idle" TEXT,
    "activatedAt" TIMESTAMPTZ(3),
    "endingAt" TIMESTAMPTZ(3),
    "endReason" TEXT,
    "endedBy" TEXT,
    "failure" TEXT,
    "endedAt" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Hold" (
    "grantId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "workspace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "held" BOOLEAN NOT NULL,
    "target" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "permission" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3),
    "keptBecause" TEXT,
    "standing" BOOLEAN,
    "unsettledUntil" TIMESTAMPTZ(3),

    CONSTRAINT "Hold_pkey" PRIMARY KEY ("grantId","position")
);

-- CreateTable
CREATE TABLE "Entitlement" (
    "workspace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "Entitlement_pkey" PRIMARY KEY ("workspace","key")
);

-- CreateTable
CREATE TABLE "Delegation" (
    "workspace" TEXT NOT NULL,
    "delegatorEmail" TEXT NOT NULL,
    "delegatorSlack" TEXT NOT NULL,
    "delegateEmail" TEXT NOT NULL,
    "delegateSlack" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "endedBecause" TEXT,
    "version" INTEGER NOT NULL,

    CONSTRAINT "Delegation_pkey" PRIMARY KEY ("workspace","delegatorEmail")
);

-- CreateTable
CREATE TABLE "Effect" (
    "id" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "orderKey" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "runAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "attempt" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "claim" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "lastCode" TEXT,
    "lastSentence" TEXT,
    "doneAt" TIMESTAMPTZ(3),

    CONSTRAINT "Effect_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Posting" (
    "id" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "ts" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Posting_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditHead" (
    "workspace" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditHead_pkey" PRIMARY KEY ("workspace")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "workspace" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "prev" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("workspace","seq")
);

-- CreateTable
CREATE TABLE "Interaction" (
    "workspace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Interaction_pkey" PRIMARY KEY ("workspace","key")
);

-- CreateTable
CREATE TABLE "TimeReached" (
    "id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TimeReached_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Digest" (
    "workspace" TEXT NOT NULL,
    "date" TEXT NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Digest_pkey" PRIMARY KEY ("workspace","date")
);

-- CreateIndex
CREATE INDEX "Request_workspace_id_idx" ON "Request"("workspace", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Vote_requestId_voter_key" ON "Vote"("requestId", "voter");

-- CreateIndex
CREATE UNIQUE INDEX "Vote_requestId_onBehalfOf_key" ON "Vote"("requestId", "onBehalfOf");

-- CreateIndex
CREATE UNIQUE INDEX "Grant_requestId_key" ON "Grant"("requestId");

-- CreateIndex
CREATE INDEX "Grant_workspace_id_idx" ON "Grant"("workspace", "id");

-- CreateIndex
CREATE INDEX "Posting_requestId_idx" ON "Posting"("requestId");

-- CreateIndex
CREATE INDEX "AuditEntry_workspace_at_idx" ON "AuditEntry"("workspace", "at");

-- CreateIndex
CREATE INDEX "Interaction_seenAt_idx" ON "Interaction"("seenAt");

-- AddForeignKey
ALTER TABLE "Vote" ADD CONSTRAINT "Vote_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "Hold" ADD CONSTRAINT "Hold_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "Grant"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- From here on by hand: what Prisma's language cannot say.

-- Partial indexes: what is over costs nothing, however much of it there is.
CREATE UNIQUE INDEX "Request_pending_key" ON "Request"("workspace", "requesterEmail", "access", "parametersKey") WHERE "status" = 'pending';
CREATE INDEX "Request_pending_due_idx" ON "Request"("lapsesAt", "id") WHERE "status" = 'pending';
CREATE INDEX "Request_nudge_due_idx" ON "Request"("nextNudgeAt", "id") WHERE "status" = 'pending' AND "nextNudgeAt" IS NOT NULL;
-- NB. unique: two processes that count a person's emergencies at the same moment cannot both take the last one.
CREATE UNIQUE INDEX "Request_emergency_key" ON "Request"("workspace", "requesterEmail", "access", "emergencyNo") WHERE "emergencyNo" IS NOT NULL;
CREATE INDEX "Request_emergency_slack_idx" ON "Request"("workspace", "requesterSlack", "access") WHERE "emergencyNo" IS NOT NULL;
CREATE INDEX "Request_review_idx" ON "Request"("reviewBy", "id") WHERE "reviewBy" IS NOT NULL;
CREATE INDEX "Request_unused_idx" ON "Request"("unusedAfter", "id") WHERE "unusedAfter" IS NOT NULL;
CREATE INDEX "Grant_due_idx" ON "Grant"("endsAt", "id") WHERE "status" IN ('provisioning', 'active');
CREATE INDEX "Grant_warning_idx" ON "Grant"("warnAt", "id") WHERE "status" = 'active' AND "warnAt" IS NOT NULL;
CREATE INDEX "Grant_revoking_idx" ON "Grant"("id") WHERE "status" = 'revoking';
CREATE INDEX "Grant_open_idx" ON "Grant"("workspace", "endsAt", "id") WHERE "status" <> 'ended';
CREATE INDEX "Grant_open_person_idx" ON "Grant"("workspace", "personEmail") WHERE "status" <> 'ended';
CREATE INDEX "Hold_held_idx" ON "Hold"("workspace", "key") WHERE "held";
CREATE INDEX "Delegation_open_idx" ON "Delegation"("workspace", "delegateEmail") WHERE "endedAt" IS NULL;
CREATE INDEX "Delegation_due_idx" ON "Delegation"("until", "delegatorEmail") WHERE "endedAt" IS NULL;
CREATE INDEX "Effect_due_idx" ON "Effect"("lane", "runAt", "createdAt", "id" COLLATE "C") WHERE "status" = 'pending';
CREATE INDEX "Effect_order_idx" ON "Effect"("workspace", "orderKey", "createdAt", "id" COLLATE "C") WHERE "status" = 'pending';
-- At most one effect of an order is claimed, whatever two claimers saw.
CREATE UNIQUE INDEX "Effect_claimed_key" ON "Effect"("workspace", "orderKey") WHERE "status" = 'pending' AND "claim" IS NOT NULL;
CREATE INDEX "Effect_failing_idx" ON "Effect"("createdAt", "id" COLLATE "C") WHERE "status" = 'pending' AND "failures" > 0;
CREATE INDEX "Effect_unreadable_idx" ON "Effect"("id") WHERE "status" = 'unreadable';
CREATE INDEX "Effect_done_idx" ON "Effect"("doneAt") WHERE "status" = 'done';

-- The audit log is append-only.
-- NB. the search path is pinned and the table named in full, so that nobody's temporary table is read in its place.
CREATE FUNCTION "latchkey_audit_refuse"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $guard$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: no entry is changed or deleted';
END
$guard$;

CREATE FUNCTION "latchkey_audit_append"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $guard$
DECLARE
  last_seq bigint;
  last_hash text;
  ending text := ',"prev":"' || NEW."prev" || '","seq":' || NEW."seq" || '}';
BEGIN
  EXECUTE format('SELECT "seq", "hash" FROM %I.%I WHERE "workspace" = $1 ORDER BY "seq" DESC LIMIT 1',
    TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO last_seq, last_hash USING NEW."workspace";
  IF NEW."seq" IS DISTINCT FROM coalesce(last_seq, 0) + 1 THEN
    RAISE EXCEPTION 'the audit log is append-only: this entry is not the next';
  END IF;
  IF NEW."prev" IS DISTINCT FROM coalesce(last_hash, repeat('0', 64))
    OR right(NEW."body", length(ending)) IS DISTINCT FROM ending THEN
    RAISE EXCEPTION 'the audit log is a chain: this entry does not hold the hash of the one before';
  END IF;
  RETURN NEW;
END
$guard$;

CREATE TRIGGER "AuditEntry_no_change" BEFORE UPDATE OR DELETE ON "AuditEntry"
  FOR EACH ROW EXECUTE FUNCTION "latchkey_audit_refuse"();
CREATE TRIGGER "AuditEntry_no_truncate" BEFORE TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION "latchkey_audit_refuse"();
CREATE TRIGGER "AuditEntry_append" BEFORE INSERT ON "AuditEntry"
  FOR EACH ROW EXECUTE FUNCTION "latchkey_audit_append"();

-- Always: also in a session that says it is a replica.
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER "AuditEntry_no_change";
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER "AuditEntry_no_truncate";
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER "AuditEntry_append";
