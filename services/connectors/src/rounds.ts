/** Runs the rounds of a source that polls: one after the other, until the source is closed. */
import { repeat } from "@oee/pacing";

export class Rounds {
  /** Resolves after the first round that found nothing left to read. */
  readonly finished: Promise<void>;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  /**
   * Begins at once, and pauses `everyMs` after each round. `round` resolves with whether all that is there was read; where it
   * rejects, `onFailure` gets the error, but not that of a round that was closed meanwhile.
   */
  constructor(
    everyMs: number,
    round: (signal: AbortSignal) => Promise<boolean>,
    onFailure: (error: unknown) => Promise<void> | void,
  ) {
    let finish: () => void = () => {};
    this.finished = new Promise((resolve) => (finish = resolve));
    const { signal } = this.#ended;
    const one = async (): Promise<void> => {
      if (await round(signal)) finish();
    };
    this.#running = repeat(one, everyMs, onFailure, signal);
  }

  /** Ends the round in hand; resolves when it has ended. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }
}
