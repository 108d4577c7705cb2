/** Lets so many measurements through in each tenth of a second: a sample of a busy plant says the same, and costs less. */
export class Sample {
  readonly #max: number;
  #tenth = 0;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a measurement at an instant (ms); `true`: it belongs to the sample. */
  takes(at: number): boolean {
    const tenth = Math.floor(at / 100);
    if (tenth !== this.#tenth) [this.#tenth, this.#taken] = [tenth, 0];
    return ++this.#taken <= this.#max;
  }
}
