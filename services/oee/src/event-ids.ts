/**
 * Gives an `id` to each count of an import that holds deltas and has none. When an import is repeated, these are the only
 * events that would count twice (CN-4): states, jobs and totals say the same again.
 */
import { randomUUID } from "node:crypto";
import { LINE_BYTES_MAX, type PlantEvent } from "@oee/model";

/** Makes the bytes that are sent of an event and its JSON. */
export type Identified = (event: PlantEvent, json: Buffer) => Buffer;

export const withoutId: Identified = (_, json) => json;

const END_OF_OBJECT = 0x7d;

/** The ids of one import differ from those of every other. */
export function deltasIdentified(importId: string = randomUUID()): Identified {
  let given = 0;
  return (event, json) => {
    if (event.type !== "count" || event.id !== null) return json;
    // Last, for of members with one name the last one counts.
    const end = json.lastIndexOf(END_OF_OBJECT);
    const id = Buffer.from(`,"id":"import-${importId}-${++given}"}`);
    if (end < 0 || json.length + id.length > LINE_BYTES_MAX) return json;
    return Buffer.concat([json.subarray(0, end), id]);
  };
}
