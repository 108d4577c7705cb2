/** The live channel, over real websockets. */
import { Sums, kpisOf } from "@oee/answers";
import { COMPONENT_NAMES, FIRST_LAYOUT, layoutOf, PLACE, ROW_LAYOUT } from "@oee/model";
import type { LiveElement, LiveMessage, PlantDescription, SubscribeRequest, TimelineSegment } from "@oee/protocol";
import type { Store } from "@oee/store";
import fc from "fast-check";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  FILLER,
  HOUR,
  LABELLER,
  liveRecord,
  liveWindow,
  MINUTE,
  openTestStore,
  OVEN,
  PLANT_TEXT,
  plantOf,
  PRESS,
  SAW,
  START,
  startGateway,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { followLiveTopic } from "../index.ts";
import { MachinePictures } from "./machine-picture.ts";

/** 12:00 in Berlin, in the early shift. */
const NOW = START + 6 * HOUR;

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
const clients: Client[] = [];

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  gateway = await startGateway(store);
  gateway.now = NOW;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.disconnect();
  await gateway.close();
});

/** A display that keeps all messages that it receives. */
class Client {
  readonly socket: Socket;
  readonly messages: (LiveMessage & { readonly kind: "snapshot" | "update"; readonly at: number })[] = [];
  readonly refused: { readonly detail: string }[] = [];
  heartbeats = 0;

  constructor(url: string) {
    this.socket = liveSocket(url, { reconnection: false });
    for (const kind of ["snapshot", "update"] as const) {
      this.socket.on(kind, (message: LiveMessage) => this.messages.push({ ...message, kind, at: performance.now() }));
    }
    this.socket.on("refused", (refusal: { detail: string }) => this.refused.push(refusal));
    this.socket.on("heartbeat", () => this.heartbeats++);
    clients.push(this);
  }

  async subscribe(request: Partial<SubscribeRequest>): Promise<void> {
    const answers = this.messages.length + this.refused.length;
    this.socket.emit("subscribe", request);
    await expect.poll(() => this.messages.length + this.refused.length, POLL).toBeGreaterThan(answers);
  }

  get newest(): LiveMessage | undefined {
    return this.messages.at(-1);
  }

  element(scope: string): LiveElement | undefined {
    return this.newest?.elements.find((element) => element.scope === scope);
  }

  /** The client's socket, whose reading can be paused and resumed. */
  get connection(): { pause(): void; resume(): void } {
    const { transport } = this.socket.io.engine as unknown as {
      readonly transport: { readonly ws: { readonly _socket: { pause(): void; resume(): void } } };
    };
    return transport.ws._socket;
  }
}

const POLL = { interval: 5 };

const quarter = { runTime: 10 * MINUTE, unplannedStopTime: 5 * MINUTE, goodCount: 400, scrapCount: 4 };
const ideal = { idealTimeUs: 404 * 1_200_000, idealGoodTimeUs: 400 * 1_200_000 };
const window15 = (components: object): ReturnType<typeof liveWindow> =>
  liveWindow("15m", NOW - 15 * MINUTE, NOW, { ...quarter, ...ideal, ...components });

test("CN-5: the plant and live elements name the unit of each scope, and no unit where its machines have several", async () => {
  const scopes = [OVEN, "recife", FILLER, "berlin", "*"];
  const plant = (await (await fetch(`${gateway.url}/api/v1/plant`)).json()) as PlantDescription;
  const described = scopes.map((path) => plant.scopes.find((scope) => scope.path === path));
  const live = (await (await fetch(`${gateway.url}/api/v1/live?scope=${scopes.join(",")}`)).json()) as LiveMessage;
  for (const told of [described, live.elements]) {
    expect(told.map((scope) => scope?.unit)).toEqual(["kg", "kg", "pcs", "pcs", null]);
    expect(told.map((scope) => scope?.decimals)).toEqual([0, 0, 0, 0, 0]);
  }
  const client = new Client(gateway.url);
  await client.subscribe({ scopes: ["recife"], windows: ["15m"], machinesOf: ["recife"] });
  expect(client.newest?.elements.map(({ unit }) => unit)).toEqual(["kg", "kg"]);
});

