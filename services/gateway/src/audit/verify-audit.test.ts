import type { AuditRow } from "@oee/store";
import { expect, test } from "vitest";
import { START } from "../../test/gateway-fixture.ts";
import { openMemoryTopics } from "../../test/memory-topics.ts";
import { bytesOfLine, CHAIN_START, chained, type ChainHead } from "./audit-line.ts";
import { rowOf } from "./audit-log.ts";
import { verifyAudit } from "./verify-audit.ts";

/** Four lines; each names the one before it as the newest that its writer had read. */
const LINES: { readonly bytes: Buffer; readonly head: ChainHead }[] = [];
for (const [offset, who] of ["anna", "ben", "cora", "dora"].entries()) {
  const before = LINES[offset - 1]?.head ?? null;
  const facts = { who, kind: "sign-in", what: "", scope: "*", from: "127.0.0.1", before: null, after: null };
  const bytes = bytesOfLine({ ...facts, at: START + offset, seen: before });
  LINES.push({ bytes, head: { offset, hash: chained(before?.hash ?? CHAIN_START, bytes) } });
}
const ROWS = LINES.map(({ bytes, head }) => rowOf(head, bytes));
const BYTES = LINES.map(({ bytes }) => bytes);
const NEWEST = LINES[3]?.head ?? null;

/** What is found where the topic has these lines, and the store, which gives two at a time, these rows. */
async function faultsOf(
  bytes: readonly Buffer[],
  rows: readonly AuditRow[] = ROWS,
  noted: ChainHead | null = null,
): Promise<readonly string[]> {
  const { log, topics } = await openMemoryTopics();
  const { name } = topics.audit;
  await log.append(
    name,
    bytes.map((value) => ({ key: null, value })),
  );
  const rowsFrom = (from: number): Promise<AuditRow[]> =>
    Promise.resolve(rows.filter(({ offset }) => offset >= from).slice(0, 2));
  const { faults, lines } = await verifyAudit(log, name, rowsFrom, noted);
  expect(lines).toBe(bytes.length);
  return faults.map(({ offset, detail }) => `${offset}: ${detail}`);
}

const replaced = (text: string, by: string): readonly Buffer[] =>
  BYTES.map((bytes) => Buffer.from(bytes.toString().replace(text, by)));

test("the lines as they were written have no fault, and the newest is the one that was noted", async () => {
  expect(await faultsOf(BYTES, ROWS, NEWEST)).toEqual([]);
});

test("a line that was altered in the topic is told by the store, and by the chain alone where the store was altered too", async () => {
  const altered = replaced('"ben"', '"bob"');
  expect(await faultsOf(altered)).toEqual([
    "1: the store has another hash",
    "2: line 1, or one before it, was another when this line was written",
    "2: the store has another hash",
    "3: line 2, or one before it, was another when this line was written",
    "3: the store has another hash",
  ]);
  let hash = CHAIN_START;
  const rows = altered.map((bytes, offset) => rowOf({ offset, hash: (hash = chained(hash, bytes)) }, bytes));
  expect(await faultsOf(altered, rows)).toEqual([
    "2: line 1, or one before it, was another when this line was written",
    "3: line 2, or one before it, was another when this line was written",
  ]);
});

test("a row of the store alone is told with the column that is another", async () => {
  const rows = ROWS.map((row) => (row.who === "cora" ? { ...row, who: "carl" } : row));
  expect(await faultsOf(BYTES, rows)).toEqual(["2: the store has another who"]);
  expect(await faultsOf(BYTES, ROWS.toSpliced(1, 1))).toEqual(["1: the store does not have the line"]);
});

test("lines that were cut off at the end are told by the store, and where it lacks them too by the one that was noted", async () => {
  const left = BYTES.slice(0, 3);
  expect(await faultsOf(left)).toEqual(["3: the store has a line that the topic has not"]);
  expect(await faultsOf(left, ROWS.slice(0, 3))).toEqual([]);
  expect(await faultsOf(left, ROWS.slice(0, 3), NEWEST)).toEqual([
    "3: the line that was noted as the newest is not there, or is another",
  ]);
});

test("a line that was removed moves those behind it up", async () => {
  const faults = await faultsOf(BYTES.toSpliced(1, 1));
  expect(faults).toContain("1: line 1, or one before it, was another when this line was written");
  expect(faults).toContain("3: the store has a line that the topic has not");
});
