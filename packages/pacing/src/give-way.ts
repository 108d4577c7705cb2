/**
 * Lets long work yield the event loop, so that live figures never wait for an answer: it runs for a slice of 4 ms, then
 * pauses until the event loop has been idle for 1 ms, or for 8 slices of 4 ms at most.
 */
import { pause, type Scheduler, systemScheduler } from "./scheduler.ts";

const SLICE_MS = 4;
/** On a busy event loop the work pauses for at most this many slices. */
const SLICES_OF_OTHERS_MAX = 8;
const SPARE_MS = 1;
const SYSTEM = systemScheduler();

export class GiveWay {
  readonly #scheduler: Scheduler;
  #since: number;

  constructor(scheduler: Scheduler = SYSTEM) {
    this.#scheduler = scheduler;
    this.#since = scheduler.elapsed();
  }

  /** Whether the work has had its slice. */
  get due(): boolean {
    return this.#scheduler.elapsed() - this.#since >= SLICE_MS;
  }

  /** Resolves when other work has had its turn. */
  async now(): Promise<void> {
    const before = this.#scheduler.idle();
    for (let slices = 0; slices < SLICES_OF_OTHERS_MAX; slices++) {
      await pause(this.#scheduler, SLICE_MS);
      if (this.#scheduler.idle() - before >= SPARE_MS) break;
    }
    this.#since = this.#scheduler.elapsed();
  }
}

/** `items.map(of)`, with other work in between. */
export async function mapGivingWay<T, R>(items: readonly T[], of: (item: T) => R): Promise<R[]> {
  const giveWay = new GiveWay();
  const made: R[] = [];
  for (const item of items) {
    made.push(of(item));
    if (giveWay.due) await giveWay.now();
  }
  return made;
}