describe("snapshot and updates", () => {
  test("a snapshot holds every scope, an update only what changed, in sequence", async () => {
    gateway.live.publish(liveRecord(FILLER, NOW, { windows: [window15({})] }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER, PRESS, "berlin/packing/l1", "recife"], windows: ["15m"] });
    expect(client.newest).toMatchObject({ sequence: 0, emittedAt: NOW, reflects: NOW - 1_000 });
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual([FILLER, PRESS, "berlin/packing/l1", "recife"]);
    gateway.live.publish(
      liveRecord(FILLER, NOW + 500, { state: "down", category: "unplannedStop", lastEventAt: NOW + 400 }),
    );
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    expect(client.newest).toMatchObject({ sequence: 1, kind: "update", reflects: NOW + 400 });
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual([FILLER, "berlin/packing/l1"]);
    expect(client.element(FILLER)?.machine).toMatchObject({ state: "down", category: "unplannedStop" });
    // A record of a machine that does not stand for a watched scope sends nothing.
    gateway.live.publish(liveRecord(LABELLER, NOW + 500), liveRecord(OVEN, NOW + 500));
    await expect.poll(() => client.messages.length, POLL).toBe(3);
    expect(client.newest).toMatchObject({ sequence: 2 });
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual(["recife"]);
  });

  test("W-7: the machines of a scope are sent as briefs, and again only when a brief changes", async () => {
    const running = { windows: [window15({})], lastEventAt: NOW - 40_000, since: NOW - HOUR };
    gateway.live.publish(liveRecord(FILLER, NOW, running), liveRecord(PRESS, NOW, running));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: ["berlin"], windows: ["15m"], machinesOf: ["berlin"] });
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual(["berlin", FILLER, LABELLER, PRESS, SAW]);
    expect(client.element(FILLER)).toMatchObject({
      kind: "machine",
      windows: {},
      shift: null,
      machine: { state: "running", timeline: [], lastEventAt: NOW },
    });
    // More pieces change the site's sums and not the machine's brief.
    gateway.live.publish(
      liveRecord(FILLER, NOW + 500, {
        ...running,
        windows: [window15({ goodCount: 401 })],
        lastEventAt: NOW - 20_000,
      }),
    );
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual(["berlin"]);
    gateway.live.publish(liveRecord(FILLER, NOW + 900, { ...running, state: "down", category: "unplannedStop" }));
    await expect.poll(() => client.messages.length, POLL).toBe(3);
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual(["berlin", FILLER]);
    expect(client.element(FILLER)?.machine).toMatchObject({ state: "down" });
  });

  test("W-7: a client that joins between two updates, with a change that the others lack, also gets the update that reverts it", async () => {
    const running = { windows: [window15({})], lastEventAt: NOW, since: NOW - HOUR };
    const down = { ...running, state: "down", category: "unplannedStop" } as const;
    gateway.live.publish(liveRecord(FILLER, NOW, running));
    const request = { scopes: ["recife"], windows: [], machinesOf: ["berlin"] };
    const first = new Client(gateway.url);
    await first.subscribe(request);
    gateway.live.publish(liveRecord(FILLER, NOW + 100, down));
    await expect.poll(() => first.messages.length, POLL).toBe(2);
    gateway.live.publish(liveRecord(FILLER, NOW + 200, running));
    const second = new Client(gateway.url);
    await second.subscribe(request);
    gateway.live.publish(liveRecord(FILLER, NOW + 300, down));
    await expect
      .poll(() => second.newest?.elements.find(({ scope }) => scope === FILLER)?.machine?.state, POLL)
      .toBe("down");
    await expect
      .poll(() => first.newest?.elements.find(({ scope }) => scope === FILLER)?.machine?.state, POLL)
      .toBe("down");
  });

  test.each([
    [{ machinesOf: "berlin" }, "expected machinesOf: at most 1000 scope paths"],
    [{ machinesOf: ["nowhere"] }, 'the plant has no scope "nowhere"'],
  ])("machines of %j are refused", async (more, detail) => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: ["berlin"], windows: [], ...more } as unknown as SubscribeRequest);
    expect(client.refused).toMatchObject([{ code: "OEE_LIVE_REFUSED", detail }]);
  });

  test("an element has what a display needs", async () => {
    const segments: TimelineSegment[] = [
      {
        from: START - HOUR,
        to: NOW - 30 * MINUTE,
        state: "running",
        category: "production",
        minor: false,
        reason: null,
      },
      {
        from: NOW - 30 * MINUTE,
        to: NOW - MINUTE,
        state: "down",
        category: "unplannedStop",
        minor: false,
        reason: "mechanical/jam",
      },
    ];
    const record = liveRecord(FILLER, NOW, {
      ...{
        state: "down",
        category: "unplannedStop",
        failure: true,
        minor: false,
        reason: "mechanical/jam",
        since: NOW - 30 * MINUTE,
      },
      ...{ product: "cola", order: "4711", idealCycleUs: 1_100_000, taktUs: 1_600_000, lastEventAt: NOW - 5_000 },
      windows: [window15({})],
    });
    gateway.live.publish(record, { kind: "timeline", machine: FILLER, segments });
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: ["15m", "shift"] });
    expect(client.element(FILLER)).toMatchObject({
      scope: FILLER,
      kind: "machine",
      name: "Filler",
      timezone: "Europe/Berlin",
      targets: { oee: 0.75 },
      machine: {
        ...{ state: "down", category: "unplannedStop", failure: true, minor: false, since: NOW - 30 * MINUTE },
        ...{ reason: "mechanical/jam", reasonName: "Conveyor jam", lastEventAt: NOW - 5_000 },
        ...{ product: "cola", productName: "Cola 0.6 l", order: "4711", idealCycleSeconds: 1.1, taktSeconds: 1.6 },
        scheduled: true,
        rate: 404 * 6,
        timeline: [
          { from: START, to: NOW - 30 * MINUTE },
          { from: NOW - 30 * MINUTE, to: NOW },
        ],
      },
      shift: { name: "early", date: "2026-03-02", from: START, to: START + 8 * HOUR, nextBreak: null },
    });
    gateway.now = START + 2 * HOUR;
    await client.subscribe({ scopes: [FILLER], windows: [] });
    const nextBreak = { from: START + 4 * HOUR, to: START + 4.5 * HOUR };
    expect(client.element(FILLER)).toMatchObject({ windows: {}, shift: { name: "early", nextBreak } });
  });

  test("EQ-3, P-1: a line's window is the sum of its machines', and its KPIs those of the sum", async () => {
    const takt = { plannedByTakt: [[500_000, 15 * MINUTE]] as const };
    const press = { ...window15({ unplannedStopTime: 0, runTime: 15 * MINUTE }), ...takt };
    const saw = window15({ goodCount: 7, idealTimeUs: 14_000_000, idealGoodTimeUs: 14_000_000 });
    gateway.live.publish(liveRecord(PRESS, NOW, { windows: [press] }), liveRecord(SAW, NOW, { windows: [saw] }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: ["berlin/packing/l2"], windows: ["15m"] });
    const found = client.element("berlin/packing/l2")?.windows["15m"];
    expect(found).toMatchObject({
      from: NOW - 15 * MINUTE,
      to: NOW,
      components: { runTime: 25 * MINUTE, unplannedStopTime: 5 * MINUTE, goodCount: 407, scrapCount: 8 },
    });
    const values = Float64Array.from(COMPONENT_NAMES, () => 0);
    values[PLACE.runTime] = 25 * MINUTE;
    values[PLACE.unplannedStopTime] = 5 * MINUTE;
    values[PLACE.goodCount] = 407;
    values[PLACE.scrapCount] = 8;
    values[PLACE.idealTimeUs] = ideal.idealTimeUs + 14_000_000;
    values[PLACE.idealGoodTimeUs] = ideal.idealGoodTimeUs + 14_000_000;
    const sums = new Sums().add({ taktUs: null, costPerHour: null, decimals: 0 }, values, 0);
    sums.plannedByTakt.add(500_000, 15 * MINUTE);
    sums.unplannedByCost.add(60, 5 * MINUTE);
    expect(found?.kpis).toEqual(kpisOf(sums, true));
    expect(found?.kpis).toMatchObject({ targetCount: 1_800, downtimeCost: 5 });
  });

  test("DI-1: figures of a worker whose release has other components are not shown, nor is a scope's without them", async () => {
    const press = window15({ runTime: 15 * MINUTE });
    const names = [...COMPONENT_NAMES.slice(1), "runTime"];
    gateway.live.publish(
      liveRecord(PRESS, NOW, { windows: [press], layout: layoutOf(names) }),
      liveRecord(SAW, NOW, { windows: [window15({})] }),
    );
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [PRESS, SAW, "berlin/packing/l2"], windows: ["15m"] });
    expect(client.element(PRESS)).toMatchObject({ machine: { state: "running", rate: null }, windows: {} });
    expect(client.element("berlin/packing/l2")).toMatchObject({ windows: {} });
    expect(client.element(SAW)?.windows["15m"]).toBeDefined();
    expect(await gateway.metrics.metrics()).toContain("oee_gateway_machines_unreadable 1");
    // Release 0.1.0 names no layout; its layout is known, and its figures are shown while ours is the same.
    const { layout: _, ...first } = liveRecord(PRESS, NOW + 1, { windows: [press] });
    gateway.live.publish(first);
    const shown = ROW_LAYOUT === FIRST_LAYOUT ? 15 * MINUTE : undefined;
    await expect.poll(() => client.element(PRESS)?.windows["15m"]?.components.runTime, POLL).toBe(shown);
    const ofFirst =
      "runTime minorStopTime unplannedStopTime setupTime plannedStopTime notPlannedTime unknownTime failureTime " +
      "goodCount scrapCount reworkCount idealTimeUs idealGoodTimeUs startupLossTimeUs " +
      "failureCount repairCount repairTime stopCount minorStopCount";
    expect(layoutOf(ofFirst.split(" "))).toBe(FIRST_LAYOUT);
  });

  test("the worker gets the machines that screens show, whenever screens come or go", async () => {
    const line = new Client(gateway.url);
    await line.subscribe({ scopes: ["berlin/packing/l1"], windows: [] });
    // The filler stands for its line (EQ-3).
    await expect.poll(() => [...gateway.live.shown], POLL).toEqual([FILLER]);
    const other = new Client(gateway.url);
    await other.subscribe({ scopes: [OVEN], windows: [] });
    await expect.poll(() => [...gateway.live.shown], POLL).toEqual([FILLER, OVEN]);
    line.socket.disconnect();
    await expect.poll(() => [...gateway.live.shown], POLL).toEqual([OVEN]);
    const brief = new Client(gateway.url);
    await brief.subscribe({ scopes: [OVEN], windows: [], machinesOf: ["berlin/packing/l2"] });
    await expect.poll(() => [...gateway.live.shown].toSorted(), POLL).toEqual([PRESS, SAW, OVEN]);
    brief.socket.disconnect();
    await expect.poll(() => [...gateway.live.shown], POLL).toEqual([OVEN]);
  });

  test("W-3: where a worker announces the next record later, a machine is unknown once that record is overdue", async () => {
    gateway.live.publish(liveRecord(FILLER, NOW, { nextWithinMs: 80_000 }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: ["1h"] });
    gateway.now = NOW + 119_000;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(client.messages).toHaveLength(1);
    gateway.now = NOW + 120_100;
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    expect(client.element(FILLER)?.machine).toMatchObject({ state: "unknown" });
  });

  test("W-3: a machine without a live record, or with an overdue one, is unknown", async () => {
    gateway.live.publish(liveRecord(FILLER, NOW, { windows: [window15({})] }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER, PRESS, OVEN], windows: ["1h", "shift"] });
    expect(client.element(PRESS)).toMatchObject({
      machine: { state: "unknown", category: "unknown", since: null, lastEventAt: null, rate: null, scheduled: true },
      windows: { "1h": { components: { unknownTime: HOUR } }, shift: { components: { unknownTime: 5.5 * HOUR } } },
    });
    // A machine without a calendar has no shift.
    expect(client.element(OVEN)).toMatchObject({
      shift: null,
      windows: { "1h": { components: { unknownTime: HOUR } } },
    });
    gateway.now = NOW + 60_100;
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    expect(client.newest?.elements.map(({ scope }) => scope)).toEqual([FILLER]);
    expect(client.element(FILLER)?.machine).toMatchObject({
      state: "unknown",
      category: "unknown",
      since: NOW,
      lastEventAt: NOW - 1_000,
    });
    gateway.live.publish(liveRecord(FILLER, gateway.now));
    await expect.poll(() => client.element(FILLER)?.machine?.state, POLL).toBe("running");
  });

  test("a record of a worker that lost the machine does not undo a newer one", async () => {
    gateway.live.publish(liveRecord(FILLER, NOW, { order: "new" }), liveRecord(FILLER, NOW - 5_000, { order: "old" }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: [] });
    expect(client.element(FILLER)?.machine?.order).toBe("new");
  });

  test("GET /live is the same picture", async () => {
    gateway.live.publish(liveRecord(FILLER, NOW, { windows: [window15({})] }));
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER, "berlin"], windows: ["15m", "1h", "8h", "shift"] });
    const got = (await (await fetch(`${gateway.url}/api/v1/live?scope=${FILLER},berlin`)).json()) as LiveMessage;
    const { sequence: _, ...snapshot } = client.newest ?? { sequence: 0 };
    expect(snapshot).toMatchObject(got);
  });

  test("whatever records come, screens were told of each scope what GET /live answers, over websockets and by polling", async () => {
    const machines = [FILLER, LABELLER, PRESS, SAW, OVEN];
    const scopes = [...machines, "berlin/packing/l1", "berlin", "*"];
    const windows = ["15m", "1h", "8h", "shift"];
    const screens = (["websocket", "polling"] as const).map((transport) => {
      const told = new Map<string, LiveElement>();
      const socket = liveSocket(gateway.url, { reconnection: false, transports: [transport] });
      for (const kind of ["snapshot", "update"]) {
        socket.on(kind, ({ elements }: LiveMessage) => elements.forEach((element) => told.set(element.scope, element)));
      }
      socket.emit("subscribe", { scopes, windows });
      return { socket, told };
    });
    // Lengths of frames are written in one, three and nine bytes.
    const text = fc.oneof(
      fc.constantFrom("", "cola", "ä🍾", "half \ud83c", '"\\\n\u2028', "x".repeat(66_000)),
      fc.string({ maxLength: 200 }),
    );
    const number = fc.oneof(
      fc.nat({ max: 100 }),
      fc.maxSafeInteger().map((value) => Math.trunc(value / 1e6)),
    );
    const windowOf = fc.record({
      name: fc.constantFrom(...windows),
      from: fc.integer({ min: NOW - 8 * HOUR, max: NOW - HOUR }),
      to: fc.integer({ min: NOW - HOUR, max: NOW }),
      components: fc.array(number, { minLength: COMPONENT_NAMES.length, maxLength: COMPONENT_NAMES.length }),
      plannedByTakt: fc.array(fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat({ max: 9 * HOUR })), { maxLength: 3 }),
    });
    const segment = fc.record({ from: fc.nat(9_999), to: fc.nat(9_999), state: text, reason: fc.option(text) });
    const recordOf = fc.record({
      machine: fc.constantFrom(...machines),
      ...{ state: fc.constantFrom("running", "down"), category: fc.constantFrom("production", "unplannedStop") },
      ...{ reason: fc.option(text), order: fc.option(text), product: fc.option(text), minor: fc.option(fc.boolean()) },
      ...{ lastEventAt: fc.integer({ min: START, max: NOW }), idealCycleUs: fc.option(fc.integer({ min: 1 })) },
      windows: fc.uniqueArray(windowOf, { selector: ({ name }) => name }),
      segments: fc.option(fc.array(segment, { maxLength: 4 })),
    });
    const asked = async (): Promise<Record<string, LiveElement>> => {
      const answer = await fetch(`${gateway.url}/api/v1/live?scope=${scopes.join(",")}`);
      const { elements } = (await answer.json()) as LiveMessage;
      return Object.fromEntries(elements.map((element) => [element.scope, element]));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(recordOf, { minLength: 1, maxLength: 6 }), async (records) => {
        for (const { machine, segments, ...rest } of records) {
          gateway.live.publish(liveRecord(machine, NOW, rest));
          if (segments === null) continue;
          const some = segments.map(({ from, to, ...says }) => ({
            ...{ from: NOW - from - to, to: NOW - from, category: "production", minor: false, ...says },
          }));
          gateway.live.publish({ kind: "timeline", machine, segments: some as TimelineSegment[] });
        }
        const now = await asked();
        for (const { told } of screens) await expect.poll(() => Object.fromEntries(told), POLL).toEqual(now);
      }),
      { numRuns: 12 },
    );
    for (const { socket } of screens) socket.disconnect();
  });

  test("an invalid subscription is refused with what was expected, and leaves the former one as it was", async () => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: ["15m"] });
    for (const [request, expected] of [
      [{ scopes: [], windows: [] }, /1 to 1000 scope paths/],
      [{ scopes: ["berlin/attic"], windows: [] }, /no scope "berlin\/attic"/],
      [{ scopes: ["*"], windows: ["3h"] }, /15m, 1h, 8h, shift/],
      [null, /scope paths/],
    ] as const) {
      await client.subscribe(request as SubscribeRequest);
      expect(client.refused.at(-1)?.detail).toMatch(expected);
    }
    gateway.live.publish(liveRecord(FILLER, NOW));
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    const answer: unknown = await client.socket.emitWithAck("subscribe", { scopes: ["*"], windows: [] });
    expect(answer).toEqual({ subscribed: { scopes: ["*"], windows: [], machinesOf: [] } });
  });

  test("heartbeats come while nothing changes", async () => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: ["*"], windows: [] });
    await expect.poll(() => client.heartbeats, POLL).toBeGreaterThanOrEqual(2);
    expect(client.messages).toHaveLength(1);
  });

  test("after a reconnect the client gets a fresh snapshot", async () => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: [] });
    client.socket.disconnect();
    gateway.live.publish(liveRecord(FILLER, NOW, { order: "meanwhile" }));
    client.socket.connect();
    await client.subscribe({ scopes: [FILLER], windows: [] });
    expect(client.messages.map(({ kind }) => kind)).toEqual(["snapshot", "snapshot"]);
    expect(client.element(FILLER)?.machine?.order).toBe("meanwhile");
  });

  test("DI-3: a changed plant file changes the version and brings a snapshot", async () => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER, OVEN], windows: [] });
    const version = client.newest?.version;
    gateway.plant = plantOf(PLANT_TEXT.replace("name: Filler", "name: Füller").replaceAll("oven", "kiln"));
    await expect.poll(() => client.messages.length, POLL).toBe(2);
    expect(client.newest?.version).not.toBe(version);
    expect(client.newest?.elements.map(({ scope, name }) => [scope, name])).toEqual([[FILLER, "Füller"]]);
  });
});

