/** What sources that ask again and again have in common: one round after the other until they are closed. */
import { sleepTimer } from "@oee/pacing";

export class Rounds {
  /** Resolves after the first round that found nothing left to read. */
  readonly finished: Promise<void>;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  /**
   * Begins at once, and pauses `everyMs` after each round. `round` resolves with whether all that is there was read; where it
   * rejects, `onFailure` is told, but for a round that failed because it was closed.
   */
  constructor(
    everyMs: number,
    round: (signal: AbortSignal) => Promise<boolean>,
    onFailure: (error: unknown) => Promise<void> | void,
  ) {
    let finish: () => void = () => {};
    this.finished = new Promise((resolve) => (finish = resolve));
    this.#running = this.#run(everyMs, round, onFailure, finish);
  }

  /** Ends the round in hand; resolves when it has ended. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(
    everyMs: number,
    round: (signal: AbortSignal) => Promise<boolean>,
    onFailure: (error: unknown) => Promise<void> | void,
    finish: () => void,
  ): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        if (await round(signal)) finish();
      } catch (error) {
        if (!signal.aborted) await onFailure(error);
      }
      await sleepTimer(everyMs, signal);
    }
  }
}
