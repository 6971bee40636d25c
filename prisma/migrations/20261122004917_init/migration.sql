-- CreateTable
CREATE TABLE "Request" (
    "id" TEXT NOT NULL PRIMARY KEY,
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
    "unusedAfter" DATETIME,
    "reviewBy" DATETIME,
    "reviewLate" BOOLEAN NOT NULL,
    "channel" TEXT,
    "openedAt" DATETIME NOT NULL,
    "lapsesAt" DATETIME NOT NULL,
    "decidedAt" DATETIME,
    "decidedBy" TEXT,
    "decisionReason" TEXT,
    "waiting" TEXT,
    "escalations" TEXT,
    "nextNudgeAt" DATETIME,
    "grantId" TEXT,
    "version" INTEGER NOT NULL
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
    "at" DATETIME NOT NULL,

    PRIMARY KEY ("requestId", "position"),
    CONSTRAINT "Vote_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "Grant" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspace" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "personEmail" TEXT NOT NULL,
    "personSlack" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "approvedAt" DATETIME NOT NULL,
    "endsAt" DATETIME NOT NULL,
    "extensions" INTEGER,
    "warnAt" DATETIME,
    "idle" TEXT,
    "activatedAt" DATETIME,
    "endingAt" DATETIME,
    "endReason" TEXT,
    "endedBy" TEXT,
    "failure" TEXT,
    "endedAt" DATETIME,
    "version" INTEGER NOT NULL
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
    "seenAt" DATETIME,
    "keptBecause" TEXT,
    "standing" BOOLEAN,
    "unsettledUntil" DATETIME,

    PRIMARY KEY ("grantId", "position"),
    CONSTRAINT "Hold_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "Grant" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "Entitlement" (
    "workspace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    PRIMARY KEY ("workspace", "key")
);

-- CreateTable
CREATE TABLE "Delegation" (
    "workspace" TEXT NOT NULL,
    "delegatorEmail" TEXT NOT NULL,
    "delegatorSlack" TEXT NOT NULL,
    "delegateEmail" TEXT NOT NULL,
    "delegateSlack" TEXT NOT NULL,
    "since" DATETIME NOT NULL,
    "until" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "endedBecause" TEXT,
    "version" INTEGER NOT NULL,

    PRIMARY KEY ("workspace", "delegatorEmail")
);

-- CreateTable
CREATE TABLE "Effect" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspace" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "orderKey" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "runAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "attempt" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "claim" TEXT,
    "leaseUntil" DATETIME,
    "lastCode" TEXT,
    "lastSentence" TEXT,
    "doneAt" DATETIME
);

-- CreateTable
CREATE TABLE "Posting" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspace" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "ts" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "savedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "AuditHead" (
    "workspace" TEXT NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "workspace" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" DATETIME NOT NULL,
    "type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "prev" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    PRIMARY KEY ("workspace", "seq")
);

-- CreateTable
CREATE TABLE "Interaction" (
    "workspace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "seenAt" DATETIME NOT NULL,

    PRIMARY KEY ("workspace", "key")
);

-- CreateTable
CREATE TABLE "TimeReached" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Digest" (
    "workspace" TEXT NOT NULL,
    "date" TEXT NOT NULL,
    "to" DATETIME NOT NULL,

    PRIMARY KEY ("workspace", "date")
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
CREATE INDEX "Effect_due_idx" ON "Effect"("lane", "runAt", "createdAt", "id") WHERE "status" = 'pending';
CREATE INDEX "Effect_order_idx" ON "Effect"("workspace", "orderKey", "createdAt", "id") WHERE "status" = 'pending';
-- At most one effect of an order is claimed, whatever two claimers saw.
CREATE UNIQUE INDEX "Effect_claimed_key" ON "Effect"("workspace", "orderKey") WHERE "status" = 'pending' AND "claim" IS NOT NULL;
CREATE INDEX "Effect_failing_idx" ON "Effect"("createdAt", "id") WHERE "status" = 'pending' AND "failures" > 0;
CREATE INDEX "Effect_unreadable_idx" ON "Effect"("id") WHERE "status" = 'unreadable';
CREATE INDEX "Effect_done_idx" ON "Effect"("doneAt") WHERE "status" = 'done';

-- The audit log is append-only.
CREATE TRIGGER "AuditEntry_no_update" BEFORE UPDATE ON "AuditEntry"
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: no entry is changed');
END;

CREATE TRIGGER "AuditEntry_no_delete" BEFORE DELETE ON "AuditEntry"
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: no entry is deleted');
END;

-- NB. INSERT OR REPLACE deletes rows without firing the trigger above, by the primary key or by the rowid: both are
-- refused here, since an entry must be the next of its workspace's chain and may not take another's rowid.
CREATE TRIGGER "AuditEntry_append" BEFORE INSERT ON "AuditEntry"
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: this entry is not the next')
    WHERE NEW."seq" IS NOT coalesce((SELECT max("seq") FROM "AuditEntry" WHERE "workspace" = NEW."workspace"), 0) + 1
      OR EXISTS (SELECT 1 FROM "AuditEntry" WHERE rowid = NEW.rowid);
  SELECT RAISE(ABORT, 'the audit log is a chain: this entry does not hold the hash of the one before')
    WHERE NEW."prev" IS NOT coalesce(
        (SELECT "hash" FROM "AuditEntry" WHERE "workspace" = NEW."workspace" ORDER BY "seq" DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
      OR substr(NEW."body", -length(',"prev":"' || NEW."prev" || '","seq":' || NEW."seq" || '}'))
        IS NOT ',"prev":"' || NEW."prev" || '","seq":' || NEW."seq" || '}';
END;
