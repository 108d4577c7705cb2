/**
 * Lets long work yield the event loop, so that live figures never wait for an answer: it runs for a slice of 4 ms, then
 * pauses until the event loop has been idle for 1 ms, or for 12 ms: on a busy event loop it has a quarter of the time. Where there are
 * no live figures yet, it pauses for one turn of the event loop.
 */
import { pause, type Scheduler, systemScheduler } from "./scheduler.ts";

const SLICE_MS = 4;
/** By the clock, and not in turns of the event loop: each of those may be long where it is busy. */
const PAUSE_MAX_MS = 12;
/** How often it is looked whether the event loop was idle. */
const LOOK_EVERY_MS = 1;
const SPARE_MS = 1;
const SYSTEM = systemScheduler();

export class GiveWay {
  readonly #scheduler: Scheduler;
  readonly #forOneTurn: boolean;
  #since: number;

  /** `forOneTurn`: work that is ready has the event loop once, and what it leads to waits for the next pause. */
  constructor(scheduler: Scheduler = SYSTEM, forOneTurn: boolean = false) {
    this.#scheduler = scheduler;
    this.#forOneTurn = forOneTurn;
    this.#since = scheduler.elapsed();
  }

  /** Whether the work has had its slice. */
  get due(): boolean {
    return this.#scheduler.elapsed() - this.#since >= SLICE_MS;
  }

  /** So long (ms) other things were done within the slice, which are not part of it. */
  leaveOut(ms: number): void {
    this.#since += ms;
  }

  /** Resolves when other work has had its turn. */
  async now(): Promise<void> {
    if (this.#forOneTurn) await this.#scheduler.turn();
    else await this.#idle();
    this.#since = this.#scheduler.elapsed();
  }

  async #idle(): Promise<void> {
    const idle = this.#scheduler.idle();
    const began = this.#scheduler.elapsed();
    do await pause(this.#scheduler, LOOK_EVERY_MS);
    while (this.#scheduler.idle() - idle < SPARE_MS && this.#scheduler.elapsed() - began < PAUSE_MAX_MS);
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

/** What work in steps comes to, with other work in between. */
export async function stepsGivingWay<T>(steps: Generator<unknown, T>, giveWay: GiveWay = new GiveWay()): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (giveWay.due) await giveWay.now();
  }
}
