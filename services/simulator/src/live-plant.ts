/**
 * The digital twin beside a clock: tells what has happened since it was last asked, as fast as life or faster.
 * It has no timer: the caller asks as often as it likes, and passes what its clock shows.
 */
import type { Plant } from "@oee/model";
import { Disturbance, type DisturbanceOptions, type OutgoingLine } from "./disturbance.ts";
import { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";

export interface LivePlantOptions extends PlantSimulationOptions {
  /** What the caller's clock shows when simulated time is `from` (epoch ms). */
  readonly startedAt: number;
  /** Simulated per real seconds; default 1. */
  readonly speed?: number;
  /** Simulated time that one `poll` covers at most, so that a sleep of the host is caught up in bounded steps; default 10 min. */
  readonly pollMaxMs?: number;
  readonly disturbances?: Omit<DisturbanceOptions, "seed">;
}

const POLL_MAX_MS = 600_000;

export class LivePlant {
  readonly #simulation: PlantSimulation;
  readonly #disturbance: Disturbance;
  readonly #options: LivePlantOptions;
  readonly #speed: number;
  #until: number;

  /** Throws `RangeError` where an option is out of range. */
  constructor(plant: Plant, options: LivePlantOptions) {
    const speed = options.speed ?? 1;
    if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed is ${speed}; expected a number above 0`);
    this.#simulation = new PlantSimulation(plant, options);
    this.#disturbance = new Disturbance({ ...options.disturbances, seed: options.seed });
    this.#options = options;
    this.#speed = speed;
    this.#until = options.from;
  }

  /**
   * The lines of the simulated time up to now (itself not in it), and how much simulated time is left to catch up:
   * above 0, ask again at once. A clock that goes back yields nothing until it is where it was.
   */
  poll(now: number): { readonly lines: readonly OutgoingLine[]; readonly behindMs: number } {
    const target = Math.floor(this.#options.from + (now - this.#options.startedAt) * this.#speed);
    this.#until = Math.max(this.#until, Math.min(target, this.#until + (this.#options.pollMaxMs ?? POLL_MAX_MS)));
    const lines = [...this.#disturbance.push(this.#simulation.nextUntil(this.#until))];
    return { lines, behindMs: Math.max(0, target - this.#until) };
  }
}
