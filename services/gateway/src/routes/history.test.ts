/** Answers from stored rows, compared with a replay of the same events. */
import { MachineHistory } from "@oee/engine";
import { type By, type Element, type Every, formatInstant, TIME_COMPONENT_NAMES } from "@oee/model";
import type { Store } from "@oee/store";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  decoded,
  eventAt,
  FILLER,
  HOUR,
  LABELLER,
  liveRecord,
  machineOf,
  MINUTE,
  OVEN,
  openTestStore,
  PLANT,
  PRESS,
  replayOf,
  SAW,
  START,
  someEvents,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

const EVENTS = [
  ...someEvents(),
  eventAt(SAW, 100, { type: "state", state: "running" }),
  // This stop is open at the end.
  eventAt(SAW, 470, { type: "state", state: "down", reason: "mechanical/jam" }),
];
/** The instant up to which the worker has stored. */
const KNOWN = START + 8 * HOUR + 17_345;

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, KNOWN, 1n);
  gateway = await startGateway(store);
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});
beforeEach(() => {
  gateway.now = KNOWN;
});

async function get(
  path: string,
  query: Readonly<Record<string, string>>,
  accept = "application/json",
): Promise<Response> {
  const response = await fetch(`${gateway.url}/api/v1${path}?${new URLSearchParams(query).toString()}`, {
    headers: { accept },
  });
  expect(response.status).toBe(200);
  return response;
}

type JsonElement = Omit<Element, "from" | "to"> & { readonly from: string; readonly to: string };

async function kpis(query: Readonly<Record<string, string>>): Promise<JsonElement[]> {
  return (await (await get("/kpis", query)).json()) as JsonElement[];
}

function replayed(scope: string, by: By, every: Every | null, from: number, to: number): unknown {
  const found = PLANT.plant.scopes.get(scope);
  if (found === undefined) throw new Error(scope);
  const elements = replayOf(EVENTS).report({ scope: found, by, every, from, to }, Math.max(to, KNOWN)) ?? [];
  return JSON.parse(
    JSON.stringify(
      elements.map((element) => ({ ...element, from: formatInstant(element.from), to: formatInstant(element.to) })),
    ),
  );
}

const BY: readonly By[] = ["machine", "line", "area", "site", "enterprise", "product"];
const EVERY: readonly (Every | null)[] = [null, "hour", "shift", "day", "week", "month", "quarter"];

