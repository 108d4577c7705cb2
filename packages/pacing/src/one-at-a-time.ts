/**
 * Runs work at most once at a time and misses no request: a request during a run makes it run once more afterwards. That
 * holds whether the work finishes at once or later, throws, or requests itself.
 */
export class OneAtATime {
  readonly #work: () => Promise<void> | void;
  readonly #onFailure: (error: unknown) => void;
  #wanted = false;
  #running = false;
  #done: Promise<void> = Promise.resolve();

  /** `onFailure` gets what the work throws; the caller decides whether to try it again. */
  constructor(work: () => Promise<void> | void, onFailure: (error: unknown) => void) {
    this.#work = work;
    this.#onFailure = onFailure;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Begins at once when nothing runs. Never throws. */
  request(): void {
    this.#wanted = true;
    if (this.#running) return;
    // before the work begins, which may end, or ask again, before the promise of it is at hand
    this.#running = true;
    this.#done = this.#run();
  }

  /** Resolves when nothing runs and nothing is asked for. */
  async idle(): Promise<void> {
    while (this.#running) await this.#done;
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted) {
        this.#wanted = false;
        try {
          await this.#work();
        } catch (error) {
          this.#onFailure(error);
        }
      }
    } finally {
      this.#running = false;
    }
  }
}
