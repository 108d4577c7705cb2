/**
 * The simulated plant beside a clock: each call returns the events between the last call and what the caller's clock shows,
 * at the speed of life or faster. It has no timer of its own.
 */
import type { Plant } from "@oee/model";
import { Disturbance, type DisturbanceOptions, type OutgoingLine } from "./disturbance.ts";
import { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";

export interface LivePlantOptions extends PlantSimulationOptions {
  /** What the caller's clock shows when simulated time is `from` (epoch ms). */
  readonly startedAt: number;
  /** Simulated per real seconds; default 1. */
  readonly speed?: number;
  /** Simulated time that one `poll` covers at most; default 10 min. A large plant takes smaller steps in any case. */
  readonly pollMaxMs?: number;
  readonly disturbances?: Omit<DisturbanceOptions, "seed">;
}

const POLL_MAX_MS = 600_000;
/** Steps of machines in one `poll` at most: a few milliseconds of work, whatever the plant's size. */
const LOOKS_MAX = 50_000;
const SECOND_MS = 1000;

export class LivePlant {
  readonly #simulation: PlantSimulation;
  readonly #disturbance: Disturbance;
  readonly #options: LivePlantOptions;
  readonly #speed: number;
  readonly #pollMaxMs: number;
  #until: number;

  /** Throws `RangeError` where an option is out of range. */
  constructor(plant: Plant, options: LivePlantOptions) {
    const speed = options.speed ?? 1;
    if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed is ${speed}; expected a number above 0`);
    this.#simulation = new PlantSimulation(plant, options);
    this.#disturbance = new Disturbance({ ...options.disturbances, seed: options.seed });
    this.#options = options;
    this.#speed = speed;
    const looked = Math.max(1, Math.floor(LOOKS_MAX / Math.max(1, plant.machines.length)));
    this.#pollMaxMs = Math.min(options.pollMaxMs ?? POLL_MAX_MS, looked * (options.stepSeconds ?? 1) * SECOND_MS);
    this.#until = this.#simulation.startsAt;
  }

  /**
   * The lines of simulated time since the last call and before now, and how much simulated time is left to catch up: while
   * that is above 0, call again at once. One call is a bounded piece of work, so that a sleep of the host, and the warm-up
   * before `from`, which gives no lines, take many calls. A clock that goes back gives none until it is where it was.
   */
  poll(now: number): { readonly lines: readonly OutgoingLine[]; readonly behindMs: number } {
    const target = Math.floor(this.#options.from + (now - this.#options.startedAt) * this.#speed);
    this.#until = Math.max(this.#until, Math.min(target, this.#until + this.#pollMaxMs));
    const lines = [...this.#disturbance.push(this.#simulation.nextUntil(this.#until))];
    return { lines, behindMs: Math.max(0, target - this.#until) };
  }
}
