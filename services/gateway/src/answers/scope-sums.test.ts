/** Lines, areas, sites and the plant are answered by sums of the store of all their machines; these are those of the machines one by one. */
import { kpiElement } from "@oee/answers";
import { PlantModel } from "@oee/engine";
import { eachComponent, type Element, type Plant, type Row, type Scope } from "@oee/model";
import type { Store } from "@oee/store";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import {
  FILLER,
  HOUR,
  LABELLER,
  liveRecord,
  machineOf,
  MINUTE,
  openTestStore,
  OVEN,
  PLANT,
  PRESS,
  SAW,
  START,
} from "../../test/gateway-fixture.ts";
import { sourcesOf } from "../../test/oven.ts";
import { GATEWAY_LIMITS, type PlantInForce } from "../options.ts";
import { dayStartsIn } from "./local-days.ts";
import { kpiAnswer, type KpiQuestion } from "./kpi-answers.ts";

const DAY = 24 * HOUR;
/** So many days that sums of days are asked for. */
const [FROM, TO] = [START - 400 * DAY, START + 3 * DAY];
const MACHINES = [FILLER, LABELLER, PRESS, SAW, OVEN];

/** The plant with a change of its structure within the period that changed nothing: scopes are summed machine by machine then. */
function byMachine(plant: Plant): Plant {
  const copies = new Map<Scope, Scope>();
  const copyOf = (scope: Scope): Scope => {
    const known = copies.get(scope);
    if (known !== undefined) return known;
    const { machines, members, rated } = scope;
    const [first, second] = [
      { from: -Infinity, to: START - 200 * DAY },
      { from: START - 200 * DAY, to: Infinity },
    ].map((span) => ({ ...span, machines, members, rated }));
    const epochs = first === undefined || second === undefined ? [] : [first, second];
    const parent = scope.parent === null ? null : copyOf(scope.parent);
    const copy = { ...scope, parent, past: { changes: [], epochs } };
    copies.set(scope, copy);
    return copy;
  };
  return { ...plant, scopes: new Map([...plant.scopes].map(([path, scope]) => [path, copyOf(scope)])) };
}

const APART_PLANT = byMachine(PLANT.plant);
const APART: PlantInForce = { plant: APART_PLANT, model: new PlantModel(APART_PLANT) };

type Asked = Pick<KpiQuestion, "by" | "every" | "from" | "to" | "untilNow">;

/** The answer, and how often the store was asked for sums of groups. */
async function answer(
  { plant, model }: PlantInForce,
  store: Store,
  asked: Asked,
  now: number,
): Promise<{ readonly to: number; readonly elements: readonly Element[]; readonly together: number }> {
  let together = 0;
  const counting: Pick<Store, "sums" | "groupSums" | "gaps"> = {
    sums: (query, into) => store.sums(query, into),
    groupSums: (query, into) => {
      together++;
      return store.groupSums(query, into);
    },
    gaps: (query) => store.gaps(query),
  };
  const record = liveRecord(OVEN, now, { product: "cola", lastEventAt: now });
  const sources = {
    ...{ ...sourcesOf(store), store: counting, limits: GATEWAY_LIMITS, clock: () => now },
    recordOf: ({ id }: { readonly id: string }) => (id === OVEN ? record : null),
  };
  const scope = plant.scopes.get("*");
  if (scope === undefined) throw new Error("a plant has a scope");
  const found = await kpiAnswer(sources, model, { ...asked, scope }, kpiElement);
  const elements: Element[] = [];
  for await (const some of found.elements) elements.push(...some);
  return { to: found.to, elements, together };
}

test("P-1, EQ-3 property: sums of scopes made in the store are those of their machines, with gaps, late rows and days of which some are summed", async () => {
  const { store, close } = await openTestStore({ daySums: { restS: 0, paced: false } });
  onTestFinished(close);
  const anyRow = fc.record({
    machine: fc.constantFrom(...MACHINES),
    day: fc.oneof(fc.integer({ min: -402, max: 2 }), fc.integer({ min: -3, max: 1 })),
    minute: fc.integer({ min: 0, max: 30 }),
    length: fc.integer({ min: 1, max: 20 }),
    product: fc.constantFrom(null, "cola"),
    runTime: fc.constantFrom(MINUTE, 30_000),
    goodCount: fc.integer({ min: 0, max: 900 }),
    scrapCount: fc.integer({ min: 0, max: 9 }),
    idealTimeUs: fc.integer({ min: 0, max: 90_000_000 }),
    taktUs: fc.constantFrom(null, 1_500_000, 1_600_000),
    costPerHour: fc.constantFrom(null, 60, 1800.5),
    decimals: fc.constantFrom(0, 0, 0, 2),
  });
  const anyAsked = fc.record({
    by: fc.constantFrom("line", "area", "site", "enterprise"),
    every: fc.constantFrom(null, "day", "week", "month", "quarter", "year"),
    untilNow: fc.boolean(),
    behind: fc.integer({ min: 0, max: 3 * DAY }),
  });
  let version = 0n;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { minLength: 1, maxLength: 30 }),
      fc.array(anyAsked, { minLength: 3, maxLength: 3 }),
      async (drawn, questions) => {
        const rows = drawn.flatMap(({ machine, day, minute, length, runTime, ...fields }) =>
          Array.from({ length }, (_, i): Row => {
            const from = START + day * DAY + (minute + i) * MINUTE;
            const times = { runTime, unplannedStopTime: MINUTE - runTime, failureTime: (MINUTE - runTime) / 2 };
            const head = { machine, from, shift: null, shiftDate: null };
            return { ...eachComponent(() => 0), ...times, ...fields, ...head };
          }),
        );
        const newest = new Map(rows.map((one) => [JSON.stringify([one.machine, one.from, one.product]), one]));
        await store.insertRows([...newest.values()], { version: ++version, plantVersion: PLANT.plant.version });
        await store.sumDays(
          {
            machines: MACHINES.slice(0, Number(version % 6n)),
            days: dayStartsIn(machineOf(PRESS).timezone, 0, { from: FROM, to: TO }),
          },
          3_000,
        );
        for (const { by, every, untilNow, behind } of questions) {
          const now = TO - behind;
          const asked = { by, every, untilNow, from: FROM, to: now };
          const together = await answer(PLANT, store, asked, now);
          const apart = await answer(APART, store, asked, now);
          expect(together.together).toBeGreaterThan(0);
          expect(apart.together).toBe(0);
          expect({ ...together, together: 0 }).toEqual(apart);
        }
      },
    ),
    { numRuns: 5 },
  );
});
