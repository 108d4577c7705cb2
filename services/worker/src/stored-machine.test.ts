import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, formatInstant, isRefusal, type Row } from "@oee/model";
import { type EventRecord, openStore } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { StoredMachine } from "./stored-machine.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const T = Date.UTC(2026, 2, 2, 5);
const PLANT = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { corrected: { idealCycleSeconds: 1 }, counted: { idealCycleSeconds: 1 } } } } } } } }
products: { tray: { piecesPerCount: 3 } }
`);
const MODEL = new PlantModel(PLANT);
const DECODER = new EventDecoder(PLANT, { maxFutureMs: 0 });

const folder = await mkdtemp(join(tmpdir(), "oee-stored-machine-"));
const store = await openStore({ embedded: { path: folder } });
beforeAll(() => store.migrate());
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stores events of a machine; answers their whole history, and the machine as it is stored before an offset. */
async function stored(name: string, ...fields: readonly Readonly<Record<string, unknown>>[]) {
  const machine = PLANT.machines.find(({ id }) => id === `s/a/l/${name}`);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  const history = new MachineHistory(MODEL, machine);
  const records = fields.map((one, offset): EventRecord => {
    const event = DECODER.decodeValue({ ...one, machine: machine.id }, null);
    if (isRefusal(event)) throw new Error(event.detail);
    history.accept(event);
    const place = { topic: "events", partition: 0, offset, index: 0, receivedAt: event.at };
    const raw = JSON.stringify({ ...one, machine: machine.id });
    return { machine: machine.id, type: event.type, at: event.at, ...place, id: null, repeat: false, raw };
  });
  await store.insertEvents(records);
  const before = (offset: number) =>
    StoredMachine.open(store, MODEL.machine(machine), DECODER, { topic: "events", partition: 0, offset });
  return { machine, history, before };
}

test("DI-1: rows of a correction that is stored and not read again yet are no rows whose raw events are gone", async () => {
  // Killed after its rows were stored, and before its first checkpoint: the log is read again from the start.
  const { history, before } = await stored(
    "corrected",
    { type: "state", at: formatInstant(T), state: "running" },
    {
      ...{ type: "correction", at: formatInstant(T + MINUTE), state: "down" },
      ...{ from: formatInstant(T - 2 * DAY), to: formatInstant(T - DAY) },
    },
  );
  const now = T + 5 * MINUTE;
  const { rows } = history.evaluate({ from: T - 2 * DAY, to: now, now, cuts: "minutes" });
  await store.insertRows(rows, { version: 1n, plantVersion: PLANT.version });
  expect((await before(2)).knownFrom).toBe(-Infinity);
  expect((await before(1)).knownFrom).toBe(-Infinity);
});

test("CN-6, CN-7: what totals before an anchor brought is in the pieces of the jobs of their time", async () => {
  const at = (minute: number) => ({ at: formatInstant(T + minute * MINUTE) });
  const { machine, history, before } = await stored(
    "counted",
    { type: "job", ...at(0), product: "tray" },
    { type: "count", ...at(1), total: { good: 10, produced: 10 } },
    { type: "count", ...at(2), total: { good: 12 } },
    { type: "job", ...at(3), product: "single" },
    { type: "state", ...at(3), state: "down" },
    { type: "state", ...at(5), state: "running" },
    { type: "count", ...at(10), total: { good: 15, produced: 30 } },
  );
  const now = T + 11 * MINUTE;
  const recomputed = new MachineHistory(MODEL, machine);
  const known = await before(7);
  const anchor = await known.anchorBefore(T + 8 * MINUTE);
  expect(anchor?.at).toBe(T + 5 * MINUTE);
  for (const event of await known.eventsOf(anchor, now)) recomputed.accept(event);
  const counted = (of: MachineHistory): readonly Row[] =>
    [...of.evaluate({ from: T + 8 * MINUTE, to: now, now, cuts: "minutes" }).rows].filter((row) => row.goodCount > 0);
  // 20 came out; 6 of the two trays and 3 single ones are good.
  expect(counted(history)).toMatchObject([{ goodCount: 3, scrapCount: 11 }]);
  expect(counted(recomputed)).toEqual(counted(history));
});
