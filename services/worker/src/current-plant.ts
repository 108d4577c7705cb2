/** The plant file that the worker computes by, with what is made of it: the engine's model and the decoder of events. */
import { PlantModel } from "@oee/engine";
import { EventDecoder, type Plant } from "@oee/model";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerSettings } from "./settings.ts";

export class CurrentPlant {
  readonly #settings: WorkerSettings;
  #model: PlantModel;
  #decoder: EventDecoder;

  constructor(plant: Plant, settings: WorkerSettings) {
    this.#settings = settings;
    this.#model = new PlantModel(plant);
    this.#decoder = new EventDecoder(plant, settings);
  }

  get plant(): Plant {
    return this.#model.plant;
  }

  get model(): PlantModel {
    return this.#model;
  }

  get decoder(): EventDecoder {
    return this.#decoder;
  }

  change(plant: Plant): void {
    this.#model = new PlantModel(plant);
    this.#decoder = new EventDecoder(plant, this.#settings);
  }

  /** Whether a runner computes by this plant, and not by one of before. */
  isOf(runner: MachineRunner): boolean {
    return runner.model.plant === this.plant;
  }
}
