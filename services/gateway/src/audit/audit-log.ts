/**
 * Writes the audit: lines go to the topic `oee.audit`, and from there, with their hashes, to the store. Every gateway copies
 * them to the store, for a row that is written twice is one row; a write that fails is repeated until the store takes it.
 *
 * The topic and the store's table hold the same lines. Where the topic has lost lines that the store has (it was deleted or
 * emptied, or belongs to another installation), no line is written until `oee audit restore` has put them back: a second chain is
 * never begun. Where the store has lost lines that the topic has, they are written again. Both losses are logged and shown by readiness.
 */
import type { EventLog, Follower, RecordBatch } from "@oee/event-log";
import { retry, within } from "@oee/pacing";
import type { AuditRow, Store } from "@oee/store";
import type { Logger } from "pino";
import { HttpProblem } from "../problems.ts";
import { type AuditFacts, bytesOfLine, CHAIN_START, chained, type ChainHead, lineIn } from "./audit-line.ts";
import { AuditStates } from "./audit-states.ts";

export interface AuditParts {
  readonly log: EventLog;
  readonly topic: string;
  /** `null`: this process has no store; gateways copy its lines there. */
  readonly store: Pick<Store, "insertAudit" | "auditExtent" | "auditRows"> | null;
  readonly clock: () => number;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
}

/** How long (ms) the first writers wait until the topic is read; after that they write all the same, such as while the store is away. */
const OPENING_MS_MAX = 5_000;

