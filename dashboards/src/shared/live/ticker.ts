/**
 * One timer for all clocks and durations on the screen: it fires at each full second of the server's clock, so that all
 * change together. Listeners write their text straight into the page, without rendering by React.
 */
export type TickListener = () => void;

export class Ticker {
  readonly #clock: () => number | null;
  readonly #listeners = new Set<TickListener>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: () => number | null) {
    this.#clock = clock;
  }

  start(): void {
    const strike = (): void => {
      for (const listener of this.#listeners) listener();
      const now = this.#clock() ?? 0;
      this.#timer = setTimeout(strike, 1_000 - (now % 1_000) + 5);
    };
    strike();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  add(listener: TickListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
