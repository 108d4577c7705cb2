import { kpiElement } from "@oee/answers";
import type { Element } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { liveRecord, MINUTE, openTestStore, OVEN, PLANT, START } from "../../test/gateway-fixture.ts";
import { minutes, OVEN_END, sourcesOf, storeOven } from "../../test/oven.ts";
import { GATEWAY_LIMITS } from "../options.ts";
import { gapsWithoutHoles, kpiAnswer, type KpiQuestion } from "./kpi-answers.ts";

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeOven(store);
});
afterAll(() => closeStore());

const scope = PLANT.plant.scopes.get("recife");
if (scope === undefined) throw new Error("the plant has the site recife");
const QUESTION: KpiQuestion = { ...minutes(0, 180), scope, by: "machine", every: "hour", untilNow: false };

interface Answered {
  readonly to: number;
  readonly elements: readonly Element[];
}

async function answer(more: Partial<KpiQuestion>, clock = OVEN_END, isFresh = false): Promise<Answered> {
  const record = liveRecord(OVEN, clock, { product: "cola", lastEventAt: OVEN_END });
  const sources = {
    ...{ ...sourcesOf(store), store, limits: GATEWAY_LIMITS, clock: () => clock },
    recordOf: () => (isFresh ? record : null),
  };
  const found = await kpiAnswer(sources, PLANT.model, { ...QUESTION, ...more }, kpiElement);
  const elements: Element[] = [];
  for await (const some of found.elements) elements.push(...some);
  return { to: found.to, elements };
}

/** Minutes after the start, and of running, unplanned stops and unknown time. */
function rowOf({ from, to, components }: Element): readonly number[] {
  const { runTime, unplannedStopTime, unknownTime } = components;
  return [from - START, to - START, runTime, unplannedStopTime, unknownTime].map((ms) => ms / MINUTE);
}

test("P-1: each hour of a machine has the sums of its rows; time before the first event is unknown", async () => {
  const { elements } = await answer(minutes(-60, 180));
  expect(elements.map(({ scope: path }) => path)).toEqual([OVEN, OVEN, OVEN, OVEN]);
  expect(elements.map(rowOf)).toEqual([
    [-60, 0, 0, 0, 60],
    [0, 60, 60, 0, 0],
    [60, 120, 30, 30, 0],
    [120, 180, 60, 0, 0],
  ]);
  // 30 of the second hour's 60 planned minutes.
  expect(elements[2]?.kpis.availability).toBe(0.5);
});

test("PE-4: a period that ends now ends at the instant of the answer, and goes on as the live record says", async () => {
  const now = OVEN_END + MINUTE / 2;
  const untilNow = { ...minutes(120, 180), every: null, untilNow: true } as const;
  const fresh = await answer(untilNow, now, true);
  expect([fresh.to, ...fresh.elements.map(rowOf)]).toEqual([now, [120, 180.5, 60.5, 0, 0]]);
  expect((await answer(untilNow, now)).elements.map(rowOf)).toEqual([[120, 180.5, 60, 0, 0.5]]);
});

test("a question for a level above its scope, or for more elements than one answer has, asks the store nothing", async () => {
  const code = (of: string): unknown => expect.objectContaining({ code: of });
  await expect(answer({ by: "enterprise" })).rejects.toEqual(code("OEE_HTTP_BY_ABOVE_SCOPE"));
  const long = { from: 0, to: OVEN_END, every: "hour" } as const;
  await expect(answer(long)).rejects.toEqual(code("OEE_HTTP_TOO_MANY_ELEMENTS"));
});

test("rows with a minute missing between them have holes, which only the store can name", async () => {
  const cuts = [START, START + 60 * MINUTE];
  expect(await gapsWithoutHoles(cuts, undefined, new GiveWay())).toEqual([minutes(0, 60)]);
  const sums = await store.sums({ machines: [OVEN], periods: [minutes(0, 60)], by: ["machine"], days: [] });
  expect(await gapsWithoutHoles(cuts, { sums, rows: [0] }, new GiveWay())).toEqual([]);
  await store.retractRows({ machine: OVEN, ...minutes(20, 21) }, { version: 2n, plantVersion: PLANT.plant.version });
  const holed = await store.sums({ machines: [OVEN], periods: [minutes(0, 60)], by: ["machine"], days: [] });
  expect(await gapsWithoutHoles(cuts, { sums: holed, rows: [0] }, new GiveWay())).toBeNull();
  expect((await answer({ ...minutes(0, 60), every: null })).elements.map(rowOf)).toEqual([[0, 60, 59, 0, 1]]);
});
