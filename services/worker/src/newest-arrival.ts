/** The newest event of one machine that came since its last live record: when it happened and when the log got it. */
import type { LatencyMarks } from "@oee/protocol";

export class NewestArrival {
  #came = false;
  #eventAt = -Infinity;
  #loggedAt = 0;
  #marks: LatencyMarks | null = null;

  /** The marks of the last `drain` that found an event; `null`: none did. */
  get marks(): LatencyMarks | null {
    return this.#marks;
  }

  /** An event of the instant `eventAt` came, to which the log gave the time `loggedAt` (epoch ms). */
  came(eventAt: number, loggedAt: number): void {
    if (eventAt < this.#eventAt) return;
    this.#came = true;
    this.#eventAt = eventAt;
    this.#loggedAt = loggedAt;
  }

  /** When it happened, was logged and was computed (epoch ms), once; `null`: none came since the last call. */
  drain(computedAt: number): LatencyMarks | null {
    if (!this.#came) return null;
    this.#came = false;
    this.#marks = { eventAt: this.#eventAt, loggedAt: this.#loggedAt, computedAt };
    return this.#marks;
  }
}
