/** A gateway on a real port, before a real store and a log in memory; workers' live records come from the test. */
import { setTimeout as wait } from "node:timers/promises";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MachineHistory, PlantModel } from "@oee/engine";
import { Replay } from "../../oee/src/replay.ts";
import { allTopics, type EventLog, openMemoryLog, type Topics, topics } from "@oee/event-log";
import {
  COMPONENT_NAMES,
  EventDecoder,
  formatInstant,
  isRefusal,
  type Machine,
  type Plant,
  type PlantEvent,
  ROW_LAYOUT,
} from "@oee/model";
import type { LiveRecord, LiveSource, TimelineRecord } from "@oee/protocol";
import { type EventRecord, openStore, type Store, type StoreOptions } from "@oee/store";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { pino } from "pino";
import { Registry } from "prom-client";
import { SIGNS_IN, signInTo, SUITE_USERS } from "../../../tests/support/sign-in.ts";
import { checkLiveRecord } from "../../../tests/contract/check.ts";
import { documents } from "../../../tests/contract/documents.ts";
import { checkAnswer, type OpenApi } from "../../../tests/contract/openapi.ts";
import { buildGateway, type GatewayOptions, listen, type PlantInForce } from "../src/index.ts";
import { putBack } from "../src/audit/restore-audit.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** 2026-03-02T05:00Z, a Monday: 06:00 in Berlin, where the early shift begins. */
export const START: number = Date.UTC(2026, 2, 2, 5);

export const PLANT_TEXT = `enterprise: acme
timezone: Europe/Berlin
sites:
  berlin:
    timezone: Europe/Berlin
    calendar: three-shift
    areas:
      packing:
        lines:
          l1:
            name: Line 1
            constraint: filler
            machines:
              filler: { name: Filler, idealCycleSeconds: 1.2, taktSeconds: 1.5, minorStopThreshold: 3m, costPerHour: 1800 }
              labeller: { idealCycleSeconds: null }
          l2:
            machines:
              press: { idealCycleSeconds: 0.3333, taktSeconds: 0.5, costPerHour: 60 }
              saw: { idealCycleSeconds: 2, costPerHour: 60 }
  recife:
    timezone: America/Recife
    areas: { hall: { lines: { l9: { machines: { oven: { idealCycleSeconds: 7, taktSeconds: 9, unit: kg } } } } } }
calendars:
  three-shift:
    shifts:
      - { name: early, days: mon-fri, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }
      - { name: late,  days: mon-fri, start: "14:00", end: "22:00" }
products: { cola: { name: Cola 0.6 l, idealCycleSeconds: 1.1, taktSeconds: 1.6 } }
reasons:
  mechanical: { failure: true, name: Mechanical, children: { jam: { name: Conveyor jam } } }
  no-orders: { category: notPlanned }
targets: { oee: 0.75 }
windows: [15m, 1h, 8h, shift]
currency: EUR
roles: [boss, fitter]
owners: [{ accountable: boss, responsible: [fitter] }]
chains: { stop: [{ after: 0, to: responsible }, { after: 1h, to: boss }] }
alerts: [{ id: long, kind: stop, for: 20m, chain: stop }]
`;

export const FILLER = "berlin/packing/l1/filler";
export const LABELLER = "berlin/packing/l1/labeller";
export const PRESS = "berlin/packing/l2/press";
export const SAW = "berlin/packing/l2/saw";
export const OVEN = "recife/hall/l9/oven";

export function plantOf(text: string): PlantInForce {
  const plant = plantFrom(text);
  return { plant, model: new PlantModel(plant) };
}

export const PLANT: PlantInForce = plantOf(PLANT_TEXT);

export function machineOf(id: string, plant: Plant = PLANT.plant): Machine {
  const machine = plant.machineById.get(id);
  if (machine === undefined) throw new Error(`no machine ${id}`);
  return machine;
}

/** An event of some minutes after the start. */
export function eventAt(machine: string, minutes: number, more: object): Readonly<Record<string, unknown>> {
  return { machine, at: formatInstant(START + Math.round(minutes * MINUTE)), ...more };
}

export function decoded(events: readonly object[], plant: Plant = PLANT.plant): PlantEvent[] {
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  return events.map((event) => {
    const result = decoder.decodeValue(event, null);
    if (isRefusal(result)) throw new Error(result.detail);
    return result;
  });
}

/** Accepted events as the store keeps them, from an offset of a partition on. */
export function recordsOf(
  events: readonly object[],
  {
    offset,
    receivedAt,
    partition = 0,
  }: { readonly offset: number; readonly receivedAt: number; readonly partition?: number },
): EventRecord[] {
  return decoded(events).map(({ machine, type, at }, i) => ({
    ...{ machine: machine.id, type, at, topic: "test.events", partition, offset: offset + i, index: 0 },
    ...{ receivedAt, id: null, repeat: false, raw: JSON.stringify(events[i]) },
  }));
}