export class AuditLog {
  /** The states of plant file, settings, schema and users by the newest lines that were read. */
  readonly states: AuditStates = new AuditStates();
  readonly #parts: AuditParts;
  readonly #closing = new AbortController();
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => undefined;
  #follower: Follower | null = null;
  #head: ChainHead | null = null;
  /** A line that the topic must have: the newest one of the store, or the newest that was read before the topic was replaced. */
  #due: ChainHead | null = null;
  /** The store has every line before this offset. */
  #stored = 0;
  #lost: string | null = null;
  /** Whether the topic was read within `OPENING_MS_MAX`; `null`: nothing has been written yet. */
  #opening: Promise<boolean> | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.#caughtUp = new Promise((resolve) => (this.#tellCaughtUp = resolve));
  }

  start(): void {
    const { topic, logger } = this.#parts;
    void retry(
      () => this.#open(),
      (error) => logger.warn({ err: error, topic }, "how far the store has the audit is not known yet"),
      this.#closing.signal,
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const tell of this.#waiting) tell();
    await this.#follower?.close();
  }

  /** Resolves when all lines that there were at the start have been read and are in the store. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** Why no line can be written, for people; `null`: lines can be written. */
  get lost(): string | null {
    return this.#lost;
  }

  /**
   * Writes lines, all by one write; durable when it resolves. Throws `LogError`, and `HttpProblem` (`OEE_HTTP_AUDIT_LOST`) where
   * the topic lacks lines. The caller must not do what it could not write.
   */
  async write(...lines: readonly AuditFacts[]): Promise<void> {
    const { log, topic, clock } = this.#parts;
    await (this.#opening ??= within(this.#caughtUp, OPENING_MS_MAX));
    const [end] = await log.endsOf(topic);
    const head = this.#head;
    if (head !== null && end !== undefined && end.endOffset <= head.offset) this.#lose(head, end.endOffset);
    if (this.#lost !== null) throw new HttpProblem("OEE_HTTP_AUDIT_LOST", this.#lost);
    const at = clock();
    const records = lines.map((facts) => ({ key: facts.kind, value: bytesOfLine({ ...facts, at, seen: head }) }));
    await log.append(topic, records);
  }

  /** Resolves when the store has every line that the topic has now. */
  async stored(): Promise<void> {
    const { log, topic } = this.#parts;
    const [end] = await log.endsOf(topic);
    while ((this.#head?.offset ?? -1) + 1 < (end?.endOffset ?? 0) && !this.#closing.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #open(): Promise<void> {
    const { log, topic, store, logger } = this.#parts;
    // The store is asked before the topic is read: the topic must have every line that the store has by now.
    const { lines, end, newest } = (await store?.auditExtent()) ?? { lines: 0, end: 0, newest: null };
    this.#due = newest;
    if (lines < end) {
      const what = "the store lacks lines of the audit: they are written again from the topic";
      logger.error({ code: "OEE_AUDIT_STORE_GAPS", lines, end }, what);
    } else this.#stored = end;
    if (this.#closing.signal.aborted) return;
    let isFirst = true;
    this.#follower = log.followKeyed({
      topic,
      onBatch: async (batch) => {
        if (isFirst && end === 0 && store !== null) {
          const what = "the store has no line of the audit: all are written again from the topic";
          logger.warn({ code: "OEE_AUDIT_STORE_GAPS", lines: batch.nextOffset }, what);
        }
        await this.#take(batch);
        isFirst = false;
      },
      onCaughtUp: () => {
        isFirst = false;
        const due = this.#due;
        if (due !== null && (this.#head?.offset ?? -1) < due.offset) this.#lose(due, (this.#head?.offset ?? -1) + 1);
        this.#tellCaughtUp();
      },
    });
  }

  async #take(batch: RecordBatch): Promise<void> {
    const { store } = this.#parts;
    let head = this.#head;
    const rows: AuditRow[] = [];
    const taken: { readonly bytes: Buffer; readonly head: ChainHead }[] = [];
    for (let i = 0; i < batch.length; i++) {
      const bytes = batch.valueAt(i) ?? Buffer.alloc(0);
      const offset = batch.offsetAt(i);
      // Where the topic's beginning is gone, only the store knows the hash before its first line: without a store the chain is not followed.
      if (store === null && head === null && offset > 0) continue;
      if (head !== null && offset <= head.offset) {
        this.#lose(head, offset);
        head = null;
      }
      head = { offset, hash: chained(head?.hash ?? (await this.#hashBefore(offset)), bytes) };
      taken.push({ bytes, head });
      if (offset >= this.#stored) rows.push(rowOf(head, bytes));
    }
    if (rows.length > 0) await store?.insertAudit(rows);
    for (const line of taken) {
      this.states.take(lineIn(line.bytes));
      this.#compare(line.head);
    }
    this.#head = head;
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }

  /** The hash before the topic's first line, from the store where the topic's beginning is gone. */
  async #hashBefore(offset: number): Promise<string> {
    if (offset === 0) return CHAIN_START;
    const { store, logger } = this.#parts;
    const [row] = (await store?.auditRows({ offset: offset - 1, limit: 1 })) ?? [];
    const what = "the topic of the audit has no lines before this one; the store has them";
    logger.error({ code: "OEE_AUDIT_LOST", offset }, row?.offset === offset - 1 ? what : "lines of the audit are gone");
    return row?.offset === offset - 1 ? row.hash : CHAIN_START;
  }

  #compare({ offset, hash }: ChainHead): void {
    const due = this.#due;
    if (due?.offset !== offset) return;
    this.#due = null;
    this.#lost = null;
    if (due.hash === hash) return;
    const what = "this line of the audit, or one before it, is another in the topic than in the store";
    this.#parts.logger.error({ code: "OEE_AUDIT_ALTERED", offset }, `${what}; \`oee audit verify\` tells which`);
  }

  /** Notes that the topic lost lines: `due` is a line that there was, `end` the offset at which the topic ends now. */
  #lose(due: ChainHead, end: number): void {
    if (this.#lost !== null) return;
    this.#due = due;
    this.#lost = `the topic of the audit ends before line ${end}, and line ${due.offset} was written: it was emptied, or is another; \`oee audit restore\` puts its lines back`;
    this.#parts.logger.error({ code: "OEE_AUDIT_LOST", topic: this.#parts.topic }, this.#lost);
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
