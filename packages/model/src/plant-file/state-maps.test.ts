import { describe, expect, it } from "vitest";
import type { StateMap } from "../plant.ts";
import { parsePlant } from "./parse-plant.ts";
import { BUILT_IN_STATE_MAPS } from "./state-maps.ts";

function parse(stateMaps: string, states: string): ReturnType<typeof parsePlant> {
  return parsePlant(
    `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, states: ${states} } } } } } } } }
stateMaps: ${stateMaps}`,
    "f",
  );
}

function statesOf(stateMaps: string, states: string): StateMap | undefined {
  const result = parse(stateMaps, states);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant.machines[0]?.states;
}

function problems(stateMaps: string): readonly string[] {
  const result = parse(stateMaps, "packml");
  return result.ok ? [] : result.problems.map(({ path, found }) => `${path}: ${found}`);
}

/** `length` maps, each of which extends the one before. */
function chain(length: number): string {
  const maps = Array.from({ length }, (_, i) => (i === 0 ? "x0: {}" : `x${i}: { extends: x${i - 1} }`));
  return `{ ${maps.join(", ")} }`;
}

describe("TL-5: state maps", () => {
  it("TL-5: the built-in packml knows the 18 states by name and number", () => {
    const packml = BUILT_IN_STATE_MAPS.get("packml");
    expect(packml?.size).toBe(36);
    const byNumber = Array.from({ length: 18 }, (_, number) => packml?.get(String(number)));
    expect(byNumber.join(" ")).toBe(
      "unknown down idle idle idle starved running idle down down idle idle idle starved starved idle running idle",
    );
    const names =
      "undefined clearing stopped starting idle suspended execute stopping aborting aborted holding held unholding suspending unsuspending resetting completing complete";
    expect(names.split(" ").map((name) => packml?.get(name))).toEqual(byNumber);
  });

  it("TL-5: the built-in mtconnect and semi-e10 have their names in the form in which names are compared", () => {
    expect(BUILT_IN_STATE_MAPS.get("mtconnect")?.get("program-optional-stop")).toBe("idle");
    expect(BUILT_IN_STATE_MAPS.get("mtconnect")?.size).toBe(11);
    expect(BUILT_IN_STATE_MAPS.get("semi-e10")?.get("non-scheduled")).toBe("no-demand");
    expect(BUILT_IN_STATE_MAPS.get("semi-e10")?.size).toBe(6);
  });

  it("TL-5: a map's own entry goes before the one of the map that it extends, also through a chain; a number counts as its text", () => {
    const states = statesOf(
      "{ c: { extends: b, map: { Held: blocked } }, b: { extends: packml, map: { 6: setup, HELD: down, Warm_up: no demand } } }",
      "c",
    );
    expect(states?.get("6")).toBe("setup");
    expect(states?.get("held")).toBe("blocked");
    expect(states?.get("warm-up")).toBe("no-demand");
    expect(states?.get("execute")).toBe("running");
  });

  it("TL-5: two keys that are one name apart from case and separators are refused", () => {
    expect(problems("{ x: { map: { Warm up: setup, warm_up: idle } } }")).toEqual([
      'stateMaps.x.map.warm_up: "warm_up", the same name as "Warm up"',
    ]);
  });

  it.each([
    ["itself", "{ x: { extends: x } }", 1],
    ["one another", "{ x: { extends: y }, y: { extends: x } }", 2],
    ["nothing", "{ x: { extends: pakml } }", 1],
  ])("TL-5: a map that extends %s is refused", (_, stateMaps, count) => {
    expect(problems(stateMaps)).toHaveLength(count);
  });

  it("TL-5: a chain is at most 16 maps long", () => {
    expect(problems(chain(16))).toEqual([]);
    expect(problems(chain(17))).toHaveLength(1);
  });

  it.each([
    "{ packml: {} }",
    "{ x: { map: { a: runing } } }",
    "{ x: { map: { '': idle } } }",
    "{ x: { map: { a: 6 } } }",
    "{ x: { maps: {} } }",
    "[]",
  ])("TL-5: refuses %s", (stateMaps) => {
    expect(problems(stateMaps)).toHaveLength(1);
  });
});
