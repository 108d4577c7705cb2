/**
 * The machines of one partition that must be computed, because events came for them or something else of them changed.
 * Urgent are those that a screen shows or a correction waits for; they are computed first.
 */
import type { MachineRunner } from "./machine-runner.ts";

/**
 * While its partition catches up, a machine is computed in steps of at least this much time: most rows are then stored
 * once, when they are final.
 */
const CATCH_UP_STEP_MS = 5 * 60_000;

export class ToCompute {
  readonly #all: Set<MachineRunner> = new Set();
  readonly #goneOn: Set<MachineRunner> = new Set();
  readonly #urgent: Set<MachineRunner> = new Set();

  /** In the order in which they were added. */
  get all(): ReadonlySet<MachineRunner> {
    return this.#all;
  }

  get urgent(): ReadonlySet<MachineRunner> {
    return this.#urgent;
  }

  /** Those whose newest event, when they were last added by `addCatchingUp`, was a step of catching up ahead: of thousands of machines few. */
  get goneOn(): ReadonlySet<MachineRunner> {
    return this.#goneOn;
  }

  add(runner: MachineRunner): void {
    this.#all.add(runner);
  }

  /** As `add`, while its partition catches up: only machines that have gone on by a step are computed. */
  addCatchingUp(runner: MachineRunner): void {
    this.#all.add(runner);
    if (runner.engine.lastEventAt - runner.reached >= CATCH_UP_STEP_MS) this.#goneOn.add(runner);
  }

  addUrgent(runner: MachineRunner): void {
    this.#all.add(runner);
    this.#urgent.add(runner);
  }

  /** Puts a machine that is far behind at the end of the urgent ones: it has another turn soon, and does not keep the others waiting at each of its steps. */
  urgentAfterOthers(runner: MachineRunner): void {
    const goneOn = this.#goneOn.has(runner);
    this.done(runner);
    this.addUrgent(runner);
    if (goneOn) this.#goneOn.add(runner);
  }

  /** Puts a machine behind the others, be it urgent or not. */
  afterOthers(runner: MachineRunner): void {
    const isUrgent = this.#urgent.has(runner);
    this.done(runner);
    if (isUrgent) this.addUrgent(runner);
    else this.add(runner);
  }

  /** Makes all that are here urgent. */
  makeAllUrgent(): void {
    for (const runner of this.#all) this.#urgent.add(runner);
  }

  /** The machine stays, and need not come first: there is nothing to show of it yet. */
  removeUrgency(runner: MachineRunner): void {
    this.#urgent.delete(runner);
  }

  /** Removes a machine that has been computed. */
  done(runner: MachineRunner): void {
    this.#all.delete(runner);
    this.#goneOn.delete(runner);
    this.#urgent.delete(runner);
  }
}
