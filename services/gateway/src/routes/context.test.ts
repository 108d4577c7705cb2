import { expect, test } from "vitest";
import { FILLER, PLANT } from "../../test/gateway-fixture.ts";
import { machineNamed, scopeNamed } from "./context.ts";

test("a path names a scope or a machine; an error says what was found and what there is", () => {
  expect(scopeNamed(PLANT.plant, "*").kind).toBe("enterprise");
  expect(machineNamed(PLANT.plant, FILLER).path).toBe(FILLER);
  expect(() => scopeNamed(PLANT.plant, "berlin/nowhere")).toThrow(
    'the plant has no scope "berlin/nowhere"; expected * or one such as berlin, berlin/packing, berlin/packing/l1',
  );
  expect(() => machineNamed(PLANT.plant, "berlin/packing")).toThrow(
    "machine is the area berlin/packing; expected a machine",
  );
});
