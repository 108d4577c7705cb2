import { expect, test } from "vitest";
import { draftOf } from "./draft.ts";
import type { Seen } from "./seen.ts";

function seen(group: string, values: Readonly<Record<string, Seen["value"]>>): readonly Seen[] {
  return Object.entries(values).map(([name, value]) => ({ protocol: "opcua", group, name, address: name, value }));
}

test("a draft knows states and counts by English and German names, and names the groups that have none", () => {
  const { machines, leftOut } = draftOf([
    ...seen("Hall/Palletiser 1", { MachineStatus: "Running", GoodPartCounter: 7, RejectCounter: 1, Temperature: 40.5 }),
    ...seen("Halle/Wickler", { Betriebszustand: "läuft", Gutteile: 7, Ausschuss: 1, Auftrag: "4711" }),
    ...seen("Halle/Füller", { Läuft: true, Stückzahl: 9, "Teile NIO": 2 }),
    ...seen("Halle/Poste é", { state: 1 }),
    ...seen("Halle/Klima", { Temperatur: 21, Union: 3 }),
  ]);
  const named = [...machines].map(([id, { signals, totals }]) => [id, signals, totals]);
  const both = { good: "good", scrap: "scrap" };
  expect(named).toEqual([
    ["site/area/line/palletiser-1", { state: "MachineStatus", good: "GoodPartCounter", scrap: "RejectCounter" }, both],
    ["site/area/line/wickler", { state: "Betriebszustand", good: "Gutteile", scrap: "Ausschuss" }, both],
    ["site/area/line/fueller", { running: "Läuft", good: "Stückzahl", scrap: "Teile NIO" }, both],
    ["site/area/line/poste-e", { state: "state" }, {}],
  ]);
  expect([...machines.values()].map(({ states }) => states)).toEqual(["packml", null, null, "packml"]);
  expect(leftOut).toEqual(["Halle/Klima"]);
});

test("state machines inside of one another are one machine's, of which the innermost decides; a count of PackML is the one that goes on over jobs", () => {
  const state = (value: string): Readonly<Record<string, Seen["value"]>> => ({ CurrentState: value });
  const count = (name: string, of: number): Readonly<Record<string, Seen["value"]>> =>
    Object.fromEntries(["ID", "Count", "AccCount"].map((field, i) => [`${name}.0.${field}`, of + i]));
  const { machines, leftOut } = draftOf([
    ...seen("Filler/Admin", { ...count("ProdDefectiveCount", 1), ...count("ProdProcessedCount", 10) }),
    ...seen("Filler/BaseStateMachine/MachineState/ExecuteState", state("Execute")),
    ...seen("Filler/BaseStateMachine/MachineState/ExecuteState/HeldState", state("")),
    ...seen("Filler/BaseStateMachine/MachineState", state("Running")),
    ...seen("Filler/BaseStateMachine", state("Cleared")),
    ...seen("Line/Labeller/OperatingStates/Base", state("Aborted")),
    ...seen("Line/Labeller/OperatingStates/Base/Machine", state("")),
    ...seen("Line/Labeller/Counters", { Good: 7 }),
    ...seen("Mill/Production/ActiveProgram/State", state("Running")),
    ...seen("Climate", { Temperature: 20.5 }),
  ]);
  expect([...machines].map(([id, { state: mapping, totals }]) => [id, mapping, totals])).toEqual([
    ["site/area/line/filler", { packml: ["base", "cleared", "running"] }, { good: "good", scrap: "scrap" }],
    ["site/area/line/labeller", { packml: ["base", "cleared"] }, { good: "good" }],
    ["site/area/line/state", "state", {}],
  ]);
  expect(machines.get("site/area/line/filler")?.signals).toMatchObject({
    good: "ProdProcessedCount.0.AccCount",
    scrap: "ProdDefectiveCount.0.AccCount",
  });
  expect(leftOut).toEqual(["Climate"]);
});
