/**
 * Lets long work give way to whatever else waits for the event loop, so that live figures never wait for an answer: it has
 * the event loop for a slice, and goes on when that has had time to spare, or has been busy with others for long.
 */
import { type EventLoopUtilization, performance } from "node:perf_hooks";

const SLICE_MS = 4;
/** The least that is left of a busy event loop is a slice in so many. */
const SLICES_OF_OTHERS_MAX = 8;
const SPARE_MS = 1;

export class GiveWay {
  #since = performance.now();

  /** Whether it is time to. */
  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Resolves when others have had their turn. */
  async now(): Promise<void> {
    const before: EventLoopUtilization = performance.eventLoopUtilization();
    for (let slices = 0; slices < SLICES_OF_OTHERS_MAX; slices++) {
      await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
      if (performance.eventLoopUtilization(before).idle >= SPARE_MS) break;
    }
    this.#since = performance.now();
  }
}
