/** A plant of one machine for tests of single modules, and its events, decoded from objects as producers send them. */
import { EventDecoder, isRefusal, type Machine, parsePlant, type PlantEvent } from "@oee/model";
import { type MachineModel, PlantModel } from "./machine-model.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** 2026-03-02T05:00Z, a Monday: 06:00 in Berlin, when the early shift begins. */
export const T: number = Date.UTC(2026, 2, 2, 5);

/** The model of the machine. `machine`: its settings in YAML; `more`: further lines of the plant file, such as a calendar. */
export function modelOf(machine = "idealCycleSeconds: 1", more = ""): MachineModel {
  const text = `enterprise: acme
timezone: Europe/Berlin
sites: { s: { areas: { a: { lines: { l: { machines: { m: { ${machine} } } } } } } } }
${more}`;
  const parsed = parsePlant(text, "plant.yaml");
  const found = parsed.ok ? parsed.plant.machines[0] : undefined;
  if (!parsed.ok || found === undefined) throw new Error(JSON.stringify(parsed));
  return new PlantModel(parsed.plant).machine(found);
}

export const EARLY = `calendars: { early: { shifts: [{ name: early, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }] } }
reasons: { jam: { failure: true }, lunch: { category: notPlanned } }
`;

/** Events of the machine, `at` in minutes after T. */
export function eventsOf(
  { plant, machine }: { readonly plant: MachineModel["plant"]; readonly machine: Machine },
  events: readonly (Readonly<Record<string, unknown>> & { readonly at: number })[],
): PlantEvent[] {
  const decoder = new EventDecoder(plant, { maxFutureMs: Infinity });
  return events.map(({ at, ...event }) => {
    const instant = T + Math.round(at * MINUTE);
    const decoded = decoder.decodeValue({ machine: machine.id, at: instant, ...event }, null);
    if (isRefusal(decoded)) throw new Error(decoded.detail);
    return decoded;
  });
}
