/** An import gives ids to events that would count twice if they were sent twice. */
import { EventDecoder, isRefusal, SHIPPED_ZONES } from "@oee/model";
import { expect, test } from "vitest";
import { deltasIdentified } from "./event-ids.ts";
import { demoPlantFile, plantFromFile } from "./plant-from-file.ts";

test("CN-4: each delta without an id gets one of its own; events with an id, states and totals are sent unchanged", async () => {
  const plant = await plantFromFile(demoPlantFile(), SHIPPED_ZONES);
  const machine = plant.machines[0]?.id ?? "";
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const identified = deltasIdentified("i");
  const at = "2026-03-02T05:00:00Z";
  const idOf = (more: object, end = "}"): readonly [string | null, boolean] => {
    const json = Buffer.from(`${JSON.stringify({ machine, at, ...more }).slice(0, -1)}${end}`);
    const event = decoder.decode(json, 0, json.length, Date.parse(at));
    if (isRefusal(event)) throw new Error(event.detail);
    const sent = identified(event, json);
    const again = decoder.decode(sent, 0, sent.length, Date.parse(at));
    if (isRefusal(again)) throw new Error(again.detail);
    expect({ ...again, id: event.id }).toEqual(event);
    return [again.id, sent === json];
  };
  expect(idOf({ type: "count", good: 1 })).toEqual(["import-i-1", false]);
  expect(idOf({ type: "count", good: 1 }, ' , "id" : null }  ')).toEqual(["import-i-2", false]);
  expect(idOf({ type: "count", good: 1, id: "own" })).toEqual(["own", true]);
  expect(idOf({ type: "count", total: { good: 1 } })).toEqual([null, true]);
  expect(idOf({ type: "state", state: "down" })).toEqual([null, true]);
});
