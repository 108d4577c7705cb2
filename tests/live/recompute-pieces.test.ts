/**
 * `oee verify` and `oee recompute` go over a history in pieces, from one anchor to the next: together they are what the
 * whole history says at once, row by row and stop by stop, and each piece reads its own events alone.
 */
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, parsePlant, type PlantEvent, type Row, type StopSegment } from "@oee/model";
import { type EventRecord, type EventsQuery, openStore, type Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recomputeMachine } from "../../services/oee/src/live/recompute-machine.ts";
import { historyUntil, PLANT } from "./history.ts";
import { newFolder } from "./oee-process.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const END = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + 12_345;

const folder = newFolder();
let store: Store;
beforeAll(async () => {
  store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

const parsed = parsePlant(PLANT, "plant.yaml");
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const { plant } = parsed;
const model = new PlantModel(plant);

/** All events of the machines in log order, and the same as records of the store. */
function eventsOf(texts: readonly string[]): { readonly events: PlantEvent[]; readonly records: EventRecord[] } {
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const ids = new Set<string>();
  const events: PlantEvent[] = [];
  const records: EventRecord[] = [];
  for (const [offset, text] of texts.entries()) {
    const bytes = Buffer.from(text);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) continue;
    const repeat = event.id !== null && ids.has(event.id);
    if (event.id !== null) ids.add(event.id);
    if (!repeat) events.push(event);
    const { type, at, id } = event;
    // 0.1.0 kept the byte order mark of an event that came with one.
    const raw = offset % 7 === 0 ? `\ufeff${text}` : text;
    const place = { topic: "oee.events", partition: 0, offset, index: 0, receivedAt: at, id, repeat, raw };
    records.push({ machine: event.machine.id, type, at, ...place });
  }
  return { events, records };
}

const inOrder = (rows: readonly Row[]): Row[] => {
  const key = ({ product, shift, shiftDate }: Row): string => JSON.stringify([product, shift, shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
};

test("DI-1: in pieces as in one; each piece reads its own events", { timeout: 240_000 }, async () => {
  const history = historyUntil(END);
  const { events, records } = eventsOf(history.lines.map(({ text }) => text));
  await store.insertEvents(records);
  let piecesOfAll = 0;
  for (const machine of plant.machines) {
    const whole = new MachineHistory(model, machine);
    let first = Infinity;
    for (const event of events) {
      if (event.machine.id !== machine.id) continue;
      whole.accept({ ...event, id: null });
      first = Math.min(first, event.type === "correction" ? event.from : event.at);
    }
    const from = Math.floor(first / MINUTE_MS) * MINUTE_MS;
    const expected = whole.evaluate({ from, to: END, now: END, cuts: "minutes" });
    const stamp = { version: 7n, plantVersion: plant.version };
    await store.insertRows(expected.rows, stamp);
    await store.insertStops(expected.stops, stamp);

    const rows: Row[] = [];
    const stops: StopSegment[] = [];
    let reads: number[] = [];
    const counting: Store = {
      ...store,
      events: async function* (query: EventsQuery) {
        let count = 0;
        for await (const some of store.events(query)) {
          count += some.length;
          yield some;
        }
        reads.push(count);
      },
    };
    let pieces = 0;
    let end = from;
    const span = { from: 0, to: END + HOUR_MS };
    for await (const piece of recomputeMachine(counting, model, machine, span, unexpected, 2 * HOUR_MS)) {
      expect(piece.from).toBe(end);
      end = piece.to;
      pieces++;
      rows.push(...piece.rows);
      stops.push(...piece.stops);
      expect(inOrder(piece.stored.map(({ version: _, plantVersion: __, ...row }) => row))).toEqual(inOrder(piece.rows));
      expect([...piece.storedStops].sort((a, b) => a.from - b.from)).toEqual(piece.stops);
      expect(piece.newestVersion).toBe(7n);
    }
    expect(end).toBe(Math.ceil(END / MINUTE_MS) * MINUTE_MS);
    expect(inOrder(rows), machine.id).toEqual(inOrder(expected.rows));
    expect(stops, machine.id).toEqual(expected.stops);
    piecesOfAll += pieces;
    const own = records.filter((record) => record.machine === machine.id).length;
    if (pieces > 3) expect(Math.max(...reads)).toBeLessThan(own);
    reads = [];
  }
  expect(piecesOfAll).toBeGreaterThan(2 * plant.machines.length);
});

test("a part of a history, by hours that are nobody's anchor", { timeout: 240_000 }, async () => {
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("a machine was expected");
  const from = Math.floor(END / HOUR_MS) * HOUR_MS - 5 * HOUR_MS + 7 * MINUTE_MS;
  const span = { from, to: from + 3 * HOUR_MS };
  const rows: Row[] = [];
  for await (const piece of recomputeMachine(store, model, machine, span, unexpected, 30 * MINUTE_MS)) {
    rows.push(...piece.rows);
    expect(inOrder(piece.stored.map(({ version: _, plantVersion: __, ...row }) => row))).toEqual(inOrder(piece.rows));
  }
  expect(rows.length).toBeGreaterThanOrEqual(180);
  expect(Math.min(...rows.map((row) => row.from))).toBe(span.from);
  expect(Math.max(...rows.map((row) => row.from))).toBe(span.to - MINUTE_MS);
});

function unexpected(): never {
  throw new Error("no raw event is gone");
}
