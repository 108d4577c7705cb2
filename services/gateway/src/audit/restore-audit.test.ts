import type { AuditRow, Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, START } from "../../test/gateway-fixture.ts";
import { openMemoryTopics, valuesOn } from "../../test/memory-topics.ts";
import { bytesOfLine, CHAIN_START, chained, lineIn } from "./audit-line.ts";
import { rowOf } from "./audit-log.ts";
import { putBack, restoreAudit } from "./restore-audit.ts";

const RESTORER = { who: "root", from: "here", at: START };

/** Three lines about anna, as the store has them. */
function lines(): readonly AuditRow[] {
  let hash = CHAIN_START;
  return ["sign-in", "correction", "sign-out"].map((kind, offset) => {
    const facts = { who: "anna", kind, what: "", scope: "*", from: null, before: null, after: null };
    const bytes = bytesOfLine({ ...facts, at: START + offset, seen: null });
    return rowOf({ offset, hash: (hash = chained(hash, bytes)) }, bytes);
  });
}

/** A store that has these lines. */
function holding(rows: readonly AuditRow[]): Pick<Store, "auditRows"> {
  return {
    auditRows: ({ offset = 0, limit }) => Promise.resolve(rows.filter((row) => row.offset >= offset).slice(0, limit)),
  };
}

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());

test("lines are put back as they were, with one about it behind them, once, and only where they are chained as they were written", async () => {
  const { log, topics } = await openMemoryTopics();
  const { name } = topics.audit;
  const rows = lines();
  const tampered = rows.map((row, i) => (i === 1 ? { ...row, raw: row.raw.replace("anna", "otto") } : row));
  await expect(putBack(log, name, holding(tampered))).rejects.toThrow(/line 1 of the store.* altered/);
  await expect(putBack(log, name, holding(rows.toSpliced(1, 1)))).rejects.toThrow(/no line 1/);
  expect(await valuesOn(log, name)).toEqual([]);

  await store.insertAudit(rows);
  expect(await restoreAudit(log, name, store, RESTORER)).toBe(3);
  const values = await valuesOn(log, name);
  expect(values.slice(0, 3).map(String)).toEqual(rows.map(({ raw }) => raw));
  const seen = { offset: 2, hash: rows[2]?.hash };
  expect(lineIn(values[3] ?? null)).toMatchObject({ kind: "audit-restored", ...RESTORER, after: { lines: 3 }, seen });
  // The store has that line too: gateways that start find nothing to write again.
  expect(await store.auditExtent()).toMatchObject({ lines: 4, end: 4 });
  await expect(restoreAudit(log, name, store, RESTORER)).rejects.toThrow(/has had 4 lines; expected one that is new/);
});

test("a store without lines has none to put back, and nothing is written", async () => {
  const { log, topics } = await openMemoryTopics();
  expect(await putBack(log, topics.audit.name, holding([]))).toBeNull();
  expect(await valuesOn(log, topics.audit.name)).toEqual([]);
});
