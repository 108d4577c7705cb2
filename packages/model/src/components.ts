/**
 * The catalogue of additive components of machine time and output (packages/engine/SPEC.md, section 6): all that is stored and summed (P-1).
 * Types, places in a row, columns, schemas and exports follow from this one table; only a component's rule stands elsewhere.
 */
import type { Kpis } from "./kpis.ts";
import type { Category } from "./state.ts";

/** What a component is a sum of, and in which unit a row holds it. */
export type ComponentKind =
  /** Time, in whole milliseconds. */
  | "time"
  /** Pieces and the like, in whole numbers of the machine's smallest unit (CN-5). */
  | "quantity"
  /** Planned run time of quantities, in whole microseconds, so that sums are exact in any order (P-2). */
  | "ideal"
  /** How many. */
  | "count";

interface ComponentSpec {
  readonly kind: ComponentKind;
  /** Part of the seven that make up elapsed time, and if so whether of planned time (PBT). */
  readonly elapsed: "planned" | "other" | null;
  readonly meaning: string;
}

/** In the order in which a row holds them. The parts of elapsed time come first, of these those of planned time. */
export const COMPONENTS = {
  runTime: { kind: "time", elapsed: "planned", meaning: "production (actual production time, APT)" },
  minorStopTime: { kind: "time", elapsed: "planned", meaning: "minor stops" },
  unplannedStopTime: { kind: "time", elapsed: "planned", meaning: "stops that are not minor" },
  setupTime: { kind: "time", elapsed: "planned", meaning: "setup (AUST) in scheduled time" },
  plannedStopTime: { kind: "time", elapsed: "planned", meaning: "planned stops in scheduled time" },
  notPlannedTime: { kind: "time", elapsed: "other", meaning: "breaks, no demand, unscheduled" },
  unknownTime: { kind: "time", elapsed: "other", meaning: "no data in scheduled time" },
  failureTime: { kind: "time", elapsed: null, meaning: "the part of unplannedStopTime inside failures" },
  goodCount: { kind: "quantity", elapsed: null, meaning: "good quantity (GQ)" },
  scrapCount: { kind: "quantity", elapsed: null, meaning: "scrap (SQ)" },
  reworkCount: { kind: "quantity", elapsed: null, meaning: "rework (RQ): produced, but not good the first time" },
  idealTimeUs: { kind: "ideal", elapsed: null, meaning: "sum of PRI × (good + scrap + rework)" },
  idealGoodTimeUs: { kind: "ideal", elapsed: null, meaning: "sum of PRI × good" },
  startupLossTimeUs: { kind: "ideal", elapsed: null, meaning: "sum of PRI × (scrap + rework) marked startup" },
  failureCount: { kind: "count", elapsed: null, meaning: "failures that began (ST-3)" },
  repairCount: { kind: "count", elapsed: null, meaning: "repairs that ended (ST-3)" },
  repairTime: { kind: "time", elapsed: null, meaning: "how long they took" },
  stopCount: { kind: "count", elapsed: null, meaning: "stops that are not minor, where they began (ST-4)" },
  minorStopCount: { kind: "count", elapsed: null, meaning: "minor stops, where they began (ST-4)" },
} as const;

/** Holds the table to what a component says of itself. */
type Catalogue<Table extends Readonly<Record<string, ComponentSpec>>> = Table;

export type ComponentName = keyof Catalogue<typeof COMPONENTS>;

/** Names of one kind. */
export type ComponentOf<K extends ComponentKind> = {
  [Name in ComponentName]: (typeof COMPONENTS)[Name]["kind"] extends K ? Name : never;
}[ComponentName];

/** Time (ms), quantities (smallest units), ideal times (µs) and counts. */
export type Components = { [Name in ComponentName]: number };

export const COMPONENT_NAMES: readonly ComponentName[] = Object.keys(COMPONENTS) as ComponentName[];

