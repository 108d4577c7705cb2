/** The last ids accepted for one machine, in log order (CN-4). */

export const REMEMBERED_IDS = 256;

export class RecentIds {
  #ring: string[] = [];
  #next = 0;
  /** Made with the first id: most machines' events have none. */
  #known: Set<string> | null = null;

  /** Takes note of an id and says whether it is new. */
  accept(id: string): boolean {
    const known = (this.#known ??= new Set());
    if (known.has(id)) return false;
    if (this.#ring.length < REMEMBERED_IDS) this.#ring.push(id);
    else {
      known.delete(this.#ring[this.#next] as string);
      this.#ring[this.#next] = id;
      this.#next = (this.#next + 1) % REMEMBERED_IDS;
    }
    known.add(id);
    return true;
  }

  /** Oldest first. */
  snapshot(): readonly string[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  static restore(ids: readonly string[]): RecentIds {
    const recent = new RecentIds();
    for (const id of ids) recent.accept(id);
    return recent;
  }
}