describe("load", () => {
  test("a client gets at most four updates a second, and the newest values are always among them", async () => {
    const client = new Client(gateway.url);
    await client.subscribe({ scopes: [FILLER], windows: [] });
    const began = performance.now();
    let published = 0;
    while (performance.now() - began < 1_500 || published <= 100) {
      gateway.live.publish(liveRecord(FILLER, NOW + ++published, { order: String(published) }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => client.element(FILLER)?.machine?.order, POLL).toBe(String(published));
    const updates = client.messages.filter(({ kind }) => kind === "update");
    // Updates are at least a quarter of a second apart; on a busy machine they are further apart.
    expect(updates.length).toBeLessThanOrEqual(4 * Math.ceil((performance.now() - began) / 1000));
    expect(updates.length).toBeGreaterThanOrEqual(1);
    expect(updates.map(({ sequence }) => sequence)).toEqual(updates.map((_, i) => i + 1));
  });

  test("a slow client gets no updates, delays no others, and gets a snapshot once it reads again", async () => {
    await gateway.close();
    gateway = await startGateway(store, { limits: { updateEveryMs: 10 } });
    gateway.now = NOW;
    const segments = Array.from({ length: 2_000 }, (_, i): TimelineSegment => {
      const from = START + i * 1_000;
      return { from, to: from + 1_000, state: "running", category: "production", minor: false, reason: `r/${i}` };
    });
    gateway.live.publish({ kind: "timeline", machine: FILLER, segments });
    const [slow, quick] = [new Client(gateway.url), new Client(gateway.url)];
    const request = { scopes: [FILLER], windows: [] };
    await slow.subscribe(request);
    await quick.subscribe(request);
    const skipped = async (): Promise<number> =>
      Number(/^oee_gateway_live_skipped_total (\d+)$/m.exec(await gateway.metrics.metrics())?.[1]);
    slow.connection.pause();
    let round = 0;
    const publish = async (): Promise<void> => {
      round++;
      gateway.live.publish(liveRecord(FILLER, NOW + round, { order: String(round) }));
      await expect.poll(() => quick.element(FILLER)?.machine?.order, POLL).toBe(String(round));
    };
    while ((await skipped()) === 0 && round < 200) await publish();
    expect(await skipped()).toBe(1);
    // From now on nothing is sent to it until it reads again.
    const received = slow.messages.length;
    for (let i = 0; i < 20; i++) await publish();
    expect(await skipped()).toBe(1);
    expect(slow.messages).toHaveLength(received);
    const sequences = quick.messages.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, i) => i));

    slow.connection.resume();
    await expect.poll(() => slow.element(FILLER)?.machine?.order, POLL).toBe(String(round));
    expect(slow.newest).toMatchObject({ kind: "snapshot", sequence: quick.newest?.sequence });
    await publish();
    await expect.poll(() => slow.newest, POLL).toMatchObject({ kind: "update", sequence: quick.newest?.sequence });
  });

  test("many clients that never read get no updates, hold one message each in memory, and are disconnected; the others go on", async () => {
    await gateway.close();
    gateway = await startGateway(store, { limits: { updateEveryMs: 10, slowClientMs: 300 } });
    gateway.now = NOW;
    const segments = Array.from({ length: 4_000 }, (_, i): TimelineSegment => {
      const from = START + i * 1_000;
      return { from, to: from + 1_000, state: "running", category: "production", minor: false, reason: `r/${i}` };
    });
    gateway.live.publish({ kind: "timeline", machine: FILLER, segments });
    const quick = new Client(gateway.url);
    await quick.subscribe({ scopes: [FILLER], windows: [] });
    const silent = Array.from({ length: 20 }, () => new Client(gateway.url));
    // Each client has a view of its own, so that no encoded message is shared.
    const names = ["15m", "1h", "8h", "shift"];
    for (const [i, client] of silent.entries()) {
      await client.subscribe({ scopes: [FILLER], windows: names.filter((_, bit) => ((i >> bit) & 1) === 1) });
      client.connection.pause();
    }
    const connected = async (): Promise<number> =>
      Number(/^oee_gateway_live_clients (\d+)$/m.exec(await gateway.metrics.metrics())?.[1]);
    expect(await connected()).toBe(21);
    let round = 0;
    while ((await connected()) > 1 && round < 3_000) {
      round++;
      gateway.live.publish(liveRecord(FILLER, NOW + round, { order: String(round) }));
      // They also go on sending requests without reading the answers.
      for (const client of silent) client.socket.emit("subscribe", { scopes: [FILLER], windows: [] });
      await expect.poll(() => quick.element(FILLER)?.machine?.order, POLL).toBe(String(round));
    }
    expect(await connected()).toBe(1);
    for (const client of silent) client.connection.resume();
  });

  test("clients of one view get the same messages, and the hops of an event are measured once", async () => {
    const displays = Array.from({ length: 5 }, () => new Client(gateway.url));
    await Promise.all(displays.map((client) => client.subscribe({ scopes: [FILLER, "*"], windows: ["15m"] })));
    const latency = { eventAt: NOW - 100, loggedAt: NOW - 80, computedAt: NOW - 10 };
    gateway.live.publish(liveRecord(FILLER, NOW, { latency }));
    for (const client of displays) await expect.poll(() => client.messages.length, POLL).toBe(2);
    const [first] = displays;
    for (const client of displays) expect(client.newest?.elements).toEqual(first?.newest?.elements);
    const { hops } = (await (await fetch(`${gateway.url}/api/v1/latency`)).json()) as { hops: unknown };
    expect(hops).toMatchObject({
      log: { count: 1, quantiles: { "0.5": 20, "0.99": 20 } },
      compute: { count: 1, quantiles: { "0.5": 70 } },
      gateway: { count: 1, quantiles: { "0.5": 10 } },
      emit: { count: 1, quantiles: { "0.5": 0 } },
      total: { count: 1, quantiles: { "0.5": 100 } },
    });
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
      'oee_gateway_latency_seconds{quantile="0.5",hop="compute"} 0.07',
    );
  });
});

