/**
 * Writes the audit: lines go to the topic `oee.audit`, and from there, with their hashes, to the store. Every gateway does the
 * latter, for a row that is written twice is one row; what the store does not take now is tried again until it does.
 */
import type { EventLog, Follower, RecordBatch } from "@oee/event-log";
import type { AuditRow, Store } from "@oee/store";
import { type AuditFacts, bytesOfLine, CHAIN_START, chained, type ChainHead, lineIn } from "./audit-line.ts";

export interface AuditParts {
  readonly log: EventLog;
  readonly topic: string;
  readonly store: Pick<Store, "insertAudit" | "auditEnd">;
  readonly clock: () => number;
}

export class AuditLog {
  readonly #parts: AuditParts;
  #follower: Follower | null = null;
  #head: ChainHead | null = null;
  /** One past the newest line that the store has. */
  #stored: number | null = null;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  start(): void {
    const { log, topic } = this.#parts;
    this.#follower = log.followKeyed({ topic, onBatch: (batch) => this.#take(batch) });
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  /** Durable when it resolves. Throws `LogError`: what is not in the audit is not done. */
  async write(facts: AuditFacts): Promise<void> {
    const { log, topic, clock } = this.#parts;
    const value = bytesOfLine({ ...facts, at: clock(), seen: this.#head });
    await log.append(topic, [{ key: facts.kind, value }]);
  }

  async #take(batch: RecordBatch): Promise<void> {
    this.#stored ??= await this.#parts.store.auditEnd();
    let head = this.#head;
    const rows: AuditRow[] = [];
    for (let i = 0; i < batch.length; i++) {
      const bytes = batch.valueAt(i) ?? Buffer.alloc(0);
      const offset = batch.offsetAt(i);
      if (head !== null && offset <= head.offset) continue;
      head = { offset, hash: chained(head?.hash ?? CHAIN_START, bytes) };
      if (offset >= this.#stored) rows.push(rowOf(head, bytes));
    }
    if (rows.length > 0) await this.#parts.store.insertAudit(rows);
    this.#head = head;
  }
}

export function rowOf({ offset, hash }: ChainHead, bytes: Buffer): AuditRow {
  const line = lineIn(bytes);
  const raw = bytes.toString("utf8");
  if (line === null) {
    return { offset, hash, at: 0, who: "", kind: "unreadable", what: "", scope: "*", from: "", raw };
  }
  const { at, who, kind, what, scope, from } = line;
  return { offset, hash, at, who: who ?? "", kind, what, scope, from: from ?? "", raw };
}
