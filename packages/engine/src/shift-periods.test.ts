/** KP-3: which machines' costs and takts count in a shift's period. */
import { EventDecoder, isRefusal, parsePlant, type Element } from "@oee/model";
import { describe, expect, test } from "vitest";
import { type By, Replay } from "./index.ts";

const HOUR_MS = 3_600_000;
/** A Monday, 06:00 UTC. */
const START = Date.UTC(2026, 2, 2, 6);

/** `press` and `saw` have the early shift, `press` until 14:00 and `saw` until 12:00; `oven` has the late shift alone. */
const PLANT = `
enterprise: acme
sites:
  s:
    areas:
      a:
        lines:
          l:
            machines:
              press: { idealCycleSeconds: 2, calendar: long, taktSeconds: 4 }
              saw: { idealCycleSeconds: 2, calendar: short, costPerHour: 60 }
              oven: { idealCycleSeconds: 2, calendar: late, costPerHour: 100, taktSeconds: 5 }
calendars:
  long: { shifts: [{ name: early, start: "06:00", end: "14:00" }] }
  short: { shifts: [{ name: early, start: "06:00", end: "12:00" }] }
  late: { shifts: [{ name: late, start: "14:00", end: "22:00" }] }
products: { p: { taktSeconds: 10 } }
`;

const parsed = parsePlant(PLANT, "plant.yaml");
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const { plant } = parsed;

function shiftsOf(by: By, from: number, to: number): readonly Element[] {
  const replay = new Replay(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const say = (machine: string, hour: number, fields: object): void => {
    const event = decoder.decodeValue({ machine: `s/a/l/${machine}`, at: START + hour * HOUR_MS, ...fields }, null);
    if (isRefusal(event)) throw new Error(event.detail);
    replay.accept(event);
  };
  for (const machine of ["press", "saw", "oven"]) say(machine, 0, { type: "state", state: "down" });
  say("saw", 2, { type: "job", product: "p" });
  const scope = plant.scopes.get("s/a/l");
  if (scope === undefined) throw new Error("no such line");
  return replay.report({ from, to, scope, by, every: "shift" }, START + 24 * HOUR_MS) ?? [];
}

describe("KP-3: costs and takts in a shift's period are those of the machines that have the shift in it", () => {
  test("of the line's machines two have the early shift, and one the late one", () => {
    const figures = shiftsOf("line", START, START + 24 * HOUR_MS).map(({ shift, from, to, kpis }) => ({
      shift,
      hours: (to - from) / HOUR_MS,
      targetCount: kpis.targetCount,
      downtimeCost: kpis.downtimeCost,
    }));
    expect(figures).toEqual([
      // 8 h of the press at 4 s are 7,200; 4 h of the saw's p at 10 s are 1,440. The saw is down for 6 h at 60 an hour.
      { shift: "early", hours: 8, targetCount: 8_640, downtimeCost: 360 },
      // 8 h of the oven at 5 s, and at 100 an hour.
      { shift: "late", hours: 8, targetCount: 5_760, downtimeCost: 800 },
    ]);
  });

  test("from 12:00 to 14:00 the press alone has the early shift: no cost makes a number, not even 0", () => {
    const [early, ...others] = shiftsOf("line", START + 6 * HOUR_MS, START + 8 * HOUR_MS);
    expect(others).toEqual([]);
    expect(early).toMatchObject({ shift: "early", kpis: { targetCount: 1_800, downtimeCost: null } });
  });

  test("by product the saw's cost counts for each, and a takt for those that it was in force for", () => {
    const figures = shiftsOf("product", START, START + 8 * HOUR_MS).map(({ scope, product, kpis }) => [
      scope,
      product,
      kpis.targetCount,
      kpis.downtimeCost,
    ]);
    expect(figures).toEqual([
      ["s/a/l/press", null, 7_200, null],
      ["s/a/l/saw", null, null, 120],
      ["s/a/l/saw", "p", 1_440, 240],
    ]);
  });
});
