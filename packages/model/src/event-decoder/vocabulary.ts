/** The words a plant understands: its machines' ids and, for each machine, the names of states (TL-5). */
import type { Machine, Plant, StateMap } from "../plant.ts";
import { STATE_NAMES, type StateName } from "../state.ts";

const OURS: readonly (readonly [string, StateName])[] = STATE_NAMES.map((name) => [name, name]);

export class Vocabulary {
  readonly #machineById: ReadonlyMap<string, Machine>;
  /** By `machine.index`: the machine's own words over ours. Machines with one state map share it. */
  readonly #states: readonly StateMap[];

  constructor(plant: Plant) {
    this.#machineById = plant.machineById;
    const merged = new Map<StateMap, StateMap>();
    this.#states = plant.machines.map(({ states }) => {
      const known = merged.get(states) ?? new Map([...OURS, ...states]);
      merged.set(states, known);
      return known;
    });
  }

  machine(id: string): Machine | undefined {
    return this.#machineById.get(id);
  }

  /** Our state for a machine's word, which must be normalized (`normalizeStateName`). */
  state(machine: Machine, normalized: string): StateName | undefined {
    return this.#states[machine.index]?.get(normalized);
  }
}
