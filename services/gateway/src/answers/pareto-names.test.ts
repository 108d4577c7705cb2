import type { Plant } from "@oee/model";
import { expect, test } from "vitest";
import { nameOf, reasonNameOf } from "./pareto-names.ts";

const node = (name: string | null, children: readonly (readonly [string, unknown])[] = []): unknown => ({
  name,
  children: new Map(children),
});
const REASONS = node(null, [["mechanical", node("Mechanical", [["jam", node("Jammed bottle")]])]]);
const PLANT = {
  reasons: REASONS,
  machineById: new Map([["s/a/l/filler", { name: "Filler" }]]),
  products: new Map([["cola", { name: "Cola 0.5 l" }]]),
} as unknown as Plant;

test("bars of a Pareto have the names of the plant file; what it does not name is called by its key", () => {
  expect(nameOf(PLANT, "machine", "s/a/l/filler")).toBe("Filler");
  expect(nameOf(PLANT, "machine", "s/a/l/gone")).toBe("s/a/l/gone");
  expect(nameOf(PLANT, "product", "cola")).toBe("Cola 0.5 l");
  expect(nameOf(PLANT, "reason", null)).toBeNull();
});

test("a reason without a name is called by the last part of its path", () => {
  expect(reasonNameOf(PLANT.reasons, "mechanical/jam")).toBe("Jammed bottle");
  expect(reasonNameOf(PLANT.reasons, "mechanical/worn belt")).toBe("worn belt");
  expect(reasonNameOf(PLANT.reasons, "weather")).toBe("weather");
});
