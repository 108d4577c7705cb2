/**
 * Sums of rows (P-1), exact in any order: ideal times are carried as whole milliseconds and the microseconds
 * left over, for a large plant's year does not fit the whole numbers of a double in microseconds.
 */
import {
  COMPONENT_NAMES,
  type ComponentName,
  type ComponentOf,
  type Components,
  COMPONENTS,
  PLACE,
  PLANNED_COMPONENT_NAMES,
  type PublicComponents,
  QUANTITY_NAMES,
  type Row,
  RowBatch,
  type RowHead,
  TIME_COMPONENT_NAMES,
  WIDTH,
} from "@oee/model";
import type { SumNumbers } from "./machine-sum.ts";
import { Quantities } from "./quantities.ts";
import { TimeByRate } from "./time-by-rate.ts";
import { zeros } from "./zeros.ts";

const placesOf = (names: readonly ComponentName[]): readonly number[] => names.map((name) => PLACE[name]);
const TIME_PLACES = placesOf(TIME_COMPONENT_NAMES);
const PLANNED_PLACES = placesOf(PLANNED_COMPONENT_NAMES);
const IDEAL_NAMES = COMPONENT_NAMES.filter((name) => COMPONENTS[name].kind === "ideal");
const IDEAL_PLACES = placesOf(IDEAL_NAMES);
const IDEALS = IDEAL_PLACES.length;
/** Times and counts: what is added as it is. */
const PLAIN_PLACES = placesOf(COMPONENT_NAMES.filter((name) => /time|count/.test(COMPONENTS[name].kind)));
const US_PER_MS = 1000;
const NOTHING = zeros(WIDTH);
const NO_MICROSECONDS = zeros(IDEALS);
/** Which of the ideal times each is. */
const IDEAL = Object.fromEntries(IDEAL_NAMES.map((name, i) => [name, i])) as Readonly<
  Record<ComponentOf<"ideal">, number>
>;
/** Numbers that are on their way into a sum. */
const ADDING = new Float64Array(WIDTH);

export class Sums {
  /** By place; ideal times in whole milliseconds, rounded down. Quantities are not here. */
  readonly #values = NOTHING.slice();
  /** Of each ideal time, in the order of their places: 0 to 999 microseconds more. */
  readonly #microseconds = NO_MICROSECONDS.slice();
  readonly quantities: Quantities = new Quantities();
  /** Planned time by the takt (µs) in force; a takt is here if it was in force at any time that is summed. */
  readonly plannedByTakt: TimeByRate = new TimeByRate();
  /** Unplanned stop time by cost per hour. */
  readonly unplannedByCost: TimeByRate = new TimeByRate();
  /** The part of it in failures; without one a cost is not here. */
  readonly failureByCost: TimeByRate = new TimeByRate();

  /** Adds a row, or rows that were summed before under one takt, rate and unit: `WIDTH` numbers from `at` on. */
  add(
    { taktUs, costPerHour, decimals }: Pick<RowHead, "taktUs" | "costPerHour" | "decimals">,
    values: Float64Array,
    at: number,
  ): this {
    const own = this.#values;
    for (const place of PLAIN_PLACES) own[place] = (own[place] as number) + (values[at + place] as number);
    for (let ideal = 0; ideal < IDEALS; ideal++) {
      const microseconds = values[at + (IDEAL_PLACES[ideal] as number)] as number;
      const ms = Math.floor(microseconds / US_PER_MS);
      this.#addIdeal(ideal, ms, microseconds - ms * US_PER_MS);
    }
    this.quantities.add(decimals, values, at);
    if (taktUs !== null && elapsedOf(values, at) > 0) {
      let planned = 0;
      for (const place of PLANNED_PLACES) planned += values[at + place] as number;
      this.plannedByTakt.add(taktUs, planned);
    }
    if (costPerHour !== null) {
      this.unplannedByCost.add(costPerHour, values[at + PLACE.unplannedStopTime] as number);
      const failure = values[at + PLACE.failureTime] as number;
      if (failure !== 0) this.failureByCost.add(costPerHour, failure);
    }
    return this;
  }

  /** Nothing is summed any more. */
  clear(): this {
    for (let place = 0; place < WIDTH; place++) this.#values[place] = 0;
    for (let ideal = 0; ideal < IDEALS; ideal++) this.#microseconds[ideal] = 0;
    this.quantities.clear();
    for (const times of [this.plannedByTakt, this.unplannedByCost, this.failureByCost]) times.clear();
    return this;
  }

