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
  isQuantity,
  PLACE,
  PLANNED_COMPONENT_NAMES,
  type PublicComponents,
  publicNameOf,
  QUANTITY_NAMES,
  type Row,
  RowBatch,
  type RowHead,
  TIME_COMPONENT_NAMES,
  WIDTH,
} from "@oee/model";
import { Quantities } from "./quantities.ts";
import { zeros } from "./zeros.ts";

const placesOf = (names: readonly ComponentName[]): readonly number[] => names.map((name) => PLACE[name]);
const TIME_PLACES = placesOf(TIME_COMPONENT_NAMES);
const PLANNED_PLACES = placesOf(PLANNED_COMPONENT_NAMES);
const IDEAL_PLACES = placesOf(COMPONENT_NAMES.filter((name) => COMPONENTS[name].kind === "ideal"));
/** Times and counts: what is added as it is. */
const PLAIN_PLACES = placesOf(COMPONENT_NAMES.filter((name) => /time|count/.test(COMPONENTS[name].kind)));
const US_PER_MS = 1000;
const NOTHING = zeros(WIDTH);

export class Sums {
  /** By place; ideal times in whole milliseconds, rounded down. Quantities are not here. */
  readonly #values = NOTHING.slice();
  /** By place of ideal times: 0 to 999 microseconds more. */
  readonly #microseconds = NOTHING.slice();
  readonly quantities: Quantities = new Quantities();
  /** Planned time (ms) by the takt (µs) in force; a takt is here if it was in force at any time that is summed. */
  readonly plannedByTakt: Map<number, number> = new Map();
  /** Unplanned stop time (ms) by cost per hour. */
  readonly unplannedByCost: Map<number, number> = new Map();
  /** The part of it in failures; without one a cost is not here. */
  readonly failureByCost: Map<number, number> = new Map();

  /** Adds a row, or rows that were summed before under one takt, rate and unit: `WIDTH` numbers from `at` on. */
  add(
    { taktUs, costPerHour, decimals }: Pick<RowHead, "taktUs" | "costPerHour" | "decimals">,
    values: Float64Array,
    at: number,
  ): this {
    const own = this.#values;
    for (const place of PLAIN_PLACES) own[place] = (own[place] as number) + (values[at + place] as number);
    for (const place of IDEAL_PLACES) {
      const microseconds = values[at + place] as number;
      const ms = Math.floor(microseconds / US_PER_MS);
      this.#addIdeal(place, ms, microseconds - ms * US_PER_MS);
    }
    this.quantities.add(decimals, values, at);
    if (taktUs !== null && elapsedOf(values, at) > 0) {
      let planned = 0;
      for (const place of PLANNED_PLACES) planned += values[at + place] as number;
      this.plannedByTakt.set(taktUs, (this.plannedByTakt.get(taktUs) ?? 0) + planned);
    }
    if (costPerHour !== null) {
      const unplanned = values[at + PLACE.unplannedStopTime] as number;
      this.unplannedByCost.set(costPerHour, (this.unplannedByCost.get(costPerHour) ?? 0) + unplanned);
      const failure = values[at + PLACE.failureTime] as number;
      if (failure !== 0) this.failureByCost.set(costPerHour, (this.failureByCost.get(costPerHour) ?? 0) + failure);
    }
    return this;
  }

  addRow(rows: RowBatch, row: number): this {
    return this.add(rows.headAt(row), rows.values, row * WIDTH);
  }

  addSums(other: Sums): this {
    const own = this.#values;
    for (const place of PLAIN_PLACES) own[place] = (own[place] as number) + (other.#values[place] as number);
    for (const place of IDEAL_PLACES) {
      this.#addIdeal(place, other.#values[place] as number, other.#microseconds[place] as number);
    }
    this.quantities.addAll(other.quantities);
    for (const [takt, planned] of other.plannedByTakt) {
      this.plannedByTakt.set(takt, (this.plannedByTakt.get(takt) ?? 0) + planned);
    }
    for (const [cost, unplanned] of other.unplannedByCost) {
      this.unplannedByCost.set(cost, (this.unplannedByCost.get(cost) ?? 0) + unplanned);
    }
    for (const [cost, failure] of other.failureByCost) {
      this.failureByCost.set(cost, (this.failureByCost.get(cost) ?? 0) + failure);
    }
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
    for (let place = 0; place < WIDTH; place++) {
      if (this.#values[place] !== 0 || this.#microseconds[place] !== 0) return false;
    }
    return true;
  }

  /** As the contract writes them. */
  components(): PublicComponents {
    const components: Partial<PublicComponents> = {};
    for (const name of COMPONENT_NAMES) components[publicNameOf(name)] = this.#shown(name);
    return components as PublicComponents;
  }

  #shown(name: ComponentName): number {
    if (isQuantity(name)) return this.quantities.of(name);
    const place = PLACE[name];
    return COMPONENTS[name].kind === "ideal" ? this.#milliseconds(place) : (this.#values[place] as number);
  }

  /** In milliseconds, up to three decimals: the nearest double. */
  #milliseconds(place: number): number {
    const [ms, us] = [this.#values[place] as number, this.#microseconds[place] as number];
    const whole = ms * US_PER_MS + us;
    return Number.isSafeInteger(whole) ? whole / US_PER_MS : ms + us / US_PER_MS;
  }

  #addIdeal(place: number, ms: number, us: number): void {
    const rest = (this.#microseconds[place] as number) + us;
    const carried = rest >= US_PER_MS ? 1 : 0;
    this.#microseconds[place] = rest - carried * US_PER_MS;
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
