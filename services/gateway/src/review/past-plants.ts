/**
 * The plant with its past structures, for answers about stored rows (DI-3): the machines that stand for a scope are those
 * that did when the rows were written. It is made once for each plant and each entry that changes the structure.
 */
import { PlantModel } from "@oee/engine";
import { plantAsItWas } from "@oee/review";
import type { PlantInForce } from "../options.ts";
import type { EntryLog } from "./entry-log.ts";

interface Made {
  readonly structures: number;
  readonly past: PlantInForce;
}

export class PastPlants {
  readonly #entries: EntryLog;
  readonly #made = new WeakMap<object, Made>();

  constructor(entries: EntryLog) {
    this.#entries = entries;
  }

  /** The past of the whole plant in force. Throws `HttpProblem` while the entries are not read. */
  async of(inForce: PlantInForce): Promise<PlantInForce> {
    const { programme } = await this.#entries.programmeOf(inForce.plant);
    const structures = programme.book.structures().length;
    const known = this.#made.get(inForce.plant);
    if (known?.structures === structures) return known.past;
    const plant = plantAsItWas(inForce.plant, programme.book);
    const past = plant === inForce.plant ? inForce : { plant, model: new PlantModel(plant) };
    this.#made.set(inForce.plant, { structures, past });
    return past;
  }
}
