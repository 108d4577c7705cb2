import { expect, test } from "vitest";
import { csvOf } from "./csv.ts";
import type { Column } from "./columns.ts";

interface Row {
  readonly text: string | null;
  readonly at: number;
  readonly value: number | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "text", kind: "text", of: ({ text }) => text },
  { name: "at", kind: "instant", of: ({ at }) => at },
  { name: "value", kind: "number", of: ({ value }) => value },
  { name: "flag", kind: "flag", of: ({ value }) => value !== null },
];

test("RFC 4180: quotes, commas and ends of lines are quoted; null is empty; numbers have all their digits", () => {
  const rows: Row[] = [
    { text: 'jam, "belt"', at: Date.UTC(2026, 2, 2, 6), value: 0.1 + 0.2 },
    { text: "two\nlines", at: 0, value: null },
    { text: null, at: 1, value: 0 },
  ];
  expect([...csvOf(rows, COLUMNS)].join("")).toBe(
    [
      "text,at,value,flag",
      '"jam, ""belt""",2026-03-02T06:00:00.000Z,0.30000000000000004,true',
      '"two\nlines",1970-01-01T00:00:00.000Z,,false',
      ",1970-01-01T00:00:00.001Z,0,true",
      "",
    ].join("\n"),
  );
});