describe("GET /kpis", () => {
  test.each(BY.flatMap((by) => EVERY.map((every) => ({ by, every }))))(
    "P-1, PE-1: by $by every $every is what a replay says, to the last digit",
    async ({ by, every }) => {
      const from = START - 2 * HOUR;
      const to = START + 7 * HOUR + 13 * MINUTE;
      const query = { scope: "*", by, from: formatInstant(from), to: String(to), ...(every === null ? {} : { every }) };
      const answered = await kpis(query);
      expect(answered.length).toBeGreaterThan(0);
      expect(answered).toEqual(replayed("*", by, every, from, to));
    },
  );

  test("PE-1: minutes of one machine are those of a replay", async () => {
    const from = START + 2 * HOUR;
    const to = from + 90 * MINUTE;
    const answered = await kpis({ scope: FILLER, every: "minute", from: String(from), to: String(to) });
    expect(answered).toHaveLength(90);
    expect(answered).toEqual(replayed(FILLER, "machine", "minute", from, to));
  });

  test("PE-4: from and to are cut to whole minutes, and the answer names the period", async () => {
    const response = await get("/kpis", {
      scope: FILLER,
      from: String(START + 59_999),
      to: String(START + HOUR + 59_999),
    });
    expect(response.headers.get("oee-from")).toBe(formatInstant(START));
    expect(response.headers.get("oee-to")).toBe(formatInstant(START + HOUR));
    expect(response.headers.get("oee-reflects")).toBe(formatInstant(KNOWN));
    const [element] = (await response.json()) as JsonElement[];
    expect(element).toMatchObject({ from: formatInstant(START), to: formatInstant(START + HOUR) });
  });

  test("PE-4: an end that is now or later is the instant of the answer, as in a replay", async () => {
    for (const to of ["now", "now+2h", formatInstant(KNOWN)]) {
      const response = await get("/kpis", { scope: "*", by: "site", from: String(START), to });
      expect(response.headers.get("oee-to")).toBe(formatInstant(KNOWN));
      expect(response.headers.get("oee-reflects")).toBe(formatInstant(KNOWN));
      expect(await response.json()).toEqual(replayed("*", "site", null, START, KNOWN));
    }
  });

  test("CA-4: time without rows is unknown in scheduled time and not planned outside, and times add up", async () => {
    gateway.now = KNOWN + 3 * HOUR;
    const from = START - 3 * HOUR;
    for (const every of EVERY) {
      if (every === "shift") continue;
      const answered = await kpis({ by: "line", from: String(from), to: "now", ...(every === null ? {} : { every }) });
      for (const { scope, components, ...period } of answered) {
        const members = PLANT.plant.scopes.get(scope)?.members.length ?? 0;
        const elapsed = TIME_COMPONENT_NAMES.reduce((sum, name) => sum + components[name as "runTime"], 0);
        expect(elapsed).toBe((Date.parse(period.to) - Date.parse(period.from)) * members);
      }
    }
    const [saw] = await kpis({ scope: SAW, from: String(from), to: String(START + HOUR) });
    expect(saw?.components).toMatchObject({ notPlannedTime: 3 * HOUR, unknownTime: HOUR, runTime: 0 });
    const [late] = await kpis({ scope: FILLER, from: String(KNOWN - 17_345 + HOUR), to: "now" });
    expect(late?.components).toMatchObject({ unknownTime: 2 * HOUR + 17_345, runTime: 0 });
  });

  test("PE-4: the state of a machine with a fresh live record goes on to the instant of the answer", async () => {
    const [stored] = await kpis({ scope: OVEN, from: String(START + 8 * HOUR), to: "now" });
    expect(stored?.components).toMatchObject({ runTime: 17_345 });
    gateway.now = KNOWN + 4_000;
    gateway.live.publish(liveRecord(OVEN, KNOWN + 3_000, { since: KNOWN - HOUR, lastEventAt: KNOWN - MINUTE }));
    const [extended] = await kpis({ scope: OVEN, from: String(START + 8 * HOUR), to: "now" });
    expect(extended?.components).toMatchObject({ runTime: 21_345, unknownTime: 0 });
    // Where the record is overdue it does not.
    gateway.now = KNOWN + 100_000;
    const [silent] = await kpis({ scope: OVEN, from: String(START + 8 * HOUR), to: "now" });
    expect(silent?.components).toMatchObject({ runTime: 17_345, unknownTime: 100_000 });
  });

  test("CO-1: minutes whose rows are missing between others are unknown", async () => {
    const [running] = decoded([eventAt(SAW, 0, { type: "state", state: "running" })]);
    if (running === undefined) throw new Error("one event was made");
    const history = new MachineHistory(PLANT.model, machineOf(SAW));
    history.accept(running);
    const { rows } = history.evaluate({ from: START, to: START + HOUR, now: START + HOUR, cuts: "minutes" });
    const stamp = { version: 5n, plantVersion: PLANT.plant.version };
    const left = rows.filter(({ from }) => from < START + 10 * MINUTE || from >= START + 25 * MINUTE);
    await store.insertRows(left, stamp);
    const [element] = await kpis({ scope: SAW, from: String(START), to: String(START + HOUR) });
    expect(element?.components).toMatchObject({ runTime: 45 * MINUTE, unknownTime: 15 * MINUTE });
    await store.retractRows({ machine: SAW, from: START, to: START + HOUR }, { ...stamp, version: 6n });
  });

  test("an answer about a line's machines says that it is about machines, and how to ask for the line", async () => {
    const asked = async (query: Readonly<Record<string, string>>): Promise<unknown[]> => {
      const { headers } = await get("/kpis", { from: String(START), to: String(START + HOUR), ...query });
      return ["oee-scope", "oee-by", "oee-every", "oee-hint"].map((name) => headers.get(name));
    };
    const line = "berlin/packing/l1";
    const hint = `each element is one machine of ${line}; by=line is ${line} itself`;
    expect(await asked({ scope: line })).toEqual([line, "machine", null, hint]);
    expect(await asked({ scope: line, by: "line", every: "hour" })).toEqual([line, "line", "hour", null]);
    expect(await asked({ scope: FILLER })).toEqual([FILLER, "machine", null, null]);
  });

  test("CSV and Arrow hold the values of JSON", async () => {
    const query = { by: "product", every: "hour", from: String(START), to: String(START + 4 * HOUR) };
    const json = (await kpis(query)).map(({ components, kpis: values, ...rest }) => ({
      ...rest,
      ...components,
      ...values,
    }));
    const csv = (await (await get("/kpis", query, "text/csv")).text())
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const [names = [], ...lines] = csv;
    expect(names).toEqual(Object.keys(json[0] ?? {}));
    expect(lines).toEqual(json.map((record) => Object.values(record).map((value) => String(value ?? ""))));
    const arrow = await get("/kpis", query, "application/vnd.apache.arrow.stream");
    expect(arrow.headers.get("content-type")).toBe("application/vnd.apache.arrow.stream");
    const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
    const rows = table.toArray().map((row) => {
      const record = row.toJSON() as Record<string, unknown>;
      return { ...record, from: formatInstant(Number(record["from"])), to: formatInstant(Number(record["to"])) };
    });
    expect(rows).toEqual(json);
  });
});

