/** DI-3: whether a correction of closed time needs a reason depends on when it was made, not on when it is read. */
import { type CorrectionEvent, EventDecoder, isRefusal } from "@oee/model";
import { expect, test } from "vitest";
import { refusalOfClosed } from "./closings.ts";
import { bookOf } from "./past.ts";
import { ONE_MACHINE, plantFrom } from "../../../tests/support/plant.ts";

const plant = plantFrom(ONE_MACHINE);

const closing = (rev: number, at: string, more: object): object => ({
  type: "closing",
  id: "q",
  rev,
  at,
  scope: "s",
  ...more,
});
const BOOK = bookOf(
  plant,
  [
    closing(1, "2026-04-10T00:00:00Z", { until: "2026-04-01" }),
    closing(2, "2026-05-10T00:00:00Z", { until: "2026-05-01" }),
    closing(3, "2026-06-10T00:00:00Z", { until: "2026-05-01", withdrawn: true }),
  ],
  ["closing"],
);

function made(at: string, from: string, note: string | null = null): CorrectionEvent {
  const event = { type: "correction", machine: "s/a/l/m", at, from, to: "2027-01-01T00:00:00Z", state: "down", note };
  const decoded = new EventDecoder(plant, { maxFutureMs: 0 }).decodeValue(event, null);
  if (isRefusal(decoded) || decoded.type !== "correction") throw new Error("a correction");
  return decoded;
}

test.each([
  ["made before the closing", "2026-04-09T00:00:00Z", "2026-03-31T00:00:00Z", null, null],
  ["of time before it", "2026-04-10T00:00:00Z", "2026-03-31T23:59:59.999Z", null, "closed"],
  ["of the first instant that is open", "2026-04-10T00:00:00Z", "2026-04-01T00:00:00Z", null, null],
  ["with a note", "2026-04-10T00:00:00Z", "2026-03-01T00:00:00Z", "counted by hand", null],
  ["with an empty note", "2026-04-10T00:00:00Z", "2026-03-01T00:00:00Z", " ", "closed"],
  ["under a later revision", "2026-05-10T00:00:00Z", "2026-04-15T00:00:00Z", null, "closed"],
  ["once it is open again", "2026-06-10T00:00:00Z", "2026-03-01T00:00:00Z", null, null],
])("DI-3: a correction %s", (_, at, from, note, code) => {
  expect(refusalOfClosed(BOOK, made(at, from, note))?.code ?? null).toBe(code);
});