describe("admission", () => {
  const refusal = (options: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = io(`${gateway.url}/live`, {
        transports: ["websocket"],
        reconnection: false,
        forceNew: true,
        ...options,
      });
      socket.on("connect_error", (error) => resolve(error.message));
      socket.on("connect", () => reject(new Error("was let in")));
    });

  test("a page of another origin is refused", async () => {
    await expect(refusal({ extraHeaders: { origin: "https://evil.example" } })).resolves.toMatch(/error/);
    const own = io(`${gateway.url}/live`, {
      transports: ["websocket"],
      forceNew: true,
      extraHeaders: { origin: gateway.url },
    });
    await expect.poll(() => own.connected, POLL).toBe(true);
    own.disconnect();
  });

  test("clients without the right to see the plant, and clients beyond the limit, are refused", async () => {
    await gateway.close();
    gateway = await startGateway(store, { access: { users: () => new Map() } });
    await expect(refusal({})).resolves.toBe("sign-in");
    await gateway.close();
    gateway = await startGateway(store, { limits: { liveClientsMax: 1 } });
    const first = new Client(gateway.url);
    await first.subscribe({ scopes: ["*"], windows: [] });
    await expect(refusal({})).resolves.toBe("too many clients");
  });
});

test("each of several gateways reads the records of the live topic, then new ones, and passes over records that cannot be read", async () => {
  const { log, topics } = gateway;
  const record = (key: string, value: object | string): { key: string; value: Buffer } => ({
    key,
    value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
  });
  await log.append(topics.live.name, [
    record(FILLER, liveRecord(FILLER, NOW - 1, { order: "first" })),
    record(PRESS, "not json"),
    record(`${FILLER}#timeline`, { kind: "timeline", machine: FILLER, segments: [] }),
  ]);
  const other = await startGateway(store, { log, live: followLiveTopic(log, topics) });
  other.now = NOW;
  try {
    const client = new Client(other.url);
    await expect
      .poll(
        async () => {
          await client.subscribe({ scopes: [FILLER], windows: [] });
          return client.element(FILLER)?.machine?.order;
        },
        { interval: 150 },
      )
      .toBe("first");
    await log.append(topics.live.name, [record(FILLER, liveRecord(FILLER, NOW, { order: "second" }))]);
    await expect.poll(() => client.element(FILLER)?.machine?.order, POLL).toBe("second");
  } finally {
    await other.app.close();
  }
});

