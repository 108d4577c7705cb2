/**
 * Small plants for the oracle's tests, each with one machine, `site/area/line/m`. A plant file is an object (JSON is YAML), so that
 * one that fails can be read, shrunk and kept.
 */
import {
  type Category,
  formatProblem,
  type Machine,
  type Plant,
  type PlantEvent,
  parsePlant,
  type StateName,
} from "@oee/model";

export interface ShiftFile {
  readonly name: string;
  readonly days?: string;
  readonly cycle?: { readonly start: string; readonly days: number; readonly on: readonly number[] };
  readonly crew?: string;
  readonly start: string;
  readonly end: string;
  readonly breaks?: readonly { readonly start: string; readonly end: string }[];
}

export interface CalendarFile {
  readonly shifts: readonly ShiftFile[];
  readonly exceptions?: readonly (({ readonly date: string } | { readonly from: string; readonly to: string }) &
    ({ readonly closed: true } | { readonly shifts: readonly ShiftFile[] }))[];
}

interface ReasonFile {
  readonly category?: Category;
  readonly failure?: boolean;
  readonly children?: Readonly<Record<string, ReasonFile>>;
}

/** The settings that tests vary. Durations are texts as in the plant file. */
export interface SmallPlant {
  readonly timezone?: string;
  /** `null`: all time is scheduled. */
  readonly calendar?: CalendarFile | null;
  readonly idealCycleSeconds?: number | null;
  readonly taktSeconds?: number;
  readonly staleAfter?: string;
  readonly minorStopThreshold?: string | 0;
  readonly rolloverAt?: number;
  readonly overtime?: "count" | "ignore";
  readonly costPerHour?: number;
  readonly decimals?: number;
  readonly piecesPerCount?: number;
  readonly maxRatePerHour?: number;
  readonly pulseGap?: string;
  readonly products?: Readonly<
    Record<
      string,
      { readonly idealCycleSeconds?: number; readonly taktSeconds?: number; readonly piecesPerCount?: number }
    >
  >;
  readonly categories?: Partial<Record<StateName, Category>>;
  readonly reasons?: Readonly<Record<string, ReasonFile>>;
}

/** A decoded event without its machine. */
export type BareEvent = PlantEvent extends infer E ? (E extends PlantEvent ? Omit<E, "machine"> : never) : never;

export const state = (
  at: number,
  name: StateName,
  reason: string | null = null,
  id: string | null = null,
): BareEvent => ({
  type: "state",
  at,
  id,
  state: name,
  reason,
});

export interface Quantities {
  readonly good?: number;
  readonly scrap?: number;
  readonly rework?: number;
  readonly startup?: boolean;
  /** Only of a total (CN-7). */
  readonly produced?: number;
  /** The product that the event names (CN-9). */
  readonly product?: string;
}

export const count = (at: number, q: Quantities, id: string | null = null): BareEvent => ({
  type: "count",
  at,
  id,
  good: q.good ?? null,
  scrap: q.scrap ?? null,
  rework: q.rework ?? null,
  startup: q.startup ?? false,
  product: q.product ?? null,
  order: null,
});

export const total = (at: number, q: Quantities, id: string | null = null): BareEvent => ({
  type: "total",
  at,
  id,
  good: q.good ?? null,
  scrap: q.scrap ?? null,
  rework: q.rework ?? null,
  produced: q.produced ?? null,
  startup: q.startup ?? false,
  product: q.product ?? null,
  order: null,
});

export const job = (
  at: number,
  product: string,
  idealCycleUs: number | null = null,
  id: string | null = null,
  piecesPerCount: number | null = null,
): BareEvent => ({
  type: "job",
  at,
  id,
  product,
  order: null,
  idealCycleUs,
  piecesPerCount,
});

export const correction = (
  from: number,
  to: number,
  what: { readonly state?: StateName; readonly reason?: string; readonly clear?: true; readonly by?: string },
  id: string | null = null,
): BareEvent => ({
  type: "correction",
  at: to,
  id,
  from,
  to,
  state: what.state ?? null,
  reason: what.reason ?? null,
  clear: what.clear ?? false,
  by: what.by ?? null,
  note: null,
});

export function plantOf(small: SmallPlant): Plant {
  const result = parsePlant(plantText(small), "plant.yaml");
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.plant;
}

/** The plant file, as YAML. */
function plantText(small: SmallPlant): string {
  const { timezone = "UTC", calendar = null, products = {}, categories = {}, reasons = {}, ...machine } = small;
  return JSON.stringify(
    {
      enterprise: "test",
      timezone,
      sites: {
        site: {
          calendar: calendar === null ? "always" : "c",
          areas: { area: { lines: { line: { machines: { m: { idealCycleSeconds: 1, ...machine } } } } } },
        },
      },
      calendars: calendar === null ? {} : { c: calendar },
      products,
      categories,
      reasons,
    },
    null,
    1,
  );
}

/** Gives events their machine. */
export function eventsOf(machine: Machine, bare: readonly BareEvent[]): PlantEvent[] {
  return bare.map((event) => ({ ...event, machine }));
}

export function machineOf(plant: Plant): Machine {
  const machine = plant.machines[0];
  if (machine === undefined) throw new Error("a small plant has one machine");
  return machine;
}
