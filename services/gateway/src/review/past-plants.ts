/**
 * The plant with its past, for answers about stored rows (DI-3): who stood for a scope is what it was when its rows were
 * written. Made once for each plant and each change of structure that the log of entries tells.
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

  /** `inForce`: the whole plant. Throws `HttpProblem` while the entries are not read. */
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
