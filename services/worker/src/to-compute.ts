/**
 * The machines of one partition that must be computed, because events came for them or something else of them changed.
 * Urgent are those that a screen shows or a correction waits for; they are computed first.
 */
import type { MachineRunner } from "./machine-runner.ts";

export class ToCompute {
  readonly #all: Set<MachineRunner> = new Set();
  readonly #urgent: Set<MachineRunner> = new Set();

  /** In the order in which they were added. */
  get all(): ReadonlySet<MachineRunner> {
    return this.#all;
  }

  get urgent(): ReadonlySet<MachineRunner> {
    return this.#urgent;
  }

  add(runner: MachineRunner): void {
    this.#all.add(runner);
  }

  addUrgent(runner: MachineRunner): void {
    this.#all.add(runner);
    this.#urgent.add(runner);
  }

  /** Puts a machine that is far behind at the end of the urgent ones: it has another turn soon, and does not keep the others waiting at each of its steps. */
  urgentAfterOthers(runner: MachineRunner): void {
    this.done(runner);
    this.addUrgent(runner);
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
    this.#urgent.delete(runner);
  }
}
