/** Wakes all that wait in `next` when `notify` is called. A `notify` before the call of `next` is not remembered. */
export class WakeUp {
  #promise: Promise<void> | null = null;
  #resolve: (() => void) | null = null;

  /** Resolves at the next `notify`. */
  next(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#promise;
  }

  notify(): void {
    this.#resolve?.();
    this.#promise = null;
    this.#resolve = null;
  }
}