describe("GET /losses", () => {
  test("KP-1: planned time less the losses is the ideal time of good items", async () => {
    const response = await get("/losses", { scope: "*", by: "line", from: String(START), to: "now" });
    const answered = (await response.json()) as { scope: string; losses: Record<string, number> | null }[];
    expect(answered.map(({ scope }) => scope)).toEqual(["berlin/packing/l1", "berlin/packing/l2", "recife/hall/l9"]);
    for (const { losses } of answered) {
      if (losses === null) throw new Error("each line is rated");
      const { planned = 0, idealGoodTime = 0, ...lost } = losses;
      expect(planned).toBeGreaterThan(0);
      expect(Object.values(lost).reduce((rest, loss) => rest - loss, planned)).toBeCloseTo(idealGoodTime, 3);
    }
  });

  test("EQ-2: an unrated machine has no losses, in JSON and in CSV", async () => {
    const query = { scope: LABELLER, from: String(START), to: "now" };
    expect(await (await get("/losses", query)).json()).toMatchObject([{ scope: LABELLER, losses: null }]);
    expect((await (await get("/losses", query, "text/csv")).text()).trimEnd()).toMatch(/,{12},EUR$/);
  });

  test("CS-1, CS-5: the cost of unplanned losses is a decimal text, the same in JSON and CSV", async () => {
    const query = { scope: "berlin", by: "machine", from: String(START), to: "now" };
    const rows = (await (await get("/losses", query)).json()) as readonly {
      readonly scope: string;
      readonly losses: Readonly<Record<string, number>> | null;
      readonly lossCosts: Readonly<Record<string, string>> | null;
      readonly currency: string;
    }[];
    const saw = rows.find(({ scope }) => scope === SAW);
    // The machine costs 60 an hour: a minute costs 1, a millisecond 1/60000.
    const price = (ms = 0): string => (Math.round(ms / 600) / 100).toFixed(2);
    expect(saw?.losses?.["breakdowns"]).toBeGreaterThan(0);
    expect(saw?.lossCosts).toEqual({
      breakdowns: price(saw?.losses?.["breakdowns"]),
      otherUnplannedStops: price(saw?.losses?.["otherUnplannedStops"]),
    });
    expect(rows.find(({ scope }) => scope === LABELLER)).toMatchObject({ lossCosts: null, currency: "EUR" });
    const [head = "", ...lines] = (await (await get("/losses", query, "text/csv")).text()).trimEnd().split("\n");
    expect(head.split(",").slice(-3)).toEqual(["breakdownsCost", "otherUnplannedStopsCost", "currency"]);
    expect(
      lines
        .find((line) => line.startsWith(SAW))
        ?.split(",")
        .slice(-3),
    ).toEqual([saw?.lossCosts?.["breakdowns"], saw?.lossCosts?.["otherUnplannedStops"], "EUR"]);
  });
});

