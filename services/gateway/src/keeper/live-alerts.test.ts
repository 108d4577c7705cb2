import type { Scope } from "@oee/model";
import type { KnownAlert } from "@oee/review";
import { expect, test } from "vitest";
import { FILLER, OVEN, PLANT, PRESS, START } from "../../test/gateway-fixture.ts";
import { SeenPlants } from "../access/seen-plant.ts";
import { changedScopes, isSeenIn, liveAlerts } from "./live-alerts.ts";

function alert(scope: string, more: Partial<KnownAlert> = {}): KnownAlert {
  return {
    ...{ ticket: `long/${scope}`, rule: "long", kind: "stop", scope, opens: START, acknowledged: null, resolves: null },
    ...{
      owners: { responsible: ["fitter"], accountable: "boss", consulted: [], informed: [] },
      steps: [],
      state: "open",
    },
    ...{ seen: START, withdrawn: null },
    ...more,
  };
}

function scopeAt(path: string, plant = PLANT.plant): Scope {
  const scope = plant.scopes.get(path);
  if (scope === undefined) throw new Error(`no scope ${path}`);
  return scope;
}

test("a scope shows the alerts that go on, its own and those below it, at most 20", () => {
  const alerts = [
    alert(FILLER),
    alert(PRESS, { state: "resolved" }),
    alert(PRESS, { withdrawn: START }),
    alert("berlin/packing/l2", { state: "acknowledged" }),
    alert(OVEN),
  ];
  const shown = liveAlerts(PLANT.plant, alerts, scopeAt("berlin/packing"));
  expect(shown.map(({ scope, state, owner }) => [scope, state, owner])).toEqual([
    [FILLER, "open", "boss"],
    ["berlin/packing/l2", "acknowledged", "boss"],
  ]);
  expect(
    liveAlerts(
      PLANT.plant,
      Array.from({ length: 21 }, () => alert(FILLER)),
      scopeAt("*"),
    ),
  ).toHaveLength(20);
});

test("who sees a part of the plant sees no alert of a scope that has more", () => {
  const { plant } = new SeenPlants(() => PLANT).by(["berlin/packing/l1"]);
  expect(isSeenIn(PLANT.plant, scopeAt("*", plant), FILLER)).toBe(true);
  expect(isSeenIn(PLANT.plant, scopeAt("*", plant), "berlin/packing")).toBe(false);
  expect(isSeenIn(PLANT.plant, scopeAt("*", plant), PRESS)).toBe(false);
});

test("a scope changes where an alert opens, ends or is acknowledged", () => {
  const before = [alert(FILLER), alert(PRESS), alert(OVEN)];
  const after = [alert(FILLER), alert(PRESS, { state: "acknowledged" }), alert(OVEN, { state: "resolved" })];
  expect([...changedScopes(before, after)].toSorted()).toEqual([PRESS, OVEN]);
  expect(changedScopes(before, before).size).toBe(0);
});
