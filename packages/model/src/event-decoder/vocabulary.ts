/** What a plant understands: its machines' ids and, for each machine, the names of states (TL-5) and how much a count may bring. */
import type { Machine, Plant, StateMap } from "../plant.ts";
import { QUANTITY_MAX, quantityMaxOf } from "./bounds.ts";
import { STATE_NAMES, type StateName } from "../state.ts";

const OURS: readonly (readonly [string, StateName])[] = STATE_NAMES.map((name) => [name, name]);

/** What one word means to each of the plant's vocabularies; by the number of the vocabulary. */
export type Meanings = readonly (StateName | undefined)[];

export class Vocabulary {
  readonly #machineById: ReadonlyMap<string, Machine>;
  /** Each state map of the plant over our own names. Machines with one state map share it. */
  readonly #maps: readonly StateMap[];
  /** By `machine.index`: the number of its map. */
  readonly #mapOf: Uint32Array;
  /** By `machine.index`. */
  readonly #quantityMax: Float64Array;
  /** What a count of any machine may bring, so that most counts are judged without looking at their machine. */
  readonly quantityMaxOfAll: number;
  /** Whether any machine's quantities have decimals (CN-5). */
  readonly hasDecimals: boolean;

  constructor(plant: Plant) {
    this.#machineById = plant.machineById;
    const maps = [...new Set(plant.machines.map(({ states }) => states))];
    const numbers = new Map(maps.map((map, i) => [map, i]));
    this.#maps = maps.map((map) => new Map([...OURS, ...map]));
    // A part of a plant keeps the places that its machines have in the whole.
    const places = plant.machines.reduce((most, { index }) => Math.max(most, index + 1), 0);
    this.#quantityMax = new Float64Array(places);
    this.#mapOf = new Uint32Array(places);
    for (const machine of plant.machines) {
      this.#quantityMax[machine.index] = quantityMaxOf(machine);
      this.#mapOf[machine.index] = numbers.get(machine.states) ?? 0;
    }
    this.quantityMaxOfAll = this.#quantityMax.reduce((least, max) => Math.min(least, max), QUANTITY_MAX);
    this.hasDecimals = plant.machines.some(({ decimals }) => decimals > 0);
  }

  machine(id: string): Machine | undefined {
    return this.#machineById.get(id);
  }

  /** The largest quantity of one count of a machine, either way. */
  quantityMax(machine: Machine): number {
    return this.#quantityMax[machine.index] ?? 0;
  }

  /** What a word, normalized (`normalizeStateName`), means on each machine: ask `stateIn`. */
  meanings(normalized: string): Meanings {
    return this.#maps.map((map) => map.get(normalized));
  }

  stateIn(meanings: Meanings, machine: Machine): StateName | undefined {
    return meanings[this.#mapOf[machine.index] ?? 0];
  }
}
