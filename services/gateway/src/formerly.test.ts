/** DI-3: a machine that was moved keeps its history: every route answers it under its new path and accepts its former one. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FILLER,
  gatewayOfSomeEvents,
  HOUR,
  MINUTE,
  PLANT_TEXT,
  PRESS,
  plantOf,
  START,
  type TestGateway,
} from "../test/gateway-fixture.ts";

const NEW = "berlin/packing/l1/press-2";
/** The press was moved to line 1 and has another name there. */
const MOVED = PLANT_TEXT.replace(/ {14}press: .*\n/, "").replace(
  "              labeller:",
  `              press-2: { idealCycleSeconds: 0.3333, taktSeconds: 0.5, costPerHour: 60, formerly: ${PRESS} }\n              labeller:`,
);
const PERIOD = { from: String(START), to: String(START + 8 * HOUR) };

let gateway: TestGateway;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ gateway, close } = await gatewayOfSomeEvents());
});
afterAll(() => close());

async function get<T>(path: string, query: Readonly<Record<string, string>>, period: object = PERIOD): Promise<T> {
  const answer = await fetch(`${gateway.url}/api/v1${path}?${new URLSearchParams({ ...period, ...query }).toString()}`);
  const body = (await answer.json()) as T;
  expect(answer.status, JSON.stringify(body)).toBe(200);
  return body;
}

test("DI-3: KPIs, stops, Pareto and the review of a machine go on under its new path", async () => {
  const asked = { by: "machine" };
  const [before] = await get<object[]>("/kpis", { ...asked, scope: PRESS });
  const stopsBefore = await get<{ machine: string }[]>("/stops", { scope: PRESS });
  const barsBefore = await get<object[]>("/pareto", { scope: PRESS, by: "reason" });
  expect(stopsBefore.length).toBeGreaterThan(10);
  gateway.plant = plantOf(MOVED);
  for (const scope of [NEW, PRESS]) {
    expect(await get("/kpis", { ...asked, scope })).toEqual([{ ...before, scope: NEW }]);
    expect(await get("/stops", { scope })).toEqual(stopsBefore.map((stop) => ({ ...stop, machine: NEW })));
    expect(await get("/pareto", { scope, by: "reason" })).toEqual(barsBefore);
  }
  const { declared } = await get<{ declared: { machine: string }[] }>("/assets", {}, {});
  const named = declared.map(({ machine }) => machine);
  expect([named.includes(NEW), named.includes(PRESS)]).toEqual([true, false]);
  const [bar] = await get<{ key: string }[]>("/pareto", { scope: NEW, by: "machine" });
  expect(bar).toMatchObject({ key: NEW });
});

test("DI-3: events and corrections may name either path, and are kept under the path that the machine had first", async () => {
  gateway.plant = plantOf(MOVED);
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${gateway.url}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(202);
    return (await answer.json()) as Record<string, unknown>;
  };
  const at = new Date(START + 8 * HOUR - MINUTE).toISOString();
  for (const machine of [NEW, PRESS]) {
    const taken = await post("/events", { type: "state", machine, at, state: "running" });
    expect(taken).toMatchObject({ accepted: 1, refused: 0 });
    const correction = { machine, from: START, to: START + MINUTE, reason: "mechanical/jam" };
    expect(await post("/corrections", correction)).toMatchObject({ machine: NEW });
  }
  expect([...(await gateway.log.readKeyed(gateway.topics.events.name)).keys()]).toEqual([PRESS]);
  expect(await get("/kpis", { scope: FILLER })).toHaveLength(1);
});
