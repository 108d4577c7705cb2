/**
 * Verifies the audit: the lines of the topic by their chain of hashes, and the store's copy row by row against the
 * topic.
 */
import type { EventLog } from "@oee/event-log";
import type { AuditRow } from "@oee/store";
import { rowOf } from "./audit-log.ts";
import { CHAIN_START, chained, type ChainHead, lineIn } from "./audit-line.ts";

export interface AuditFault {
  readonly offset: number;
  readonly detail: string;
}

export interface AuditVerdict {
  readonly lines: number;
  readonly head: ChainHead | null;
  readonly faults: readonly AuditFault[];
}

const FAULTS_MAX = 1_000;

/**
 * `rowsFrom` gives the store's rows from an offset on, in order; empty: there are no more. `noted` is the place and hash of a
 * line that somebody wrote down elsewhere before: by it, lines that were cut off at the end are found.
 */
export async function verifyAudit(
  log: EventLog,
  topic: string,
  rowsFrom: (offset: number) => Promise<readonly AuditRow[]>,
  noted: ChainHead | null,
): Promise<AuditVerdict> {
  const faults: AuditFault[] = [];
  const fault = (offset: number, detail: string): void => {
    if (faults.length < FAULTS_MAX) faults.push({ offset, detail });
  };
  const lines = await linesOf(log, topic);
  const hashes = new Map<number, string>();
  let hash = CHAIN_START;
  let expected = 0;
  const rows = rowsInOrder(rowsFrom);
  let row = await rows.next();
  for (const { offset, bytes } of lines) {
    if (offset !== expected) fault(expected, `the topic has no lines ${expected} to ${offset - 1}`);
    // Where the topic's beginning is gone, the store's lines before it are checked by their own chain, and the topic's go on from them.
    for (; expected === 0 && row.done !== true && row.value.offset < offset; row = await rows.next()) {
      hash = chained(hash, Buffer.from(row.value.raw, "utf8"));
      if (hash !== row.value.hash) fault(row.value.offset, "the store has another hash");
      hashes.set(row.value.offset, (hash = row.value.hash));
    }
    expected = offset + 1;
    hash = chained(hash, bytes);
    hashes.set(offset, hash);
    const line = lineIn(bytes);
    if (line === null) fault(offset, "the line cannot be read");
    else if (line.seen !== null && hashes.get(line.seen.offset) !== line.seen.hash) {
      fault(offset, `line ${line.seen.offset}, or one before it, was another when this line was written`);
    }
    for (; row.done !== true && row.value.offset < offset; row = await rows.next()) {
      fault(row.value.offset, "the store has a line that the topic has not");
    }
    if (row.done === true || row.value.offset !== offset) fault(offset, "the store does not have the line");
    else {
      const right = rowOf({ offset, hash }, bytes);
      const wrong = Object.entries(right).find(([name, value]) => row.value?.[name as keyof AuditRow] !== value);
      if (wrong !== undefined) fault(offset, `the store has another ${wrong[0]}`);
      row = await rows.next();
    }
  }
  for (; row.done !== true; row = await rows.next())
    fault(row.value.offset, "the store has a line that the topic has not");
  if (noted !== null && hashes.get(noted.offset) !== noted.hash) {
    fault(noted.offset, "the line that was noted as the newest is not there, or is another");
  }
  return { lines: lines.length, head: lines.length === 0 ? null : { offset: expected - 1, hash }, faults };
}

interface LoggedLine {
  readonly offset: number;
  readonly bytes: Buffer;
}

async function linesOf(log: EventLog, topic: string): Promise<readonly LoggedLine[]> {
  const lines: LoggedLine[] = [];
  await new Promise<void>((resolve) => {
    const follower = log.followKeyed({
      topic,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) {
          lines.push({ offset: batch.offsetAt(i), bytes: Buffer.from(batch.valueAt(i) ?? []) });
        }
      },
      onCaughtUp: () => void follower.close().then(resolve),
    });
  });
  return lines;
}

async function* rowsInOrder(
  rowsFrom: (offset: number) => Promise<readonly AuditRow[]>,
): AsyncGenerator<AuditRow, undefined> {
  for (let from = 0; ; ) {
    const rows = await rowsFrom(from);
    for (const row of rows) yield row;
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    from = last.offset + 1;
  }
}
