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

  /** It is far behind: it has another turn soon, after the others, which it would keep waiting at each of its steps. */
  urgentAfterOthers(runner: MachineRunner): void {
    this.done(runner);
    this.addUrgent(runner);
  }

  allAreUrgent(): void {
    for (const runner of this.#all) this.#urgent.add(runner);
  }

  /** It need not come first: there is nothing to show of it yet. */
  isNotUrgent(runner: MachineRunner): void {
    this.#urgent.delete(runner);
  }

  /** It has been computed. */
  done(runner: MachineRunner): void {
    this.#all.delete(runner);
    this.#urgent.delete(runner);
  }
}
