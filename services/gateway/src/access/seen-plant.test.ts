import { expect, test } from "vitest";
import { FILLER, PLANT, PRESS, SAW } from "../../test/gateway-fixture.ts";
import { isPartial, SeenPlants } from "./seen-plant.ts";

const seen = new SeenPlants(() => PLANT);

test("the part of the plant that a caller holds has no other scope, and its `*` is all of the part", () => {
  const { plant } = seen.by(["berlin/packing/l2", FILLER]);
  expect([...plant.scopes.keys()]).toEqual(["*", FILLER, "berlin/packing/l2", PRESS, SAW]);
  expect(plant.scopes.get("*")?.machines.map(({ path }) => path)).toEqual([FILLER, PRESS, SAW]);
  expect(plant.machineById.has("recife/hall/l9/oven")).toBe(false);
  expect([isPartial(plant), isPartial(PLANT.plant)]).toEqual([true, false]);
});

test("who holds the whole plant gets it as it is; a scope below another one adds nothing", () => {
  expect(seen.by(["berlin", "*"])).toBe(PLANT);
  expect(seen.by(["berlin", FILLER])).toBe(seen.by(["berlin"]));
});

test("a rule of the whole plant holds once for each scope that is held", () => {
  const { plant } = seen.by(["berlin/packing/l2", "recife"]);
  expect(plant.alerts.map(({ id, scope }) => [id, scope])).toEqual([
    ["long", "berlin/packing/l2"],
    ["long", "recife"],
  ]);
});
