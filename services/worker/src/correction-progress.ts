/** How far each correction of one machine is: accepted, in the rows, in the store. Live records list the stored ones. */

/** How many of the newest stored corrections live records list, so that a request that waits for one finds it. */
const REMEMBERED = 32;

export class CorrectionProgress {
  #accepted: string[] = [];
  #computed: string[] = [];
  #stored: readonly string[] = [];

  /** Whether some were accepted that are not in the rows yet. */
  get areAccepted(): boolean {
    return this.#accepted.length > 0;
  }

  /** Whether some are in the rows that are not in the store yet. */
  get areComputed(): boolean {
    return this.#computed.length > 0;
  }

  /** Ids of those that are in the store, of the newest. */
  get stored(): readonly string[] {
    return this.#stored;
  }

  accepted(id: string | null): void {
    if (id !== null) this.#accepted.push(id);
  }

  /** All that were accepted are in the rows. */
  computed(): void {
    if (this.#accepted.length === 0) return;
    this.#computed.push(...this.#accepted);
    this.#accepted = [];
  }

  /** Empties and returns the ids of those whose effect is in the rows about to be stored. */
  drainComputed(): readonly string[] {
    const computed = this.#computed;
    if (computed.length > 0) this.#computed = [];
    return computed;
  }

  /** The effect of these is in the store. */
  confirm(ids: readonly string[]): void {
    this.#stored = [...this.#stored, ...ids].slice(-REMEMBERED);
  }

  /** For a checkpoint: ids of those whose effect is stored before it is written. */
  snapshot(): readonly string[] {
    return [...this.#stored, ...this.#computed];
  }

  restore(stored: readonly string[]): void {
    this.#stored = stored;
  }
}
