/** Lets one piece of work run at a time, in the order of the calls, and a bounded number wait. */
import { StoreError } from "./store-error.ts";

export class Turn {
  readonly #waitingMax: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Rejects with `OEE_STORE_BUSY` when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#waitingMax) {
      throw new StoreError("OEE_STORE_BUSY", `${this.#waiting} calls of the store wait already; await them first`, {
        retryable: true,
      });
    }
    this.#waiting++;
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves when all that was waiting has run. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
