/**
 * The additive components of machine time and output (kpi.md section 6): all that is stored and summed (P-1).
 * Times are whole milliseconds; ideal times are whole microseconds, so that sums are exact in any order (P-2).
 */
export interface Components {
  runTime: number;
  minorStopTime: number;
  unplannedStopTime: number;
  setupTime: number;
  plannedStopTime: number;
  notPlannedTime: number;
  unknownTime: number;
  failureTime: number;
  goodCount: number;
  scrapCount: number;
  reworkCount: number;
  idealTimeUs: number;
  idealGoodTimeUs: number;
  startupLossTimeUs: number;
  failureCount: number;
  repairCount: number;
  repairTime: number;
  stopCount: number;
  minorStopCount: number;
}

export const COMPONENT_NAMES: readonly (keyof Components)[] = [
  "runTime",
  "minorStopTime",
  "unplannedStopTime",
  "setupTime",
  "plannedStopTime",
  "notPlannedTime",
  "unknownTime",
  "failureTime",
  "goodCount",
  "scrapCount",
  "reworkCount",
  "idealTimeUs",
  "idealGoodTimeUs",
  "startupLossTimeUs",
  "failureCount",
  "repairCount",
  "repairTime",
  "stopCount",
  "minorStopCount",
];

/** The seven that partition elapsed time. */
export const TIME_COMPONENT_NAMES: readonly (keyof Components)[] = COMPONENT_NAMES.slice(0, 7);

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

/** Components as the contract writes them: ideal times in milliseconds, with up to three decimals, quantities in units. */
export type PublicComponents = Omit<Components, "idealTimeUs" | "idealGoodTimeUs" | "startupLossTimeUs"> & {
  idealTime: number;
  idealGoodTime: number;
  startupLossTime: number;
};

/** `null` wherever the denominator is 0 or the value is not defined for the scope (P-3, EQ-2). Formulas: kpi.md section 7. */
export interface Kpis {
  readonly availability: number | null;
  readonly performance: number | null;
  readonly quality: number | null;
  readonly oee: number | null;
  readonly nee: number | null;
  readonly teep: number | null;
  readonly loading: number | null;
  readonly mttr: number | null;
  readonly mtbf: number | null;
  readonly unplannedDowntimeShare: number | null;
  readonly downtimeFrequency: number | null;
  readonly meanStopDuration: number | null;
  readonly scrapRatio: number | null;
  readonly reworkRatio: number | null;
  readonly firstPassYield: number | null;
  readonly throughput: number | null;
  readonly coverage: number | null;
  readonly targetCount: number | null;
  readonly downtimeCost: number | null;
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
  readonly category: string;
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
