/** Requests that wait until a correction has taken effect: until the machine's live record lists it. Bounded in number and time. */
import type { LiveRecord } from "@oee/protocol";
import { HttpProblem } from "./problems.ts";

/** `null`: the waits are closed. */
type Wake = (record: LiveRecord | null) => void;

export class CorrectionWaits {
  readonly #waitsMax: number;
  readonly #recordOf: (machine: string) => LiveRecord | null;
  readonly #waits = new Map<string, Set<Wake>>();
  #count = 0;
  #isClosed = false;

  constructor(waitsMax: number, recordOf: (machine: string) => LiveRecord | null) {
    this.#waitsMax = waitsMax;
    this.#recordOf = recordOf;
  }

  /** Takes a machine's new record, and resolves the waits for corrections that it lists. */
  take(record: LiveRecord): void {
    if (this.#count === 0) return;
    for (const wake of this.#waits.get(record.machine) ?? []) wake(record);
  }

  /** Ends all waits, without effect, and those that come later at once. */
  close(): void {
    this.#isClosed = true;
    for (const waits of this.#waits.values()) for (const wake of waits) wake(null);
  }

  /** Resolves `true` when the correction is in effect, `false` after `timeoutMs`, when the signal is aborted or the waits are closed. Throws `HttpProblem` when too many wait. */
  async wait(machine: string, id: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#recordOf(machine)?.corrections.includes(id) === true) return true;
    if (timeoutMs === 0 || signal.aborted || this.#isClosed) return false;
    if (this.#count >= this.#waitsMax) {
      throw new HttpProblem(
        "OEE_HTTP_BUSY",
        `${this.#count} requests wait for corrections already; try again in a moment`,
      );
    }
    this.#count++;
    const waits = this.#waits.get(machine) ?? new Set();
    this.#waits.set(machine, waits);
    return new Promise((resolve) => {
      const done = (inEffect: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        waits.delete(wake);
        if (waits.size === 0 && this.#waits.get(machine) === waits) this.#waits.delete(machine);
        this.#count--;
        resolve(inEffect);
      };
      const giveUp = (): void => done(false);
      const wake: Wake = (record) => {
        if (record === null) giveUp();
        else if (record.corrections.includes(id)) done(true);
      };
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener("abort", giveUp);
      waits.add(wake);
    });
  }
}
