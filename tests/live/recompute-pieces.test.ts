/**
 * `oee verify` and `oee recompute` go over a history in pieces, from one anchor to the next. Together the pieces give the rows and
 * stops of the whole history, one by one, and each piece reads its own events alone.
 */
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Plant, type PlantEvent, type Row, type StopSegment } from "@oee/model";
import type { EventRecord, EventsQuery, Store } from "@oee/store";
import { expect, test } from "vitest";
import { recomputeMachine } from "../../services/oee/src/live/recompute-machine.ts";
import { storeOfFile } from "../support/worker.ts";
import { historyUntil, PLANT } from "./history.ts";
import { randomOf, roughHistory, roughPlant } from "./rough-history.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const END = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + 12_345;

const { store } = await storeOfFile();

const plant = plantFrom(PLANT);
const model = new PlantModel(plant);

/** All events of a plant's machines in log order, and the same as records of the store. */
function decodedOf(
  of: Plant,
  texts: readonly string[],
): { readonly events: PlantEvent[]; readonly records: EventRecord[] } {
  const decoder = new EventDecoder(of, { maxFutureMs: 300_000 });
  const ids = new Set<string>();
  const events: PlantEvent[] = [];
  const records: EventRecord[] = [];
  for (const [offset, text] of texts.entries()) {
    const bytes = Buffer.from(text);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) continue;
    const own = `${event.machine.id} ${event.id}`;
    const repeat = event.id !== null && ids.has(own);
    ids.add(own);
    if (!repeat) events.push(event);
    const { type, at, id } = event;
    // Release 0.1.0 stored the byte order mark that an event began with.
    const raw = offset % 7 === 0 ? `\ufeff${text}` : text;
    const place = { topic: "oee.events", partition: 0, offset, index: 0, receivedAt: at, id, repeat, raw };
    records.push({ machine: event.machine.id, type, at, ...place });
  }
  return { events, records };
}

/** The store, with a callback that gets the number of events of each question. */
function countingStore(onRead: (count: number, query: EventsQuery) => void): Store {
  return {
    ...store,
    events: async function* (query: EventsQuery) {
      let count = 0;
      for await (const some of store.events(query)) {
        count += some.length;
        yield some;
      }
      onRead(count, query);
    },
  };
}

const inOrder = (rows: readonly Row[]): Row[] => {
  const key = ({ product, shift, shiftDate }: Row): string => JSON.stringify([product, shift, shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
};

test("DI-1: pieces give the rows and stops of the whole history, and each reads its own events alone", async () => {
  const history = historyUntil(END);
  const { events, records } = decodedOf(
    plant,
    history.lines.map(({ text }) => text),
  );
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
    const counting = countingStore((count) => reads.push(count));
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

test("a part of a history between hours that are no anchors", async () => {
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

/** Machines whose counts tell whether they run, one of them without states: pulses are where a piece can begin. */
test.each([1])(
  "TL-9: pieces from pulse to pulse give the rows and stops of the whole history, rough history %i",
  async (seed) => {
    const rough = roughPlant(`r${seed}-`);
    const start = END - 40 * HOUR_MS;
    const said = roughHistory(rough, randomOf(seed), { start, end: END - HOUR_MS });
    const decoded = decodedOf(
      rough,
      said.map(({ machine, fields }) => JSON.stringify({ machine, ...fields })),
    );
    await store.insertEvents(decoded.records);
    const pulsing = new PlantModel(rough);
    for (const machine of rough.machines.filter(({ pulseGapMs }) => pulseGapMs !== null)) {
      const whole = new MachineHistory(pulsing, machine);
      const own = decoded.events.filter((event) => event.machine.id === machine.id);
      for (const event of own) whole.accept({ ...event, id: null });
      const first = Math.min(...own.map((event) => (event.type === "correction" ? event.from : event.at)));
      const from = Math.floor(first / MINUTE_MS) * MINUTE_MS;
      const expected = whole.evaluate({ from, to: END, now: END, cuts: "minutes" });
      await store.insertRows(expected.rows, { version: 7n, plantVersion: rough.version });
      let most = 0;
      const counting = countingStore((count, query) => {
        if (query.order !== "time" && query.types?.includes("count") === true) most = Math.max(most, count);
      });
      const rows: Row[] = [];
      const stops: StopSegment[] = [];
      let pieces = 0;
      const span = { from: 0, to: END + HOUR_MS };
      for await (const piece of recomputeMachine(counting, pulsing, machine, span, unexpected, 2 * HOUR_MS)) {
        pieces++;
        rows.push(...piece.rows);
        stops.push(...piece.stops);
      }
      expect(inOrder(rows), machine.id).toEqual(inOrder(expected.rows));
      expect(stops, machine.id).toEqual(expected.stops);
      expect(pieces, machine.id).toBeGreaterThan(10);
      expect(most, machine.id).toBeLessThan(own.length / 4);

      // Where old events may be gone, stored rows show that the machine ran when the first remaining event came.
      const expiresBefore = start + 10 * HOUR_MS;
      const expiring: Store = {
        ...store,
        historyStart: async (...asked) => ({ ...(await store.historyStart(...asked)), expiresBefore }),
      };
      const left: Row[] = [];
      const gone: number[] = [];
      const noteGone = (instant: number): void => void gone.push(instant);
      for await (const piece of recomputeMachine(expiring, pulsing, machine, span, noteGone, 8 * HOUR_MS)) {
        left.push(...piece.rows);
      }
      const [begins = 0] = gone;
      expect(begins).toBeGreaterThan(expiresBefore);
      expect(begins).toBeLessThan(expiresBefore + 4 * HOUR_MS);
      expect(inOrder(left)).toEqual(inOrder(expected.rows.filter((row) => row.from >= begins)));
    }
  },
);

function unexpected(): never {
  throw new Error("no raw event is gone");
}