/** Some hours of a plant, with jobs, stops of all kinds, failures, counts and late reasons. */
export function someEvents(): Readonly<Record<string, unknown>>[] {
  const events: Readonly<Record<string, unknown>>[] = [];
  const add = (machine: string, minutes: number, more: object): void =>
    void events.push(eventAt(machine, minutes, more));
  const cycle = (machine: string, offset: number, length: number): void => {
    for (let at = offset; at < 8 * 60; at += length) {
      add(machine, at, { type: "state", state: "running" });
      for (let i = 1; i < 8; i++)
        add(machine, at + i * 1.37, { type: "count", good: 31 + i, scrap: i % 3, rework: i % 2 });
      add(machine, at + length * 0.6, { type: "state", state: "down", reason: "mechanical/jam" });
      add(machine, at + length * 0.75, { type: "state", state: "idle" });
      add(machine, at + length * 0.8, { type: "state", state: "running" });
      add(machine, at + length * 0.9, { type: "state", state: at % 2 === 0 ? "setup" : "cleaning" });
    }
  };
  add(FILLER, 3, { type: "job", product: "cola", order: "4711" });
  cycle(FILLER, 2.5, 37);
  add(FILLER, 200, { type: "job", product: "water", idealCycleSeconds: 0.9 });
  cycle(PRESS, 11, 23.3);
  cycle(OVEN, 30, 61);
  cycle(LABELLER, 17, 41);
  return events;
}

/** Stores what a worker stores of events that are known at `now`. */
export async function storeHistory(
  store: Store,
  events: readonly object[],
  now: number,
  version: bigint,
): Promise<void> {
  const histories = new Map<string, MachineHistory>();
  for (const event of decoded(events)) {
    let history = histories.get(event.machine.id);
    if (history === undefined)
      histories.set(event.machine.id, (history = new MachineHistory(PLANT.model, event.machine)));
    history.accept(event);
  }
  const stamp = { version, plantVersion: PLANT.plant.version };
  for (const history of histories.values()) {
    const from = history.first - (history.first % MINUTE);
    const { rows, stops } = history.evaluate({ from, to: now, now, cuts: "minutes" });
    await store.insertRows(rows, stamp);
    await store.insertStops(stops, stamp);
  }
}

export function replayOf(events: readonly object[]): Replay {
  const replay = new Replay(PLANT.plant);
  for (const event of decoded(events)) replay.accept(event);
  return replay;
}

export class TestLive implements LiveSource {
  readonly #listeners = new Set<(record: LiveRecord | TimelineRecord) => void>();
  readonly #known = new Map<string, LiveRecord | TimelineRecord>();

