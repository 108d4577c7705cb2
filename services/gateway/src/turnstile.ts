/** Lets a bounded number of tasks run at a time and a bounded number wait; further ones are answered 503 (`OEE_HTTP_BUSY`). */
import { HttpProblem } from "./problems.ts";

export class Turnstile {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#runningMax) this.#running++;
    else {
      if (this.#waiting.length >= this.#waitingMax) {
        throw new HttpProblem("OEE_HTTP_BUSY", `${this.#waiting.length} questions wait already; try again in a moment`);
      }
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
