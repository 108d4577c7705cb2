/**
 * Lets long work give way to whatever else waits for the event loop, so that live figures never wait for an answer: it has
 * the event loop for a slice, and leaves it to others for as long.
 */
const SLICE_MS = 4;

export class GiveWay {
  #since = performance.now();

  /** Whether it is time to. */
  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Resolves when others have had their turn. */
  async now(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
    this.#since = performance.now();
  }
}
