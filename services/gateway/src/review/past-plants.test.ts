import { structureDocument, structureOf } from "@oee/model";
import { expect, onTestFinished, test } from "vitest";
import { FILLER, HOUR, LABELLER, PLANT, PLANT_TEXT, plantOf, PRESS, SAW, START } from "../../test/gateway-fixture.ts";
import { openMemoryTopics, putEntries } from "../../test/memory-topics.ts";
import type { PlantInForce } from "../options.ts";
import { EntryLog } from "./entry-log.ts";
import { PastPlants } from "./past-plants.ts";

const L2 = "berlin/packing/l2";

test("DI-3: a plant whose structure changed has the machines of each time; one that did not is as it is", async () => {
  const { log, topics } = await openMemoryTopics();
  const entries = new EntryLog(log, topics);
  entries.start();
  onTestFinished(() => entries.close());
  const pasts = new PastPlants(entries);
  const structure = (rev: number, from: number, { plant }: PlantInForce): object => ({
    ...{ type: "structure", id: "plant", rev, from, plant: plant.version },
    lines: structureDocument(structureOf(plant)),
  });
  const machinesOf = ({ plant }: PlantInForce): readonly (readonly string[])[] =>
    plant.scopes.get(L2)?.past?.epochs.map(({ machines }) => machines.map(({ path }) => path)) ?? [];
  await putEntries(log, topics, [structure(1, START, PLANT)]);
  await expect.poll(async () => (await entries.programmeOf(PLANT.plant)).offset).toBe(1);
  expect(await pasts.of(PLANT)).toBe(PLANT);

  // The saw comes to the line four hours later.
  const without = plantOf(PLANT_TEXT.replace("              saw: { idealCycleSeconds: 2, costPerHour: 60 }\n", ""));
  await putEntries(log, topics, [structure(2, START + 2 * HOUR, without), structure(3, START + 4 * HOUR, PLANT)]);
  await expect.poll(async () => (await entries.programmeOf(PLANT.plant)).offset).toBe(3);
  const past = await pasts.of(PLANT);
  expect(machinesOf(past)).toEqual([[PRESS, SAW], [PRESS], [PRESS, SAW]]);
  expect(past.plant.scopes.get("berlin/packing/l1")?.machines.map(({ path }) => path)).toEqual([FILLER, LABELLER]);
  expect(past.model.plant).toBe(past.plant);
  // Made once, until the structure changes again.
  expect(await pasts.of(PLANT)).toBe(past);
});
