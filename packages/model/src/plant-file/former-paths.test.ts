/** DI-3: a machine's history is kept under the oldest path that it had; events may name any of its paths. */
import { expect, test } from "vitest";
import { EventDecoder } from "../event-decoder/event-decoder.ts";
import { isRefusal } from "../event-decoder/refusal.ts";
import { scopeAt, type Plant } from "../plant.ts";
import { parsePlant } from "./parse-plant.ts";
import { formatProblem } from "./problem.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

const textOf = (l1: string, l2: string): string => `enterprise: e
sites:
  s: { areas: { a: { lines: { l1: { machines: { ${l1} } }, l2: { machines: { ${l2} } } } } } }
`;

function accepted(text: string): Plant {
  return plantFrom(text);
}

const KEPT = "keep: { idealCycleSeconds: 1 }";
const PLANT = accepted(textOf(KEPT, "saw: { idealCycleSeconds: 2, formerly: [s/a/l1/saw, s/a/l1/cutter] }"));

test("DI-3: a moved machine has its new path and its oldest path as identifier, and is found by each of its paths", () => {
  const saw = PLANT.machines[1];
  expect(saw).toMatchObject({ id: "s/a/l1/cutter", path: "s/a/l2/saw", line: "l2" });
  for (const path of ["s/a/l2/saw", "s/a/l1/saw", "s/a/l1/cutter"]) {
    expect(PLANT.machineById.get(path)).toBe(saw);
    expect(scopeAt(PLANT, path)?.path).toBe("s/a/l2/saw");
  }
  expect(PLANT.scopes.get("s/a/l1")?.machines.map(({ id }) => id)).toEqual(["s/a/l1/keep"]);
  expect(PLANT.scopes.has("s/a/l1/saw")).toBe(false);
});

test("DI-3: an event that names a former path is the machine's, by the decoder's fast and careful ways", () => {
  const decoder = new EventDecoder(PLANT, { maxFutureMs: 0 });
  for (const machine of ["s/a/l2/saw", "s/a/l1/saw", "s/a/l1/cutter"]) {
    const bytes = Buffer.from(JSON.stringify({ type: "state", machine, at: 1_772_427_600_000, state: "down" }));
    const scanned = decoder.decode(bytes, 0, bytes.length, 1_772_427_600_000);
    const read = decoder.decodeValue(JSON.parse(bytes.toString("utf8")), null);
    for (const event of [scanned, read]) expect(isRefusal(event) ? event : event.machine.id).toBe("s/a/l1/cutter");
  }
});

test("DI-3: moving a machine changes the plant's version, naming further old paths does not", () => {
  const version = (formerly: string): string =>
    accepted(textOf(KEPT, `saw: { idealCycleSeconds: 2, formerly: ${formerly} }`)).version;
  expect(version("s/a/l1/cutter")).not.toBe(
    accepted(textOf(`${KEPT}, cutter: { idealCycleSeconds: 2 }`, "x: { idealCycleSeconds: null }")).version,
  );
  expect(version("s/a/l1/cutter")).not.toBe(version("s/a/l1/other"));
  expect(version("s/a/l1/cutter")).toBe(version("[s/a/l1/saw, s/a/l1/cutter]"));
});

test.each([
  [
    "a present machine",
    "formerly: s/a/l1/keep",
    'found "s/a/l1/keep", where a machine stands now',
    "no machine has now",
  ],
  ["its own path", "formerly: s/a/l2/saw", "the path that it has now", "the paths that it had before"],
  ["a path twice", "formerly: [s/a/l1/x, s/a/l1/x]", "claimed by this machine a second time", "once"],
  ["no path of a machine", "formerly: s/a/l1", '"s/a/l1"', "site/area/line/machine"],
  ["a number", "formerly: 7", "the number 7", "site/area/line/machine"],
  ["an empty list", "formerly: []", "an empty list", "site/area/line/machine"],
])("DI-3: formerly refuses %s", (_, formerly, found, expected) => {
  const parsed = parsePlant(textOf(KEPT, `saw: { idealCycleSeconds: 2, ${formerly} }`), "plant.yaml");
  const told = parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
  expect(told).toContain("plant.yaml:3:");
  expect(told).toContain(found);
  expect(told).toContain(expected);
});

test("DI-3: two machines that claim one former path, and two that claim each other's present path, are refused", () => {
  const refused = (l1: string, l2: string): readonly string[] => {
    const parsed = parsePlant(textOf(l1, l2), "plant.yaml");
    return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
  };
  const one = (name: string, former: string): string => `${name}: { idealCycleSeconds: 1, formerly: ${former} }`;
  expect(refused(one("a", "s/a/l0/x"), one("b", "s/a/l0/x"))[0]).toContain('claimed by "s/a/l1/a" too');
  expect(refused(one("a", "s/a/l2/b"), one("b", "s/a/l1/a"))).toHaveLength(2);
});

test("TL-5: in a plant that holds only some of the machines each keeps its own state map", () => {
  const whole = accepted(`${textOf(`x: { idealCycleSeconds: 1 }`, `y: { idealCycleSeconds: 1, states: mine }`)}
stateMaps: { mine: { map: { "7": setup } } }
`);
  const part: Plant = { ...whole, machines: whole.machines.slice(1) };
  const event = { type: "state", machine: "s/a/l2/y", at: 1_772_427_600_000, state: "7" };
  const decoded = new EventDecoder(part, { maxFutureMs: 0 }).decodeValue(event, null);
  expect(isRefusal(decoded) || decoded.type !== "state" ? decoded : decoded.state).toBe("setup");
});
