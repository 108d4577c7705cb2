import type { CorrectionEvent } from "@oee/model";
import { expect, test } from "vitest";
import { decoded, eventAt, FILLER, HOUR, machineOf, PRESS, START } from "../../test/gateway-fixture.ts";
import { cameOf } from "./corrections-came.ts";

function arrived(machine: string, from: number, to: number, by: string, at: number) {
  const body = { type: "correction", from: START + from * HOUR, to: START + to * HOUR, reason: "mechanical", by };
  const [correction] = decoded([eventAt(machine, -60, body)]) as readonly CorrectionEvent[];
  if (correction === undefined) throw new Error("a correction");
  return { correction, at };
}

test("CO-2: corrections count by when they arrived, and where they change a part of the period of their machine", () => {
  const all = [
    arrived(FILLER, -2, -1, "anna", START),
    arrived(FILLER, -3, -2, "ben", START - 1),
    arrived(FILLER, -6, -5, "carl", START),
    arrived(PRESS, -2, -1, "dora", START),
  ];
  const period = { from: START - 4 * HOUR, to: START };
  expect(cameOf(all, [machineOf(FILLER)], START, () => period)).toMatchObject({ count: 1 });
  expect(cameOf(all, [machineOf(FILLER), machineOf(PRESS)], START - 1, () => period)).toMatchObject({ count: 3 });
});
