/**
 * The properties in which simulated machines differ: how often one fails, how fast it runs, how its controller writes events.
 * They are drawn once from the machine's own random stream, so that they do not depend on which other machines there are.
 */
import type { Machine } from "@oee/model";
import { RandomStream } from "./random-stream.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Habits {
  /** When the machine is stepped, in ms after the whole second: machines of a plant do not report at one instant. */
  readonly phaseMs: number;
  /** Its controller writes states as numbers and instants as epoch milliseconds, if its state map has numbers. */
  readonly speaksNumbers: boolean;
  /** Its controller writes the words of states in capitals with underscores. */
  readonly shouts: boolean;
  /** It reports running totals instead of deltas. */
  readonly countsTotals: boolean;
  /** Running time (ms) between failures: Weibull, by shape and characteristic life. */
  readonly failureShape: number;
  readonly failureLifeMs: number;
  /** Length of a repair: lognormal. */
  readonly repairMedianMs: number;
  /** Mean running time between short stops (exponential) and their length (lognormal). */
  readonly shortStopEveryMs: number;
  readonly shortStopMedianMs: number;
  /** Its usual speed, as a share of that of its ideal cycle. */
  readonly speed: number;
  /** Share of items that are not good the first time, and which share of these can be reworked; the others are scrap. */
  readonly defectShare: number;
  readonly reworkShare: number;
  /** Length of its setups, as a multiple of the line's. */
  readonly setupFactor: number;
  readonly startDelayMedianMs: number;
}

/**
 * Draws the habits of a machine. Machines of one `line` (its path) share a factor of reliability and of speed. The mean life
 * to a failure grows with `machinesOfLine`: a stop of one stops all, so that a long line would never run otherwise.
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
