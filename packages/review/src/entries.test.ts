import { parsePlant } from "@oee/model";
import { expect, test } from "vitest";
import { type Entry, type EntryRefusal, isEntryRefusal, readEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";

const PLANT = `
enterprise: acme
currency: EUR
sites:
  berlin:
    areas:
      packing:
        lines:
          l1: { machines: { filler: { idealCycleSeconds: 1.2 } } }
          l2: { machines: { filler: { idealCycleSeconds: 1.2 } } }
`;
const parsed = parsePlant(PLANT, "plant.yaml");
const plant = parsed.ok ? parsed.plant : null;

function read(fields: object): Entry | EntryRefusal {
  if (plant === null) throw new Error("the plant file is refused");
  return readEntry(plant, fields);
}

const TARGET = { type: "target", id: "t", rev: 1, by: "anna", scope: "berlin", measure: "oee", value: "+5%" };
const PILOT = { type: "pilot", id: "p", scopes: ["berlin/packing/l1"], start: "2026-05-04", measures: ["oee"] };
const ACTION = { type: "action", id: "a", scope: "berlin", title: "Guide", addresses: "oee" };
const IMPORTED = {
  ...{ type: "baseline", id: "i", rev: 1, by: "anna", scope: "berlin", source: "shift books" },
  ...{ from: "2025-01-01", to: "2026-01-01" },
};

test.each([
  [{ ...TARGET, value: "+5" }, "invalid", "value"],
  [{ ...TARGET, measure: "downtimeCost" }, "invalid", "measure"],
  [{ ...TARGET, measure: "joy" }, "unknown-measure", "joy"],
  [{ ...TARGET, scope: "berlin/nowhere" }, "unknown-scope", "nowhere"],
  [{ ...TARGET, over: 10 }, "invalid", "over"],
  [{ ...TARGET, id: "" }, "invalid", "id"],
  [{ ...PILOT, controls: ["berlin"] }, "invalid", "controls"],
  [{ ...PILOT, currency: "USD" }, "invalid", "currency"],
  [{ type: "baseline", id: "b", scope: "berlin", from: "2026-02-30", to: "2026-04-01" }, "invalid", "from"],
  [{ type: "joke", id: "b" }, "invalid", "type"],
  [{ type: "baseline", id: "b", scope: "berlin", from: "1969-01-01", to: "2026-04-01" }, "invalid", "from"],
  [{ ...TARGET, from: "2026-01-01", due: "9999-12-31" }, "invalid", "due"],
  [{ ...TARGET, over: 7_000_000 }, "invalid", "over"],
  [{ ...PILOT, start: "0001-01-01" }, "invalid", "start"],
  [{ ...PILOT, before: 1_000_000 }, "invalid", "before"],
  // A machine would count twice, and what has no better has no verdict.
  [{ ...PILOT, scopes: ["berlin/packing/l1", "berlin/packing/l1/filler"] }, "invalid", "scopes"],
  [{ ...PILOT, measures: ["oee", "loading"] }, "invalid", "measures"],
  [{ ...ACTION, addresses: "loading" }, "invalid", "addresses"],
  [{ ...IMPORTED, figures: { components: { runTime: -1 } } }, "invalid", "0 or more for runTime"],
  [{ ...IMPORTED, figures: { kpis: { mttr: -1 } } }, "invalid", "0 or more for mttr"],
])("RE-2: %j is refused as %s", (fields, code, named) => {
  const entry = read(fields);
  if (!isEntryRefusal(entry)) throw new Error("it was accepted");
  expect(entry.code).toBe(code);
  expect(entry.detail).toContain(named);
});

test("RE-1: a revision is one more than the newest; any other is a conflict and changes nothing", () => {
  const book = new EntryBook();
  const at = (rev: number, value: string): EntryRefusal | null => {
    const entry = read({ ...TARGET, rev, value });
    if (isEntryRefusal(entry)) throw new Error(entry.detail);
    return book.accept(entry);
  };
  expect(at(2, "+1%")?.code).toBe("conflict");
  expect(at(1, "+2%")).toBeNull();
  expect(at(1, "+3%")?.code).toBe("conflict");
  expect(at(2, "+4%")).toBeNull();
  expect(book.newest("target").map(({ rev, aim }) => [rev, aim.value])).toEqual([[2, 0.04]]);
  expect(book.revisionsOf("target", "t")).toHaveLength(2);
});
