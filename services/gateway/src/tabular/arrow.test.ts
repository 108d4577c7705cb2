import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { arrowOf } from "./arrow.ts";
import type { Column } from "./columns.ts";

interface Row {
  readonly text: string | null;
  readonly value: number | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "text", kind: "text", of: ({ text }) => text },
  { name: "at", kind: "instant", of: () => 1_700_000_000_123 },
  { name: "value", kind: "number", of: ({ value }) => value },
  { name: "flag", kind: "flag", of: ({ value }) => value !== null },
];

test("each kind of column has its type of Arrow, and null is null", () => {
  const table = tableFromIPC(
    Buffer.concat([
      ...arrowOf(
        [
          { text: "ä", value: 0.1 },
          { text: null, value: null },
        ],
        COLUMNS,
      ),
    ]),
  );
  expect(table.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable])).toEqual([
    ["text", "Utf8", true],
    ["at", "Timestamp<MILLISECOND, UTC>", false],
    ["value", "Float64", true],
    ["flag", "Bool", false],
  ]);
  expect(["text", "at", "value", "flag"].map((name) => [...(table.getChild(name) ?? [])])).toEqual([
    ["ä", null],
    [1_700_000_000_123, 1_700_000_000_123],
    [0.1, null],
    [true, false],
  ]);
});

test("records of more than one batch, and of none, are all there", () => {
  const records = Array.from({ length: 1_025 }, (_, value) => ({ text: null, value }));
  const table = tableFromIPC(Buffer.concat([...arrowOf(records, COLUMNS)]));
  expect([table.batches.length, table.numRows, table.getChild("value")?.get(1_024)]).toEqual([3, 1_025, 1_024]);
  expect(tableFromIPC(Buffer.concat([...arrowOf([], COLUMNS)])).numRows).toBe(0);
});
