/**
 * Sums of rows (P-1), exact in any order: ideal times are carried as whole milliseconds and the microseconds
 * left over, for a large plant's year does not fit the whole numbers of a double in microseconds.
 */
import {
  type Components,
  PLACE,
  type PublicComponents,
  type Row,
  RowBatch,
  type RowHead,
  TIME_COMPONENT_NAMES,
  WIDTH,
} from "@oee/model";
import { Quantities } from "./quantities.ts";

const TIME_PLACES = TIME_COMPONENT_NAMES.map((name) => PLACE[name]);

export class Sums {
  runTime = 0;
  minorStopTime = 0;
  unplannedStopTime = 0;
  setupTime = 0;
  plannedStopTime = 0;
  notPlannedTime = 0;
  unknownTime = 0;
  failureTime = 0;
  failureCount = 0;
  repairCount = 0;
  repairTime = 0;
  stopCount = 0;
  minorStopCount = 0;
  readonly quantities: Quantities = new Quantities();
  readonly ideal: ExactMicroseconds = new ExactMicroseconds();
  readonly idealGood: ExactMicroseconds = new ExactMicroseconds();
  readonly startupLoss: ExactMicroseconds = new ExactMicroseconds();
  /** Planned time (ms) by the takt (µs) in force; a takt is here if it was in force at any time that is summed. */
  readonly plannedByTakt: Map<number, number> = new Map();
  /** Unplanned stop time (ms) by cost per hour. */
  readonly unplannedByCost: Map<number, number> = new Map();

  /** Adds a row, or rows that were summed before under one takt, rate and unit: `WIDTH` numbers from `at` on. */
  add(
    { taktUs, costPerHour, decimals }: Pick<RowHead, "taktUs" | "costPerHour" | "decimals">,
    values: Float64Array,
    at: number,
  ): this {
    const of = (component: keyof Components): number => values[at + PLACE[component]] as number;
    this.runTime += of("runTime");
    this.minorStopTime += of("minorStopTime");
    this.unplannedStopTime += of("unplannedStopTime");
    this.setupTime += of("setupTime");
    this.plannedStopTime += of("plannedStopTime");
    this.notPlannedTime += of("notPlannedTime");
    this.unknownTime += of("unknownTime");
    this.failureTime += of("failureTime");
    this.quantities.add(decimals, of("goodCount"), of("scrapCount"), of("reworkCount"));
    this.failureCount += of("failureCount");
    this.repairCount += of("repairCount");
    this.repairTime += of("repairTime");
    this.stopCount += of("stopCount");
    this.minorStopCount += of("minorStopCount");
    this.ideal.add(of("idealTimeUs"));
    this.idealGood.add(of("idealGoodTimeUs"));
    this.startupLoss.add(of("startupLossTimeUs"));
    if (taktUs !== null && elapsedOf(values, at) > 0) {
      const planned =
        of("runTime") + of("minorStopTime") + of("unplannedStopTime") + of("setupTime") + of("plannedStopTime");
      this.plannedByTakt.set(taktUs, (this.plannedByTakt.get(taktUs) ?? 0) + planned);
    }
    if (costPerHour !== null) {
      const unplanned = (this.unplannedByCost.get(costPerHour) ?? 0) + of("unplannedStopTime");
      this.unplannedByCost.set(costPerHour, unplanned);
    }
    return this;
  }

  addRow(rows: RowBatch, row: number): this {
    return this.add(rows.headAt(row), rows.values, row * WIDTH);
  }

  addSums(other: Sums): this {
    this.runTime += other.runTime;
    this.minorStopTime += other.minorStopTime;
    this.unplannedStopTime += other.unplannedStopTime;
    this.setupTime += other.setupTime;
    this.plannedStopTime += other.plannedStopTime;
    this.notPlannedTime += other.notPlannedTime;
    this.unknownTime += other.unknownTime;
    this.failureTime += other.failureTime;
    this.quantities.addAll(other.quantities);
    this.failureCount += other.failureCount;
    this.repairCount += other.repairCount;
    this.repairTime += other.repairTime;
    this.stopCount += other.stopCount;
    this.minorStopCount += other.minorStopCount;
    this.ideal.addExact(other.ideal);
    this.idealGood.addExact(other.idealGood);
    this.startupLoss.addExact(other.startupLoss);
    for (const [takt, planned] of other.plannedByTakt) {
      this.plannedByTakt.set(takt, (this.plannedByTakt.get(takt) ?? 0) + planned);
    }
    for (const [cost, unplanned] of other.unplannedByCost) {
      this.unplannedByCost.set(cost, (this.unplannedByCost.get(cost) ?? 0) + unplanned);
    }
    return this;
  }

  /** No time and nothing else was summed. */
  get isNothing(): boolean {
    const {
      quantities,
      ideal,
      idealGood,
      startupLoss,
      plannedByTakt: _takts,
      unplannedByCost: _costs,
      ...numbers
    } = this;
    const others = [quantities.good, quantities.scrap, quantities.rework];
    const ideals = [ideal.milliseconds, idealGood.milliseconds, startupLoss.milliseconds];
    return [...Object.values(numbers), ...others, ...ideals].every((value) => value === 0);
  }

  /** As the contract writes them. */
  components(): PublicComponents {
    return {
      runTime: this.runTime,
      minorStopTime: this.minorStopTime,
      unplannedStopTime: this.unplannedStopTime,
      setupTime: this.setupTime,
      plannedStopTime: this.plannedStopTime,
      notPlannedTime: this.notPlannedTime,
      unknownTime: this.unknownTime,
      failureTime: this.failureTime,
      goodCount: this.quantities.good,
      scrapCount: this.quantities.scrap,
      reworkCount: this.quantities.rework,
      idealTime: this.ideal.milliseconds,
      idealGoodTime: this.idealGood.milliseconds,
      startupLossTime: this.startupLoss.milliseconds,
      failureCount: this.failureCount,
      repairCount: this.repairCount,
      repairTime: this.repairTime,
      stopCount: this.stopCount,
      minorStopCount: this.minorStopCount,
    };
  }
}

/** A sum of whole microseconds that stays exact beyond 2^53. */
export class ExactMicroseconds {
  /** Whole milliseconds, rounded down. */
  #ms = 0;
  /** 0 to 999 microseconds more. */
  #us = 0;

  add(microseconds: number): void {
    const ms = Math.floor(microseconds / 1000);
    this.#carry(ms, microseconds - ms * 1000);
  }

  addExact(other: ExactMicroseconds): void {
    this.#carry(other.#ms, other.#us);
  }

  /** In milliseconds, up to three decimals: the nearest double. */
  get milliseconds(): number {
    const whole = this.#ms * 1000 + this.#us;
    return Number.isSafeInteger(whole) ? whole / 1000 : this.#ms + this.#us / 1000;
  }

  #carry(ms: number, us: number): void {
    const rest = this.#us + us;
    this.#us = rest >= 1000 ? rest - 1000 : rest;
    this.#ms += ms + (rest >= 1000 ? 1 : 0);
  }
}

/** The seven time components, of the numbers from `at` on, add up to elapsed time. */
export function elapsedOf(values: Float64Array, at: number): number {
  let elapsed = 0;
  for (const place of TIME_PLACES) elapsed += values[at + place] as number;
  return elapsed;
}

/** The sum of rows. */
export function sumOf(rows: Iterable<Row>): Sums {
  const batch = RowBatch.of(rows);
  const sums = new Sums();
  for (let row = 0; row < batch.length; row++) sums.addRow(batch, row);
  return sums;
}
