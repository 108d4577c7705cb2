/** What the decoder asks of a plant: machines by id, and of each machine the names of its states (TL-5) and the largest quantity of a count. */
import type { Machine, Plant, StateMap } from "../plant.ts";
import { QUANTITY_MAX, quantityMaxOf } from "./bounds.ts";
import { STATE_NAMES, type StateName } from "../state.ts";

const OURS: readonly (readonly [string, StateName])[] = STATE_NAMES.map((name) => [name, name]);

/** The state that one word means, by the number of the state map; `undefined`: the map has no such word. */
export type Meanings = readonly (StateName | undefined)[];

export class Vocabulary {
  readonly #machineById: ReadonlyMap<string, Machine>;
  /** The state maps of the plant's machines, each once, with our own names of states where a map does not set them otherwise. */
  readonly #maps: readonly StateMap[];
  /** By `machine.index`: the number of its map. */
  readonly #mapOf: Uint32Array;
  /** By `machine.index`: the largest quantity of one count, in smallest units (CN-5). */
  readonly #quantityMax: Float64Array;
  /** The smallest of these bounds: a count that is within it is allowed on every machine. */
  readonly quantityMaxOfAll: number;
  /** Whether any machine's quantities have decimals (CN-5). */
  readonly hasDecimals: boolean;

  constructor(plant: Plant) {
    this.#machineById = plant.machineById;
    const maps = [...new Set(plant.machines.map(({ states }) => states))];
    const numbers = new Map(maps.map((map, i) => [map, i]));
    this.#maps = maps.map((map) => new Map([...OURS, ...map]));
    // In a part of a plant machines keep the index that they have in the whole.
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

  /** The largest quantity of one count of a machine, positive or negative, in its smallest units. */
  quantityMax(machine: Machine): number {
    return this.#quantityMax[machine.index] ?? 0;
  }

  /** The meanings of a word that `normalizeStateName` made; `stateIn` answers what they are on a machine. */
  meanings(normalized: string): Meanings {
    return this.#maps.map((map) => map.get(normalized));
  }

  stateIn(meanings: Meanings, machine: Machine): StateName | undefined {
    return meanings[this.#mapOf[machine.index] ?? 0];
  }
}