describe("GET /stops", () => {
  test("ST-5: segments are those of a replay, page by page", async () => {
    const scope = PLANT.plant.scopes.get("*");
    if (scope === undefined) throw new Error("no enterprise");
    const expected = replayOf(EVENTS)
      .stops({ scope, from: START, to: KNOWN }, KNOWN)
      .map((stop) => ({ ...stop, from: formatInstant(stop.from), to: formatInstant(stop.to) }));
    const query = { from: String(START), to: "now" };
    expect(await (await get("/stops", query)).json()).toEqual(expected);

    const paged: unknown[] = [];
    let next: string | null = `/api/v1/stops?${new URLSearchParams({ ...query, limit: "7" }).toString()}`;
    let pages = 0;
    while (next !== null) {
      const response: Response = await fetch(gateway.url + next);
      paged.push(...((await response.json()) as unknown[]));
      pages++;
      next = /<(.*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
    }
    expect(pages).toBe(Math.ceil(expected.length / 7));
    expect(paged).toEqual(expected);
  });

  test("EQ-3: `machines=kpi` leaves the stops of machines that stand for the scope, page by page too", async () => {
    const query = { scope: "berlin/packing", from: String(START), to: "now" };
    const listed = async (more: Readonly<Record<string, string>>): Promise<readonly { readonly machine: string }[]> =>
      (await (await get("/stops", { ...query, ...more })).json()) as { readonly machine: string }[];
    const standing = new Set(PLANT.plant.scopes.get("berlin/packing")?.members.map(({ path }) => path));
    const all = await listed({});
    const own = await listed({ machines: "kpi" });
    expect(own).toEqual(all.filter(({ machine }) => standing.has(machine)));
    expect(own.length).toBeLessThan(all.length);
    const page = await get("/stops", { ...query, machines: "kpi", limit: "1" });
    expect(page.headers.get("link")).toContain("machines=kpi");
  });
});

test("CO-2, ST-5: a stop that goes on lasts to the instant of the answer, in stops and in their sums", async () => {
  const scope = PLANT.plant.scopes.get("*");
  if (scope === undefined) throw new Error("no enterprise");
  const later = KNOWN + 50_000;
  const going = replayOf(EVENTS)
    .stops({ scope, from: START, to: KNOWN }, KNOWN)
    .filter(({ open }) => open);
  expect(going.length).toBeGreaterThan(0);
  for (const { machine, from, state, reason, minor } of going) {
    gateway.live.publish(liveRecord(machine, KNOWN, { since: from, state, reason, minor, category: "unplannedStop" }));
  }
  gateway.now = later;
  const expected = replayOf(EVENTS).stops({ scope, from: START, to: later }, later);
  const longer = expected.filter(({ open, scheduledDuration, from }) => open && scheduledDuration > KNOWN - from);
  expect(longer.length).toBeGreaterThan(0);
  const answered = await (await get("/stops", { from: String(START), to: "now" })).json();
  expect(answered).toEqual(
    expected.map((stop) => ({ ...stop, from: formatInstant(stop.from), to: formatInstant(stop.to) })),
  );
  const to = later - (later % MINUTE);
  const bars = (await (await get("/pareto", { by: "machine", from: String(START), to: String(to) })).json()) as {
    key: string;
    time: number;
    minorTime: number;
  }[];
  for (const { machine } of going) {
    const time = expected
      .filter((stop) => stop.machine === machine)
      .reduce((sum, stop) => {
        const { clock } = PLANT.model.machine(machineOf(machine));
        return sum + clock.scheduledMs(stop.from, Math.min(to, stop.to));
      }, 0);
    const bar = bars.find(({ key }) => key === machine);
    expect((bar?.time ?? 0) + (bar?.minorTime ?? 0)).toBe(time);
  }
});

describe("GET /pareto", () => {
  const from = START + 70 * MINUTE;
  const to = START + 400 * MINUTE;

  test.each(["reason", "state", "machine"] as const)(
    "ST-6: by %s, stops that cross the ends count with what lies inside",
    async (by) => {
      const scope = PLANT.plant.scopes.get("berlin");
      if (scope === undefined) throw new Error("no site");
      const naive = new Map<string | null, { time: number; count: number; cost: number; minorTime: number }>();
      for (const stop of replayOf(EVENTS).stops({ scope, from, to }, KNOWN)) {
        const machine = machineOf(stop.machine);
        const time = PLANT.model.machine(machine).clock.scheduledMs(Math.max(from, stop.from), Math.min(to, stop.to));
        const bar = naive.get(stop[by]) ?? { time: 0, count: 0, cost: 0, minorTime: 0 };
        if (stop.minor) bar.minorTime += time;
        else {
          bar.time += time;
          bar.count += 1;
          bar.cost += (time * (machine.costPerHour ?? 0)) / HOUR;
        }
        naive.set(stop[by], bar);
      }
      const response = await get("/pareto", { scope: "berlin", by, from: String(from), to: String(to) });
      const bars = (await response.json()) as { key: string | null; time: number; cost: string | null }[];
      expect(bars.map(({ time }) => time)).toEqual(bars.map(({ time }) => time).toSorted((a, b) => b - a));
      expect(bars).toHaveLength(naive.size);
      for (const bar of bars) {
        const { cost = 0, ...rest } = naive.get(bar.key) ?? {};
        expect(bar).toMatchObject(rest);
        // Costs are rounded to the cent (CS-5).
        expect(Math.abs(Number(bar.cost ?? 0) - cost)).toBeLessThanOrEqual(0.005 + 1e-9);
        if (bar.cost !== null) expect(bar.cost).toMatch(/^\d+\.\d\d$/);
      }
      if (by === "reason")
        expect(bars).toContainEqual(expect.objectContaining({ key: "mechanical/jam", name: "Conveyor jam" }));
    },
  );
});

test("P-1: the press has counts, so that these tests compare more than zeros", async () => {
  const [element] = await kpis({ scope: PRESS, from: String(START), to: "now" });
  expect(element?.components.goodCount).toBeGreaterThan(100);
});

describe("the cost of a question is computed before anything is read", () => {
  test.each([
    ["/kpis", "minute", "*"],
    ["/kpis", "hour", "*"],
    ["/losses", "minute", FILLER],
    ["/kpis", "shift", "*"],
  ])("PE-2: %s by %s of 26 years is refused by arithmetic alone", async (path, every, scope) => {
    const asked = { ...store, sums: () => Promise.reject(new Error("the store was asked")) };
    const counting = await startGateway(asked);
    const query = new URLSearchParams({ scope, every, from: "2000-01-01T00:00:00Z" }).toString();
    const response = await fetch(`${counting.url}/api/v1${path}?${query}`);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "OEE_HTTP_TOO_MANY_ELEMENTS" }]);
    await counting.close();
  });

  test("few elements that are summed from many cells are refused too", async () => {
    const small = await startGateway(store, { limits: { cellsMax: 75 } });
    const ask = (scope: string) =>
      fetch(
        `${small.url}/api/v1/kpis?by=${scope === "*" ? "enterprise" : "site"}&scope=${scope}&every=hour&from=now-23h`,
      );
    expect((await ask("berlin")).status).toBe(200);
    const refused = await ask("*");
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: "OEE_HTTP_TOO_MANY_ELEMENTS" }]);
    await small.close();
  });

  test.each([null, "month", "shift"] as const)(
    "CA-4: years of which nothing is stored, every %s, are what a replay says",
    async (every) => {
      const from = Date.UTC(2024, 0, 15, 3, 7);
      for (const scope of [SAW, "berlin"]) {
        const query = {
          scope,
          from: formatInstant(from),
          to: formatInstant(KNOWN),
          ...(every === null ? {} : { every }),
        };
        expect(await kpis(query)).toEqual(replayed(scope, "machine", every, from, KNOWN));
      }
    },
  );

  test("CO-1: holes of several machines over many periods are found at once", async () => {
    const from = START + 10 * 24 * HOUR;
    const machines = [SAW, OVEN];
    const stamp = { version: 7n, plantVersion: PLANT.plant.version };
    for (const id of machines) {
      const [running] = decoded([{ machine: id, at: from, type: "state", state: "running" }]);
      if (running === undefined) throw new Error("one event was made");
      const history = new MachineHistory(PLANT.model, machineOf(id));
      history.accept(running);
      const { rows } = history.evaluate({ from, to: from + 4 * HOUR, now: from + 4 * HOUR, cuts: "minutes" });
      // The rows of minutes 10 to 24 of each hour are missing, all of the third hour, and the first and last minutes.
      const left = rows.filter((row) => {
        const minute = (row.from - from) / MINUTE;
        return !(minute % 60 >= 10 && minute % 60 < 25) && Math.floor(minute / 60) !== 2 && minute > 0 && minute < 239;
      });
      await store.insertRows(left, stamp);
    }
    gateway.now = from + 4 * HOUR + 5_000;
    const answered = await kpis({ every: "hour", from: String(from), to: "now" });
    for (const id of machines) {
      const hours = answered.filter(({ scope }) => scope === id);
      expect(hours.map(({ components }) => components.runTime / MINUTE)).toEqual([44, 45, 0, 44, 0]);
      for (const { components, ...period } of hours) {
        const elapsed = TIME_COMPONENT_NAMES.reduce((sum, name) => sum + components[name as "runTime"], 0);
        expect(elapsed).toBe(Date.parse(period.to) - Date.parse(period.from));
      }
    }
    for (const machine of machines)
      await store.retractRows({ machine, from, to: from + 4 * HOUR }, { ...stamp, version: 8n });
  });

  test("CA-4: 26 years of every machine add up", async () => {
    const query = { from: "2000-01-01T00:00:00Z", to: "now" };
    const answered = await kpis(query);
    expect(answered).toHaveLength(5);
    for (const { components } of answered) {
      const elapsed = TIME_COMPONENT_NAMES.reduce((sum, name) => sum + components[name as "runTime"], 0);
      expect(elapsed).toBe(KNOWN - Date.UTC(2000, 0, 1));
    }
  });
});
