/** What stored events tell of a span before corrections is what the machine's whole history tells of it (TL-1 to TL-4, TL-9). */
import { MachineHistory, PlantModel } from "@oee/engine";
import { formatInstant, type Machine } from "@oee/model";
import { Turnstile } from "@oee/pacing";
import { RecordedRefusals } from "@oee/review";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { decoded, HOUR, openTestStore, START } from "../../test/gateway-fixture.ts";
import type { FactSources } from "./stored-events.ts";
import { toldSegments } from "./told-segments.ts";

const plant = plantFrom(`enterprise: e
products: { slow: { idealCycleSeconds: 2400 } }
sites: { s: { areas: { a: { lines: { l: { machines: {
  quiet: { idealCycleSeconds: 1, staleAfter: 30m }, pulses: { idealCycleSeconds: 1, pulseGap: 20m, staleAfter: 2h } } } } } } } }
`);
const model = new PlantModel(plant);
const DAYS = 4;
const NOW = START + DAYS * 24 * HOUR;
const MINUTE = HOUR / 60;
const MACHINES = ["quiet", "pulses"].map((name) => plant.machineById.get(`s/a/l/${name}`) as Machine);

/** A running total every 8 minutes, which rises but for some hours; states, silences of some hours, and a job of a slow product. */
function eventsOf({ id }: Machine): readonly object[] {
  const events: object[] = [];
  const add = (minutes: number, more: object): void =>
    void events.push({ machine: id, at: formatInstant(START + minutes * MINUTE), ...more });
  let total = 1000;
  add(0, { type: "state", state: "running" });
  add(30 * 60, { type: "job", product: "slow" });
  add(50 * 60, { type: "state", state: "down", reason: "belt" });
  add(51 * 60, { type: "state", state: "running" });
  for (let minutes = 1; minutes < DAYS * 24 * 60; minutes += 8) {
    const hour = Math.floor(minutes / 60);
    if (hour % 11 === 7 || hour % 23 === 8) continue;
    if (hour % 5 !== 3) total += 2;
    add(minutes, { type: "count", total: { good: total } });
  }
  return events;
}

let store: Store;
let closeStore: () => Promise<void>;
let sources: FactSources;
const histories = new Map(MACHINES.map((machine) => [machine, new MachineHistory(model, machine)]));

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  let offset = 0;
  for (const machine of MACHINES) {
    const given = eventsOf(machine);
    const events = decoded(given, plant);
    for (const event of events) histories.get(machine)?.accept(event);
    await store.insertEvents(
      events.map(({ type, at }, i) => ({
        ...{ machine: machine.id, type, at, topic: "test.events", partition: 0, offset: offset++, index: 0 },
        ...{ receivedAt: at, id: null, repeat: false, raw: JSON.stringify(given[i]) },
      })),
    );
  }
  const turnstile = new Turnstile(4, 100, () => new Error("too many wait"));
  const { signal } = new AbortController();
  sources = { store, turnstile, signal, refusals: new RecordedRefusals(), recordOf: () => null };
});
afterAll(() => closeStore());

test.each(MACHINES)("BM-3: $name has the segments of its history in every span", async (machine) => {
  const states = new Set<string>();
  for (let from = START - HOUR; from < NOW; from += 7 * HOUR) {
    const span = { from: from + 13 * MINUTE, to: Math.min(NOW, from + 9 * HOUR) };
    const told = await toldSegments(sources, model, machine, span, NOW);
    expect(told).toEqual(histories.get(machine)?.told({ ...span, now: NOW }));
    for (const { state } of told) states.add(state);
  }
  expect([...states].sort()).toEqual(["down", ...(machine.pulseGapMs === null ? [] : ["idle"]), "running", "unknown"]);
});
