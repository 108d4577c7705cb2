import { RowDelta } from "@oee/columns";
import { PLACE } from "@oee/model";
import { expect, test } from "vitest";
import { numbersOf } from "../../columns/src/one-row.fixture.ts";
import { MachineSum } from "./machine-sum.ts";

function deltaOf(runTime: number): RowDelta {
  const delta = new RowDelta();
  delta.set(numbersOf(runTime), 0);
  return delta;
}

test("P-1: a machine's sum has the components, and the planned time under each takt; a takt without time is left out", () => {
  const sum = new MachineSum();
  sum.add(1e6, deltaOf(60_000));
  sum.add(2e6, deltaOf(20_000));
  sum.add(null, deltaOf(5_000));
  sum.add(2e6, deltaOf(-20_000));
  const { components, plannedByTakt } = sum.numbers();
  expect(components[PLACE.runTime]).toBe(65_000);
  expect(plannedByTakt).toEqual([[1e6, 60_000]]);
});
