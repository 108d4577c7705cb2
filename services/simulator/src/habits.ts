/**
 * The properties in which simulated machines differ: how often one fails, how fast it runs, how its controller writes events.
 * They are drawn once from the machine's own random stream, so that they do not depend on which other machines there are.
 */
import type { Machine } from "@oee/model";
import { RandomStream } from "./random-stream.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Habits {
  /** Place within the second at which this machine is looked at. */
  readonly phaseMs: number;
  /** Its controller gives numbers for states and epoch milliseconds for instants, where its vocabulary has numbers. */
  readonly speaksNumbers: boolean;
  /** Its words come in capitals with underscores. */
  readonly shouts: boolean;
  /** It reports running totals instead of deltas. */
  readonly countsTotals: boolean;
  /** Weibull, in running time. */
  readonly failureShape: number;
  readonly failureLifeMs: number;
  /** Lognormal. */
  readonly repairMedianMs: number;
  /** Mean running time between short stops (exponential) and their length (lognormal). */
  readonly shortStopEveryMs: number;
  readonly shortStopMedianMs: number;
  /** Its usual speed as a share of the ideal. */
  readonly speed: number;
  /** Share of items that are not good the first time, and the share of those that can be reworked. */
  readonly defectShare: number;
  readonly reworkShare: number;
  /** Length of its setups compared to the line's. */
  readonly setupFactor: number;
  readonly startDelayMedianMs: number;
}

/**
 * `line`: the path of its line, whose luck its machines share; `machinesOfLine`: in a long line each machine must be
 * the more reliable, or the line would never run.
 */
export function habitsOf(seed: string | number, machine: Machine, line: string, machinesOfLine: number): Habits {
  const random = new RandomStream(seed, machine.id, "habits");
  const luck = new RandomStream(seed, line, "luck");
  const reliability = luck.lognormal(1, 0.4);
  const speed = luck.between(0.91, 0.98);
  return {
    phaseMs: random.whole(0, 999),
    speaksNumbers: random.chance(0.5),
    shouts: random.chance(0.5),
    countsTotals: random.chance(0.4) || machine.rolloverAt !== null,
    failureShape: random.between(0.9, 1.8),
    failureLifeMs: random.lognormal(3.2 * HOUR_MS, 0.35) * Math.max(2, machinesOfLine) * reliability,
    repairMedianMs: random.between(8, 16) * MINUTE_MS,
    shortStopEveryMs: random.lognormal(30 * MINUTE_MS, 0.45) * reliability,
    shortStopMedianMs: random.between(20, 50) * 1000,
    speed: speed + random.between(-0.03, 0.03),
    defectShare: random.lognormal(0.013, 0.6),
    reworkShare: random.chance(0.5) ? random.between(0.1, 0.4) : 0,
    setupFactor: random.between(0.6, 1.1),
    startDelayMedianMs: random.between(40, 180) * 1000,
  };
}
