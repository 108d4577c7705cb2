/**
 * The plant with its past structures, for answers about stored rows (DI-3): the machines that stand for a scope are those
 * that did when the rows were written. It is made once for each plant and each entry that changes the structure.
 */
import { PlantModel } from "@oee/engine";
import { stepsGivingWay } from "@oee/pacing";
import { type EntryBook, plantAsItWasInSteps } from "@oee/review";
import type { PlantInForce } from "../options.ts";
import type { EntryLog } from "./entry-log.ts";

interface Made {
  readonly structures: number;
  readonly past: Promise<PlantInForce>;
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
    const past = pastOf(inForce, programme.book);
    // It is kept while it is made, so that all who ask meanwhile get the same plant.
    this.#made.set(inForce.plant, { structures, past });
    past.catch(() => this.#made.delete(inForce.plant));
    return past;
  }
}

async function pastOf(inForce: PlantInForce, book: EntryBook): Promise<PlantInForce> {
  const plant = await stepsGivingWay(plantAsItWasInSteps(inForce.plant, book));
  return plant === inForce.plant ? inForce : { plant, model: new PlantModel(plant) };
}
