import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, formatInstant, isRefusal } from "@oee/model";
import { type EventRecord, openStore } from "@oee/store";
import { expect, test } from "vitest";
import { ONE_MACHINE, plantFrom } from "../../../tests/support/plant.ts";
import { StoredMachine } from "./stored-machine.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const T = Date.UTC(2026, 2, 2, 5);
const MACHINE = "s/a/l/m";

test("DI-1: rows of a correction that is stored and not read again yet are no rows whose raw events are gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "oee-stored-machine-"));
  const store = await openStore({ embedded: { path: folder } });
  await store.migrate();
  const plant = plantFrom(ONE_MACHINE);
  const model = new PlantModel(plant);
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("no machine");
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  // A plant folder killed after its rows were stored, and before its first checkpoint: its log is read again from the start.
  const raw = [
    { type: "state", machine: MACHINE, at: formatInstant(T), state: "running" },
    {
      type: "correction",
      machine: MACHINE,
      at: formatInstant(T + MINUTE),
      from: formatInstant(T - 2 * DAY),
      to: formatInstant(T - DAY),
      state: "down",
    },
  ];
  const history = new MachineHistory(model, machine);
  const records = raw.map((one, offset): EventRecord => {
    const event = decoder.decodeValue(one, null);
    if (isRefusal(event)) throw new Error(event.detail);
    history.accept(event);
    const place = { topic: "events", partition: 0, offset, index: 0, receivedAt: event.at };
    return {
      machine: MACHINE,
      type: event.type,
      at: event.at,
      ...place,
      id: null,
      repeat: false,
      raw: JSON.stringify(one),
    };
  });
  const now = T + 5 * MINUTE;
  await store.insertEvents(records);
  const { rows } = history.evaluate({ from: T - 2 * DAY, to: now, now, cuts: "minutes" });
  await store.insertRows(rows, { version: 1n, plantVersion: plant.version });
  const knownBefore = async (offset: number): Promise<number> => {
    const place = { topic: "events", partition: 0, offset };
    return (await StoredMachine.open(store, model.machine(machine), decoder, place)).knownFrom;
  };
  expect(await knownBefore(2)).toBe(-Infinity);
  expect(await knownBefore(1)).toBe(-Infinity);
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
