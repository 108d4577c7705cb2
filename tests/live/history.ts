/**
 * A history that ends now, as machines and people send it: a simulated plant with events late by hours, doubled,
 * overtaken and broken, and corrections of any age. `OEE_SIMULATION_SEED` repeats a run.
 */
import { disturb, PlantSimulation } from "@oee/simulator";
import { plantFrom } from "../support/plant.ts";
import { shownBy } from "../support/sign-in.ts";

export const PLANT = `enterprise: acme
timezone: Europe/Berlin
currency: EUR
staleAfter: 20m
minorStopThreshold: 4m
sites:
  berlin:
    timezone: Europe/Berlin
    calendar: three-shift
    areas:
      packing:
        lines:
          l1:
            constraint: filler
            machines:
              filler: { idealCycleSeconds: 0.12, taktSeconds: 0.16, costPerHour: 1800, rolloverAt: 65536, states: packml }
              labeller: { idealCycleSeconds: 0.115, costPerHour: 300.5 }
          pallets:
            calendar: two-shift
            machines:
              palletizer: { idealCycleSeconds: 42, taktSeconds: 60, overtime: ignore }
              inspector: { idealCycleSeconds: null }
  campinas:
    timezone: America/Sao_Paulo
    areas:
      hall:
        lines:
          presses:
            machines:
              p1: { idealCycleSeconds: 3, costPerHour: 77.7 }
              p2: { idealCycleSeconds: 3.3333, states: mtconnect, taktSeconds: 4 }
calendars:
  three-shift:
    shifts:
      - { name: early, start: "06:00", end: "14:00", breaks: [{ start: "09:30", end: "10:00" }] }
      - { name: late, start: "14:00", end: "22:00" }
      - { name: night, start: "22:00", end: "06:00", breaks: [{ start: "02:00", end: "02:30" }] }
  two-shift:
    shifts:
      - { name: day, start: "07:00", end: "17:00" }
      - { name: dark, start: "19:00", end: "05:00" }
products:
  cola: { idealCycleSeconds: 0.13, taktSeconds: 0.2 }
  lemon: { name: Lemon }
  pallet: { name: Pallet }
reasons:
  mechanical: { failure: true, children: { jam: { name: Jam } } }
  no-orders: { category: notPlanned }
  meeting: { category: plannedStop }
windows: [15m, 1h, 8h, shift]
`;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LENGTH_MS = 9 * HOUR_MS;

export interface LiveHistory {
  readonly seed: number;
  /** The beginning, a whole minute, so that `GET /kpis` and `oee replay` have the same period (PE-4). */
  readonly from: number;
  readonly to: number;
  /** NDJSON in the order of the log, each with its machine: the key of its record. */
  readonly lines: readonly { readonly machine: string; readonly text: string }[];
  readonly machines: readonly string[];
}

/** A history in which every machine runs at its end, so that earlier figures do not change as time passes (ST-2, TL-4). */
export function historyUntil(end: number): LiveHistory {
  const plant = plantFrom(PLANT);
  const seed = Number(process.env["OEE_SIMULATION_SEED"] ?? end % 1_000_000);
  const start = end - LENGTH_MS;
  const simulated = new PlantSimulation(plant, { seed, from: start, countEverySeconds: 20 }).nextUntil(end);
  const lines = [
    ...disturb(simulated, {
      seed,
      late: { probability: 0.01, delayMaxMs: 3 * HOUR_MS },
      doubled: 0.02,
      reordered: { probability: 0.05, within: 20 },
      malformed: 0.005,
    }),
  ];
  const machines = plant.machines.map(({ id }) => id);
  const words = [
    { state: "down", reason: "mechanical/jam" },
    { reason: "no-orders" },
    { reason: "meeting" },
    { clear: true },
    { state: "running" },
  ];
  machines.forEach((machine, m) => {
    words.forEach((word, i) => {
      const from = start + ((m * 97 + i * 131 + seed) % 480) * MINUTE_MS + i * 777;
      const correction = {
        type: "correction",
        machine,
        at: instant(end),
        id: `c${m}-${i}`,
        by: shownBy("anna"),
        from: instant(from),
        to: instant(from + (10 + i * 13) * MINUTE_MS),
        ...word,
      };
      lines.splice(Math.floor(lines.length * (0.3 + 0.15 * i)), 0, { machine, text: JSON.stringify(correction) });
    });
  });
  for (const machine of machines) {
    lines.push({ machine, text: JSON.stringify({ type: "state", machine, at: instant(end), state: "running" }) });
  }
  return { seed, from: Math.floor(start / HOUR_MS) * HOUR_MS, to: floorMinute(end), lines, machines };
}

export function floorMinute(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

export function instant(at: number): string {
  return new Date(at).toISOString();
}
