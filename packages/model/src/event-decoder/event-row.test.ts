import { expect, test } from "vitest";
import { eventRow } from "./event-row.ts";

const rowOf = (values: Readonly<Record<string, unknown>>): object =>
  eventRow(
    Object.keys(values).map((name) => ({ name })),
    ({ name }) => values[name],
  );

test("columns without a value are left out, and so are structs in which nothing stands", () => {
  expect(rowOf({ type: "count", good: 0, scrap: null, note: undefined })).toEqual({ type: "count", good: 0 });
  expect(rowOf({ type: "count", total: { good: 5, scrap: null } })).toEqual({ type: "count", total: { good: 5 } });
  expect(rowOf({ type: "count", total: { good: null, scrap: null } })).toEqual({ type: "count" });
});

test("an instant is a value and no struct", () => {
  const at = new Date("2026-03-02T06:00:00Z");
  expect(rowOf({ at })).toEqual({ at });
});
