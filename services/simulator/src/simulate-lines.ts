/** A span of simulated time as lines of NDJSON, disturbed on request. */
import type { Plant } from "@oee/model";
import { type DisturbanceOptions, disturb } from "./disturbance.ts";
import { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";

export interface SimulateLinesOptions extends PlantSimulationOptions {
  /** End of the simulated span (epoch ms), itself not in it. */
  readonly to: number;
  /** Disturbances of the lines, seeded by `seed` as well. */
  readonly disturbances?: Omit<DisturbanceOptions, "seed">;
}

/** The lines, without line ends, computed as they are taken. Throws `RangeError` where an option is out of range. */
export function* simulateLines(plant: Plant, options: SimulateLinesOptions): Generator<string, void, undefined> {
  const events = new PlantSimulation(plant, options).nextUntil(options.to);
  if (options.disturbances === undefined) {
    for (const event of events) yield JSON.stringify(event);
  } else {
    for (const line of disturb(events, { ...options.disturbances, seed: options.seed })) yield line.text;
  }
}
