/** Lets one piece of work run at a time, in the order of the calls, and a bounded number wait: any, where callers are few. */
export class Turn {
  readonly #waitingMax: number;
  readonly #refused: (waiting: number) => Error;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `refused`: the error of a call for which too many wait already. */
  constructor(
    waitingMax: number = Infinity,
    refused: (waiting: number) => Error = (waiting) => new Error(`${waiting} pieces of work wait`),
  ) {
    this.#waitingMax = waitingMax;
    this.#refused = refused;
  }

  /** Rejects with `refused` when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#waitingMax) throw this.#refused(this.#waiting);
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
