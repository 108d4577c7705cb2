/** Lets a bounded number of tasks run at a time and a bounded number wait. */
export class Turnstile {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  readonly #refused: (waiting: number) => Error;
  #running = 0;

  /** `refused`: the error of a task for which too many wait already. */
  constructor(runningMax: number, waitingMax: number, refused: (waiting: number) => Error) {
    this.#refused = refused;
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /** Rejects with `refused` when too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#runningMax) this.#running++;
    else {
      if (this.#waiting.length >= this.#waitingMax) throw this.#refused(this.#waiting.length);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
