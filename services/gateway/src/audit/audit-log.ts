/**
 * Writes the audit: lines go to the topic `oee.audit`, and from there, with their hashes, to the store. Every gateway does the
 * latter, for a row that is written twice is one row; what the store does not take now is tried again until it does.
 *
 * The topic and the store's table hold the same lines. Where the topic has lost lines that the store has (it was deleted, emptied,
 * or is that of another installation), nothing is written any more until `oee audit restore` has put them back: a chain is never
 * begun anew beside another. Where the store has lost lines that the topic has, they are written again. Both losses are logged and shown by readiness.
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
  /** `null`: this process has none; gateways take its lines there. */
  readonly store: Pick<Store, "insertAudit" | "auditExtent" | "auditRows"> | null;
  readonly clock: () => number;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
}

/** How long (ms) the first writers wait until the topic was read; then they write, also where the store is away for longer. */
const OPENING_MS_MAX = 5_000;

export class AuditLog {
  /** What the lines say of things that have a state, such as the plant file: as it was told last. */
  readonly states: AuditStates = new AuditStates();
  readonly #parts: AuditParts;
  readonly #closing = new AbortController();
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => undefined;
  #follower: Follower | null = null;
  #head: ChainHead | null = null;
  /** A line that the topic has to have: the newest one of the store, or the newest that was read before the topic was another. */
  #due: ChainHead | null = null;
  /** Below this offset the store has every line. */
  #stored = 0;
  #lost: string | null = null;
  /** Whether the topic was read in time; `null`: no line was written yet. */
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

  /** Resolves when all that there was at the start has been read and is in the store. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  /** Why nothing can be written, for people; `null`: it can. */
  get lost(): string | null {
    return this.#lost;
  }

  /**
   * Durable when it resolves. Throws `LogError`, and `HttpProblem` (`OEE_HTTP_AUDIT_LOST`) where the topic lacks lines: what is not
   * in the audit is not done.
   */
  async write(facts: AuditFacts): Promise<void> {
    const { log, topic, clock } = this.#parts;
    await (this.#opening ??= within(this.#caughtUp, OPENING_MS_MAX));
    const [end] = await log.endsOf(topic);
    const head = this.#head;
    if (head !== null && end !== undefined && end.endOffset <= head.offset) this.#lose(head, end.endOffset);
    if (this.#lost !== null) throw new HttpProblem("OEE_HTTP_AUDIT_LOST", this.#lost);
    const value = bytesOfLine({ ...facts, at: clock(), seen: head });
    await log.append(topic, [{ key: facts.kind, value }]);
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
    // Before the topic: of what the store has by now, the topic has to have all.
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
      // The hash before the topic's first line is known to the store alone: while that is away no line is named as seen.
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

  /** Of the line before the first one that the topic has: its beginning is gone, where there was one. */
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

  /** `due` is a line that there was, `end` where the topic ends instead. */
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