test("displays that have a machine in common have its element made once for each change, and all get the newest", async () => {
  const read = vi.spyOn(MachinePictures.prototype, "of");
  const requests = [
    { scopes: [FILLER, PRESS], windows: ["15m"] },
    { scopes: [FILLER, SAW], windows: ["15m"] },
    { scopes: [FILLER, SAW], windows: ["1h"] },
  ];
  const displays = requests.map(() => new Client(gateway.url));
  await Promise.all(displays.map((display, i) => display.subscribe(requests[i] ?? {})));
  for (let round = 1; round <= 3; round++) {
    read.mockClear();
    gateway.live.publish(liveRecord(FILLER, NOW + round, { order: String(round), windows: [window15({})] }));
    for (const display of displays) {
      await expect.poll(() => display.element(FILLER)?.machine?.order, POLL).toBe(String(round));
    }
    const [first, second, third] = displays.map((display) => display.element(FILLER));
    expect(second).toEqual(first);
    expect([first?.windows["15m"] === undefined, third?.windows]).toEqual([false, {}]);
    // Once for the two with the same windows, and once for the third.
    expect(read.mock.calls.filter(([{ id }]) => id === FILLER)).toHaveLength(2);
  }
  read.mockRestore();
});

test("what a worker publishes when a display is about to take a machine is part of that update, and of no second one", async () => {
  const display = new Client(gateway.url);
  await display.subscribe({ scopes: [FILLER, PRESS], windows: [] });
  const taken: string[] = [];
  gateway.live.onTaking = (machine) => {
    taken.push(machine);
    if (machine === FILLER) gateway.live.publish(liveRecord(FILLER, NOW + 2, { order: "newer" }));
  };
  gateway.live.publish(liveRecord(FILLER, NOW + 1, { order: "first" }));
  await expect.poll(() => display.messages.length, POLL).toBe(2);
  expect(display.element(FILLER)?.machine?.order).toBe("newer");
  expect(taken).toEqual([FILLER]);
  gateway.live.publish(liveRecord(PRESS, NOW + 3));
  await expect.poll(() => display.element(PRESS), POLL).toBeDefined();
  expect(taken).toEqual([FILLER, PRESS]);
  expect(display.messages.length).toBe(3);
});

test("a machine whose events wait for a display is taken for its next update, which has what is published then", async () => {
  gateway.live.publish(liveRecord(FILLER, NOW + 1, { order: "before" }));
  const display = new Client(gateway.url);
  await display.subscribe({ scopes: [FILLER], windows: [] });
  const { length } = display.messages;
  const taken: string[] = [];
  gateway.live.onTaking = (machine) => {
    taken.push(machine);
    gateway.live.publish(liveRecord(FILLER, NOW + 2, { order: "after" }));
  };
  gateway.live.waits(FILLER);
  // No display shows it.
  gateway.live.waits(PRESS);
  await expect.poll(() => display.element(FILLER)?.machine?.order, POLL).toBe("after");
  expect([taken, display.messages.length]).toEqual([[FILLER], length + 1]);
});
