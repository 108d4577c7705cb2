/**
 * Puts the lines of the audit back on a topic that lost them all, from the store's table: the same lines at the same offsets, so
 * that the chain goes on, followed by a line about the restoring. It is done only where the table has every line and their
 * chain of hashes is intact.
 */
import type { EventLog } from "@oee/event-log";
import { AUDIT_ROWS_MAX, type AuditRow, type Store } from "@oee/store";
import { type AuditFacts, bytesOfLine, CHAIN_START, chained, type ChainHead } from "./audit-line.ts";
import { rowOf } from "./audit-log.ts";

const APPENDED_AT_ONCE = 500;

/** Who puts the lines back, and when. */
export interface Restorer extends Pick<AuditFacts, "who" | "from"> {
  /** Epoch ms. */
  readonly at: number;
}

/** Puts the lines back, with a line about it behind them, and returns their number. Throws as `putBack` does. */
export async function restoreAudit(
  log: EventLog,
  topic: string,
  store: Pick<Store, "auditRows" | "insertAudit">,
  by: Restorer,
): Promise<number> {
  const head = await putBack(log, topic, store);
  if (head === null) return 0;
  const lines = head.offset + 1;
  const facts = { kind: "audit-restored", what: "", scope: "*", before: null, after: { lines } };
  const bytes = bytesOfLine({ ...by, ...facts, seen: head });
  await log.append(topic, [{ key: facts.kind, value: bytes }]);
  const [end] = await log.endsOf(topic);
  // If another line came between, gateways copy both to the store.
  if (end?.endOffset === lines + 1) {
    await store.insertAudit([rowOf({ offset: lines, hash: chained(head.hash, bytes) }, bytes)]);
  }
  return lines;
}

/** Puts the lines back and returns the newest of them; `null`: the store has none. Throws an `Error` that says what was found, and writes nothing then. */
export async function putBack(
  log: EventLog,
  topic: string,
  store: Pick<Store, "auditRows">,
): Promise<ChainHead | null> {
  const [before] = await log.endsOf(topic);
  if (before === undefined || before.endOffset > 0) {
    throw new Error(
      `the topic ${topic} has had ${before?.endOffset ?? 0} lines; expected one that is new, with none: delete it, and run this again`,
    );
  }
  const head = await checkedHead(store);
  if (head === null) return null;
  const lines = head.offset + 1;
  for (let done = 0; done < lines; done += APPENDED_AT_ONCE) {
    const rows = await store.auditRows({ offset: done, limit: Math.min(APPENDED_AT_ONCE, lines - done) });
    await log.append(
      topic,
      rows.map(({ kind, raw }) => ({ key: kind, value: Buffer.from(raw, "utf8") })),
    );
  }
  const [after] = await log.endsOf(topic);
  if (after?.endOffset !== lines) {
    throw new Error(
      `${topic} has ${after?.endOffset ?? 0} lines now, expected ${lines}: others wrote at the same time. Delete it, and run this again`,
    );
  }
  return head;
}

/** The newest line of the table; `null`: it has none. Throws where a line is missing, or its hash does not fit. */
async function checkedHead(store: Pick<Store, "auditRows">): Promise<ChainHead | null> {
  let hash = CHAIN_START;
  let expected = 0;
  for (;;) {
    const rows: readonly AuditRow[] = await store.auditRows({ offset: expected, limit: AUDIT_ROWS_MAX });
    for (const row of rows) {
      if (row.offset !== expected)
        throw new Error(`the store has no line ${expected}: \`oee audit verify\` tells more`);
      hash = chained(hash, Buffer.from(row.raw, "utf8"));
      if (row.hash !== hash) throw new Error(`line ${expected} of the store, or one before it, was altered`);
      expected++;
    }
    if (rows.length === 0) return expected === 0 ? null : { offset: expected - 1, hash };
  }
}
