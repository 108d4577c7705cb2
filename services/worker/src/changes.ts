/**
 * What waits to be stored: rows and segments of one partition, the newest of each key only. Bounded by what changes
 * between two writes; a key that changes many times is written once.
 */
import type { Changes } from "@oee/engine";
import type { Row, StopSegment } from "@oee/model";
import type { StopKey } from "@oee/store";

export class PendingChanges {
  #rows = new Map<string, Row>();
  #stops = new Map<string, StopSegment>();
  #gone = new Map<string, StopKey>();

  get size(): number {
    return this.#rows.size + this.#stops.size + this.#gone.size;
  }

  add(machine: string, { rows, stops, stopsGone }: Pick<Changes, "rows" | "stops" | "stopsGone">): void {
    for (const row of rows) {
      this.#rows.set(`${machine}\n${row.from}\n${row.product ?? ""}\n${row.shift ?? ""}\n${row.shiftDate ?? ""}`, row);
    }
    for (const from of stopsGone) {
      const key = `${machine}\n${from}`;
      this.#stops.delete(key);
      this.#gone.set(key, { machine, from });
    }
    for (const stop of stops) {
      const key = `${machine}\n${stop.from}`;
      this.#gone.delete(key);
      this.#stops.set(key, stop);
    }
  }

  /** Forgets what waits of one machine. */
  drop(machine: string): void {
    const prefix = `${machine}\n`;
    for (const waiting of [this.#rows, this.#stops, this.#gone]) {
      for (const key of waiting.keys()) if (key.startsWith(prefix)) waiting.delete(key);
    }
  }

  /** Hands everything over and starts anew. */
  take(): { rows: readonly Row[]; stops: readonly StopSegment[]; gone: readonly StopKey[] } {
    const taken = { rows: [...this.#rows.values()], stops: [...this.#stops.values()], gone: [...this.#gone.values()] };
    this.#rows = new Map();
    this.#stops = new Map();
    this.#gone = new Map();
    return taken;
  }
}