/** The seven that partition elapsed time. */
export const TIME_COMPONENT_NAMES: readonly ComponentName[] = COMPONENT_NAMES.filter(
  (name) => COMPONENTS[name].elapsed !== null,
);

/** Those of them that are planned time (PBT), the denominator of most KPIs. */
export const PLANNED_COMPONENT_NAMES: readonly ComponentName[] = COMPONENT_NAMES.filter(
  (name) => COMPONENTS[name].elapsed === "planned",
);

/** Those of which a row holds whole numbers of the machine's smallest unit (CN-5). */
export const QUANTITY_NAMES: readonly ComponentOf<"quantity">[] = COMPONENT_NAMES.filter(isQuantity);

export function isQuantity(name: ComponentName): name is ComponentOf<"quantity"> {
  return COMPONENTS[name].kind === "quantity";
}

/**
 * One row: what one machine did within one cell of time, for one product and shift.
 * Stored rows have cells of one UTC minute (PE-1). Key: machine, from, product, shift, shiftDate.
 */
export interface Row extends Components {
  readonly machine: string;
  /** Start of the cell (ms). */
  readonly from: number;
  readonly product: string | null;
  readonly shift: string | null;
  /** Local date on which the shift starts, `yyyy-mm-dd` (CA-2). */
  readonly shiftDate: string | null;
  /** The takt in force (µs): the product's, else the machine's. */
  readonly taktUs: number | null;
  /** The machine's rate in force, for `downtimeCost`. */
  readonly costPerHour: number | null;
  /** Its quantities are whole numbers of `10^-decimals` units (CN-5). */
  readonly decimals: number;
}

/** A component's name where people and programs read it: ideal times are in milliseconds there. */
export type PublicComponentName<Name extends ComponentName = ComponentName> = Name extends `${infer Time}Us`
  ? Time
  : Name;

/** Components as the contract writes them: ideal times in milliseconds, with up to three decimals, quantities in units. */
export type PublicComponents = { [Name in PublicComponentName]: number };

export function publicNameOf(name: ComponentName): PublicComponentName {
  return name.replace(/Us$/, "") as PublicComponentName;
}

/** In the order in which a row holds them. */
export const PUBLIC_COMPONENT_NAMES: readonly PublicComponentName[] = COMPONENT_NAMES.map(publicNameOf);

/** Planned time (PBT) of components as the contract writes them, in ms. */
export function plannedTimeOf(components: PublicComponents): number {
  let planned = 0;
  for (const name of PLANNED_COMPONENT_NAMES) planned += components[publicNameOf(name)];
  return planned;
}

/** One answer about one scope and period, as `oee replay --format json` and `GET /kpis` give it. */
export interface Element {
  readonly scope: string;
  readonly from: number;
  readonly to: number;
  readonly product: string | null;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  /** Who works the shift, where all machines that have it agree (CA-6). */
  readonly crew: string | null;
  readonly components: PublicComponents;
  readonly kpis: Kpis;
}

/** One segment of a stop (ST-5), as `oee replay --stops` and `GET /stops` give it. Instants and durations are ms. */
export interface StopSegment {
  readonly machine: string;
  /** Identifies the stop: the machine and the stop's start. */
  readonly stop: string;
  readonly from: number;
  readonly to: number;
  readonly state: string;
  readonly reason: string | null;
  readonly category: Category;
  readonly failure: boolean;
  readonly minor: boolean;
  readonly duration: number;
  readonly scheduledDuration: number;
  /** Whether it goes on where knowledge ends. */
  readonly open: boolean;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  readonly crew: string | null;
  readonly product: string | null;
  readonly correctedBy: string | null;
}

/** Whether a machine's running total of an instant (epoch ms) is doubted (CN-8), one for each quantity that it holds. */
export interface DoubtedTotal {
  readonly machine: string;
  readonly at: number;
  readonly quantity: "good" | "scrap" | "rework" | "produced";
  /** `false`: it is not, or not any more. */
  readonly doubted: boolean;
}