  subscribe(listener: (record: LiveRecord | TimelineRecord) => void): () => void {
    for (const record of this.#known.values()) listener(record);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The machines that screens show, by the gateway's last message to the worker. */
  shown: ReadonlySet<string> = new Set();

  show(machines: ReadonlySet<string>): void {
    this.shown = machines;
  }

  /** What a worker does when a screen is about to take what is known of a machine. */
  onTaking: (machine: string) => void = () => undefined;

  taking(machine: string): void {
    this.onTaking(machine);
  }

  /** What a worker tells of a machine whose events wait for a screen. */
  waits: (machine: string) => void = () => undefined;

  onWaiting(listener: (machine: string) => void): () => void {
    this.waits = listener;
    return () => undefined;
  }

  publish(...records: (LiveRecord | TimelineRecord)[]): void {
    for (const record of records) {
      checkLiveRecord(record);
      this.#known.set(`${record.machine} ${record.kind}`, record);
      for (const listener of this.#listeners) listener(record);
    }
  }
}

export function liveRecord(machine: string, now: number, more: Partial<LiveRecord> = {}): LiveRecord {
  return {
    kind: "machine",
    machine,
    now,
    nextWithinMs: 5_000,
    plantVersion: PLANT.plant.version,
    layout: ROW_LAYOUT,
    state: "running",
    category: "production",
    failure: false,
    minor: null,
    reason: null,
    since: now - 10 * MINUTE,
    lastEventAt: now - 1_000,
    product: null,
    order: null,
    idealCycleUs: null,
    taktUs: null,
    scheduled: true,
    windows: [],
    corrections: [],
    recomputing: false,
    latency: null,
    ...more,
  };
}

/** A window of a live record with some components; the others are 0. */
export function liveWindow(
  name: string,
  from: number,
  to: number,
  components: Readonly<Record<string, number>>,
): LiveRecord["windows"][number] {
  return {
    name,
    from,
    to,
    components: COMPONENT_NAMES.map((component) => components[component] ?? 0),
    plannedByTakt: [],
  };
}

export async function openTestStore(
  options: Pick<StoreOptions, "daySums"> = {},
): Promise<{ readonly store: Store; readonly close: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "oee-gateway-"));
  const store = await openStore({ embedded: { path }, ...options });
  await store.migrate();
  return {
    store,
    close: async () => {
      await store.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

export interface TestGateway {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly log: EventLog;
  readonly topics: Topics;
  readonly live: TestLive;
  readonly metrics: Registry;
  /** The gateway's clock (epoch ms); `plant` is its plant in force. */
  now: number;
  plant: PlantInForce;
  readonly close: () => Promise<void>;
}

const matchedLogs = new WeakMap<EventLog, Promise<void>>();

/** The log of the newest gateway before a store. */
const newestLogs = new WeakMap<Store, EventLog>();
const STORED_WITHIN_MS = 5_000;

/** Appends the store's lines of the audit to a new log, for a store that other gateways wrote to, when the newest of them has stored its own. */
async function matchAudit(log: EventLog, topic: string, store: Store): Promise<void> {
  const newest = newestLogs.get(store);
  newestLogs.set(store, log);
  const [audit] = await log.endsOf(topic);
  if (audit?.endOffset !== 0) return;
  const [written] = newest === undefined ? [] : await newest.endsOf(topic).catch(() => []);
  for (const giveUpAt = Date.now() + STORED_WITHIN_MS; Date.now() < giveUpAt; await wait(20)) {
    if ((await store.auditRows({ limit: 10_000 })).length >= (written?.endOffset ?? 0)) break;
  }
  await putBack(log, topic, store);
}

type TestOptions = Partial<GatewayOptions> & {
  /** Whether the audit's topic is left without the lines that the store has. */
  readonly auditAsItIs?: boolean;
};

/** Starts a gateway, with the suite's sign-in if it has one, unless `more` sets another. */
export function startGateway(store: Store, more: TestOptions = {}): Promise<TestGateway> {
  const isSigned = SIGNS_IN && more.access === undefined;
  return startAs(store, isSigned ? { ...more, access: { users: () => SUITE_USERS } } : more, isSigned);
}

/** A gateway before a store of its own that has `someEvents` of eight hours; `close` closes both. */
export async function gatewayOfSomeEvents(): Promise<{
  readonly gateway: TestGateway;
  readonly close: () => Promise<void>;
}> {
  const { store, close } = await openTestStore();
  await storeHistory(store, someEvents(), START + 8 * HOUR, 1n);
  const gateway = await startGateway(store);
  return {
    gateway,
    close: async () => {
      await gateway.close();
      await close();
    },
  };
}

/** Starts a gateway without sign-in, also where the suite has one. */
export function openGateway(store: Store, more: TestOptions = {}): Promise<TestGateway> {
  return startAs(store, more, false);
}

async function startAs(
  store: Store,
  { auditAsItIs = false, topics: all = topics("test.", 2), ...more }: TestOptions,
  isSigned: boolean,
): Promise<TestGateway> {
  const log = more.log ?? openMemoryLog();
  await log.ensureTopics(allTopics(all));
  let matched = matchedLogs.get(log);
  if (auditAsItIs) matched = Promise.resolve();
  if (matched === undefined) matchedLogs.set(log, (matched = matchAudit(log, all.audit.name, store)));
  await matched;
  const live = new TestLive();
  const metrics = new Registry();
  const state = { now: START + 8 * HOUR, plant: PLANT };
  const app = await buildGateway({
    plant: () => state.plant,
    store,
    log,
    topics: all,
    live,
    clock: () => state.now,
    logger: pino({ level: "silent" }),
    metrics,
    version: "1.2.3",
    ...more,
  });
  await listen(app, { port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const document = app.swagger() as unknown as OpenApi;
  documents.set(url, document);
  holdInjected(app, document);
  if (isSigned) await signInTo(url);
  return Object.assign(state, {
    app,
    url,
    log,
    topics: all,
    live,
    metrics,
    close: async () => {
      await app.close();
      await log.close();
      // Another server may get the port.
      documents.delete(url);
    },
  });
}

/** Holds answers by `inject` to the OpenAPI document, as `tests/contract/http.ts` holds those by `fetch`. */
function holdInjected(app: FastifyInstance, document: OpenApi): void {
  const inject = app.inject.bind(app) as (asked: InjectOptions) => Promise<LightMyRequestResponse>;
  const held = async (asked: InjectOptions): Promise<LightMyRequestResponse> => {
    const answer = await inject(asked);
    const path = (typeof asked.url === "string" ? asked.url : "").split("?", 1)[0] ?? "";
    const isJson = /json\b/.test(String(answer.headers["content-type"]));
    if (path.startsWith("/api/v1/") && isJson) {
      checkAnswer(document, asked.method ?? "GET", path, answer.statusCode, answer.json());
    }
    return answer;
  };
  Object.assign(app, { inject: held });
}
