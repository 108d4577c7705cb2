/** The plant file that the worker computes by, with what is made of it: the engine's model and the decoder of events. */
import { PlantModel } from "@oee/engine";
import { EventDecoder, type Machine, type Plant } from "@oee/model";
import { MachineRunner } from "./machine-runner.ts";
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

  /** A runner of a machine without a past. */
  newRunner(machine: Machine, partition: number): MachineRunner {
    return new MachineRunner(this.#model.machine(machine), partition, this.#settings);
  }
}
