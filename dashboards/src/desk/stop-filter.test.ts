import { expect, test } from "vitest";
import type { StopRow } from "../shared/api/rows.ts";
import { filtered, filterIn } from "./stop-filter.ts";

function row(machine: string, more: Partial<StopRow>): StopRow {
  return {
    machine,
    stop: machine,
    from: "2026-03-02T05:00:00.000Z",
    to: "2026-03-02T05:10:00.000Z",
    state: "down",
    reason: null,
    category: "unplannedStop",
    failure: false,
    minor: false,
    duration: 600_000,
    scheduledDuration: 600_000,
    open: false,
    shift: null,
    shiftDate: null,
    crew: null,
    product: null,
    correctedBy: null,
    ...more,
  };
}

const ROWS = [
  row("a", { failure: true, reason: "mechanical/jam" }),
  row("b", { reason: "mechanicals", duration: 60_000 }),
  row("c", { minor: true, state: "idle", duration: 30_000 }),
  row("d", { minor: true, failure: true }),
];

test.each([
  ["", "abcd"],
  ["kind=major", "ab"],
  ["kind=failure", "a"],
  ["kind=other", "b"],
  ["kind=minor", "cd"],
  ["kind=nonsense", "abcd"],
  ["reason=mechanical", "a"],
  ["reason=none", "cd"],
  ["state=idle", "c"],
  ["least=1", "abd"],
  ["least=x", "abcd"],
  ["text=%20A%20", "a"],
])("%s", (query, expected) => {
  const filter = filterIn(Object.fromEntries(new URLSearchParams(query)));
  expect(
    filtered(ROWS, filter, ({ machine }) => [machine])
      .map(({ machine }) => machine)
      .join(""),
  ).toBe(expected);
});
