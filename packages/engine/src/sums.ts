/**
 * Sums of rows (P-1), exact in any order: ideal times are carried as whole milliseconds and the microseconds
 * left over, for a large plant's year does not fit the whole numbers of a double in microseconds.
 */
import type { Components, PublicComponents, Row } from "@oee/model";

/** Whatever can be added: a row, or rows already summed by the store, with its rates. */
export type Summand = Components & { readonly taktUs: number | null; readonly costPerHour: number | null };

export class Sums {
  runTime = 0;
  minorStopTime = 0;
  unplannedStopTime = 0;
  setupTime = 0;
  plannedStopTime = 0;
  notPlannedTime = 0;
  unknownTime = 0;
  failureTime = 0;
  goodCount = 0;
  scrapCount = 0;
  reworkCount = 0;
  failureCount = 0;
  repairCount = 0;
  repairTime = 0;
  stopCount = 0;
  minorStopCount = 0;
  readonly ideal: ExactMicroseconds = new ExactMicroseconds();
  readonly idealGood: ExactMicroseconds = new ExactMicroseconds();
  readonly startupLoss: ExactMicroseconds = new ExactMicroseconds();
  /** Planned time (ms) by the takt (µs) in force; a takt is here if it was in force at any time that is summed. */
  readonly plannedByTakt: Map<number, number> = new Map();
  /** Unplanned stop time (ms) by cost per hour. */
  readonly unplannedByCost: Map<number, number> = new Map();

  /** Adds (`sign` 1) or takes away (−1). */
  add(row: Summand, sign: 1 | -1 = 1): this {
    this.runTime += sign * row.runTime;
    this.minorStopTime += sign * row.minorStopTime;
    this.unplannedStopTime += sign * row.unplannedStopTime;
    this.setupTime += sign * row.setupTime;
    this.plannedStopTime += sign * row.plannedStopTime;
    this.notPlannedTime += sign * row.notPlannedTime;
    this.unknownTime += sign * row.unknownTime;
    this.failureTime += sign * row.failureTime;
    this.goodCount += sign * row.goodCount;
    this.scrapCount += sign * row.scrapCount;
    this.reworkCount += sign * row.reworkCount;
    this.failureCount += sign * row.failureCount;
    this.repairCount += sign * row.repairCount;
    this.repairTime += sign * row.repairTime;
    this.stopCount += sign * row.stopCount;
    this.minorStopCount += sign * row.minorStopCount;
    this.ideal.add(sign * row.idealTimeUs);
    this.idealGood.add(sign * row.idealGoodTimeUs);
    this.startupLoss.add(sign * row.startupLossTimeUs);
    const { taktUs, costPerHour } = row;
    if (taktUs !== null && elapsedOf(row) > 0) {
      this.plannedByTakt.set(taktUs, (this.plannedByTakt.get(taktUs) ?? 0) + sign * plannedOf(row));
    }
    if (costPerHour !== null) {
      const unplanned = (this.unplannedByCost.get(costPerHour) ?? 0) + sign * row.unplannedStopTime;
      this.unplannedByCost.set(costPerHour, unplanned);
    }
    return this;
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
    this.goodCount += other.goodCount;
    this.scrapCount += other.scrapCount;
    this.reworkCount += other.reworkCount;
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
      goodCount: this.goodCount,
      scrapCount: this.scrapCount,
      reworkCount: this.reworkCount,
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

  /** From the two parts that a store keeps apart. */
  addParts(milliseconds: number, microseconds: number): void {
    this.#carry(milliseconds, 0);
    this.add(microseconds);
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

/** Planned busy time (PBT): all that is planned to work. */
export function plannedOf(row: Components): number {
  return row.runTime + row.minorStopTime + row.unplannedStopTime + row.setupTime + row.plannedStopTime;
}

/** The seven time components add up to elapsed time. */
export function elapsedOf(row: Components): number {
  return plannedOf(row) + row.notPlannedTime + row.unknownTime;
}

/** The sum of rows. */
export function sumOf(rows: Iterable<Row>): Sums {
  const sums = new Sums();
  for (const row of rows) sums.add(row);
  return sums;
}
