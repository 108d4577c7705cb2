import type { LiveElement } from "@oee/protocol";
import type { LiveMachine } from "@oee/protocol";
import { describe, expect, test } from "vitest";
import { elementOf, machineOf, type Now, NOW, scope } from "../../test/plant-fixture.ts";
import { ageThatMatters, callsOf, type Sign, signOf } from "./sign.ts";

const CASES: readonly (readonly [Now, Sign, string])[] = [
  ["running", "running", "state.running"],
  ["slow", "slow", "sign.slow"],
  ["minor", "minorStop", "sign.minorStop"],
  ["stop", "stop", "state.down"],
  ["noReason", "stopNoReason", "state.down"],
  ["starved", "stopNoReason", "state.starved"],
  ["setup", "setup", "state.setup"],
  ["maintenance", "plannedStop", "state.maintenance"],
  ["break", "notPlanned", "state.break"],
  ["offShift", "notPlanned", "sign.notScheduled"],
  ["noData", "noData", "state.unknown"],
];

function silentFor(ageMs: number): LiveMachine {
  return machineOf("running", 1, { lastEventAt: NOW - ageMs });
}

function atRate(rate: number, more: Partial<LiveMachine> = {}): Sign {
  return signOf(machineOf("running", 1, { rate, ...more }), NOW).sign;
}

test.each(CASES)("W-2: %s is shown as %s with its own word", (now, sign, word) => {
  expect(signOf(machineOf(now, 1), NOW)).toMatchObject({ sign, word });
});

describe("W-3: no false running", () => {
  test("W-3: without a machine's data, with an unknown state or a category from a newer server: no data", () => {
    const odd = { ...machineOf("running", 1), category: "brandNew" } as unknown as LiveMachine;
    for (const machine of [null, machineOf("running", 1, { state: "unknown" }), odd]) {
      expect(signOf(machine, NOW).sign).toBe("noData");
    }
  });

  test("W-3: no data stays no data outside the shift", () => {
    expect(signOf(machineOf("noData", 1, { scheduled: false }), NOW).sign).toBe("noData");
  });

  test("W-3: the age of the last event is told when it matters", () => {
    expect(ageThatMatters(silentFor(119_000), "running", NOW)).toBeNull();
    expect(ageThatMatters(silentFor(120_000), "running", NOW)).toBe(120_000);
    expect(ageThatMatters(machineOf("noData", 1, { lastEventAt: NOW - 1 }), "noData", NOW)).toBe(1);
    expect(ageThatMatters(machineOf("stop", 1, { lastEventAt: NOW - 600_000 }), "stop", NOW)).toBeNull();
    expect(ageThatMatters(machineOf("noData", 1, { lastEventAt: null }), "noData", NOW)).toBeNull();
  });
});

describe("slow", () => {
  test("below 80 % of the ideal rate", () => {
    expect(atRate(2_400)).toBe("running");
    expect(atRate(2_399)).toBe("slow");
  });

  test("never just after a start, nor without an ideal cycle or a rate", () => {
    expect(atRate(100, { since: NOW - 119_000 })).toBe("running");
    expect(atRate(100, { idealCycleSeconds: null })).toBe("running");
    expect(signOf(machineOf("running", 1, { rate: null }), NOW).sign).toBe("running");
  });
});

test("a reason that makes a stop something else is worded by what it is, not by the state", () => {
  const changeover = machineOf("noReason", 1, { state: "idle", category: "setup", reason: "changeover" });
  expect(signOf(changeover, NOW)).toMatchObject({ sign: "setup", word: "state.setup" });
  const meeting = machineOf("noReason", 1, { state: "idle", category: "plannedStop", reason: "meeting" });
  expect(signOf(meeting, NOW)).toMatchObject({ sign: "plannedStop", word: "sign.plannedStop" });
});

test("the cause is called before its consequences, a stop before a minor one, the longest first", () => {
  const states: readonly Now[] = ["running", "starved", "minor", "blocked", "stop", "noReason"];
  const elements = states.map((now, i) =>
    elementOf(scope(`s/a/l/${now}`, "machine", now), { machine: machineOf(now, i) }),
  );
  const called: string[] = [];
  for (let left: readonly LiveElement[] = elements; left.length > 0; ) {
    const { worst } = callsOf(left, NOW);
    called.push(worst?.element.name ?? "");
    left = left.filter((element) => element !== worst?.element);
  }
  expect(called).toEqual(["noReason", "stop", "starved", "blocked", "minor", "running"]);
  expect(callsOf(elements, NOW)).toMatchObject({
    machines: 6,
    counts: [
      { sign: "stopNoReason", count: 2 },
      { sign: "stop", count: 2 },
      { sign: "minorStop", count: 1 },
      { sign: "running", count: 1 },
    ],
  });
});