  /** Adds a window of one machine, in its unit and under its rate. Numbers that are missing are 0. */
  addNumbers({ components, plannedByTakt }: SumNumbers, costPerHour: number | null, decimals: number): this {
    for (let place = 0; place < WIDTH; place++) ADDING[place] = components[place] ?? 0;
    this.add({ taktUs: null, costPerHour, decimals }, ADDING, 0);
    for (const [taktUs, plannedMs] of plannedByTakt) this.plannedByTakt.add(taktUs, plannedMs);
    return this;
  }

  addRow(rows: RowBatch, row: number): this {
    return this.add(rows.headAt(row), rows.values, row * WIDTH);
  }

  addSums(other: Sums): this {
    const own = this.#values;
    for (const place of PLAIN_PLACES) own[place] = (own[place] as number) + (other.#values[place] as number);
    for (let ideal = 0; ideal < IDEALS; ideal++) {
      const ms = other.#values[IDEAL_PLACES[ideal] as number] as number;
      this.#addIdeal(ideal, ms, other.#microseconds[ideal] as number);
    }
    this.quantities.addAll(other.quantities);
    this.plannedByTakt.addAll(other.plannedByTakt);
    this.unplannedByCost.addAll(other.unplannedByCost);
    this.failureByCost.addAll(other.failureByCost);
    return this;
  }

  /** Times in ms, counts as numbers. */
  of(component: ComponentOf<"time" | "count">): number {
    return this.#values[PLACE[component]] as number;
  }

  /** Planned time (PBT), in ms. */
  get planned(): number {
    let planned = 0;
    for (const place of PLANNED_PLACES) planned += this.#values[place] as number;
    return planned;
  }

  /** No time and nothing else was summed. */
  get isNothing(): boolean {
    if (QUANTITY_NAMES.some((name) => this.quantities.of(name) !== 0)) return false;
    return this.#values.every((value) => value === 0) && this.#microseconds.every((value) => value === 0);
  }

  /** As the contract writes them. */
  components(): PublicComponents {
    const { quantities } = this;
    // Name by name: put together in a loop it took five times as long.
    return {
      runTime: this.of("runTime"),
      minorStopTime: this.of("minorStopTime"),
      unplannedStopTime: this.of("unplannedStopTime"),
      setupTime: this.of("setupTime"),
      plannedStopTime: this.of("plannedStopTime"),
      notPlannedTime: this.of("notPlannedTime"),
      unknownTime: this.of("unknownTime"),
      failureTime: this.of("failureTime"),
      goodCount: quantities.of("goodCount"),
      scrapCount: quantities.of("scrapCount"),
      reworkCount: quantities.of("reworkCount"),
      idealTime: this.#milliseconds(IDEAL.idealTimeUs),
      idealGoodTime: this.#milliseconds(IDEAL.idealGoodTimeUs),
      startupLossTime: this.#milliseconds(IDEAL.startupLossTimeUs),
      failureCount: this.of("failureCount"),
      repairCount: this.of("repairCount"),
      repairTime: this.of("repairTime"),
      stopCount: this.of("stopCount"),
      minorStopCount: this.of("minorStopCount"),
    };
  }

  /** An ideal time in milliseconds, up to three decimals: the nearest double. */
  #milliseconds(ideal: number): number {
    const ms = this.#values[IDEAL_PLACES[ideal] as number] as number;
    const us = this.#microseconds[ideal] as number;
    const whole = ms * US_PER_MS + us;
    return Number.isSafeInteger(whole) ? whole / US_PER_MS : ms + us / US_PER_MS;
  }

  #addIdeal(ideal: number, ms: number, us: number): void {
    const place = IDEAL_PLACES[ideal] as number;
    const rest = (this.#microseconds[ideal] as number) + us;
    const carried = rest >= US_PER_MS ? 1 : 0;
    this.#microseconds[ideal] = rest - carried * US_PER_MS;
    this.#values[place] = (this.#values[place] as number) + ms + carried;
  }
}

/** The seven time components, of the numbers from `at` on, add up to elapsed time. */
export function elapsedOf(values: Float64Array, at: number): number {
  let elapsed = 0;
  for (const place of TIME_PLACES) elapsed += values[at + place] as number;
  return elapsed;
}

/** A sum with these components, as rows hold them, with quantities in units of `10^-decimals`; the others are 0. */
export function sumsWith(components: Partial<Components>, decimals: number = 0): Sums {
  const values = Float64Array.from(COMPONENT_NAMES, (name) => components[name] ?? 0);
  return new Sums().add({ taktUs: null, costPerHour: null, decimals }, values, 0);
}

/** The sum of rows. */
export function sumOf(rows: Iterable<Row>): Sums {
  const batch = RowBatch.of(rows);
  const sums = new Sums();
  for (let row = 0; row < batch.length; row++) sums.addRow(batch, row);
  return sums;
}
