/**
 * Rows and stop segments of one partition that wait for the store, found by key, so that a key that changes many times
 * between two writes is written once. Its size is bounded by the number of keys that change between two writes.
 */
import { RowBatch, type RowHead, sameKey, type StopSegment, WIDTH } from "@oee/model";
import type { StopKey } from "@oee/store";
import type { Changes } from "@oee/stream";

const MINUTE_MS = 60_000;
/** More than there are minutes until 2100 (DI-2). */
const MINUTES_MAX = 2 ** 27;
const NONE = -1;

export class PendingChanges {
  #rows = new RowBatch();
  /** The index in `#rows` of the first row of a machine and minute; the key is `#placeOf`'s. */
  #places = new Map<number, number>();
  /** By row, the index of the next row of the same machine and minute; `NONE` at the end. */
  #next: number[] = [];
  #numbers = new Map<string, number>();
  #stops = new Map<string, StopSegment>();
  #gone = new Map<string, StopKey>();

  get size(): number {
    return this.#rows.length + this.#stops.size + this.#gone.size;
  }

  add(machine: string, { rows, stops, stopsGone }: Pick<Changes, "rows" | "stops" | "stopsGone">): void {
    this.addRows(rows);
    if (stops.length + stopsGone.length > 0) this.addStops(machine, stops, stopsGone);
  }

  addRows(rows: RowBatch): void {
    for (let row = 0; row < rows.length; row++) {
      this.#rows.set(this.#placeOf(rows.headAt(row), rows.fromAt(row)), rows.values, row * WIDTH);
    }
  }

  addStops(machine: string, stops: readonly StopSegment[], stopsGone: readonly number[]): void {
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

  /** Removes everything that waits of one machine. */
  drop(machine: string): void {
    const prefix = `${machine}\n`;
    for (const waiting of [this.#stops, this.#gone]) {
      for (const key of waiting.keys()) if (key.startsWith(prefix)) waiting.delete(key);
    }
    const rows = this.#rows;
    this.#rows = new RowBatch(rows.length);
    this.#places = new Map();
    this.#next = [];
    for (let row = 0; row < rows.length; row++) {
      const head = rows.headAt(row);
      if (head.machine === machine) continue;
      this.#rows.set(this.#placeOf(head, rows.fromAt(row)), rows.values, row * WIDTH);
    }
  }

  /** Empties itself: appends the rows to `rows` and returns the stops, and the keys of stops that are gone. */
  moveTo(rows: RowBatch): { stops: readonly StopSegment[]; gone: readonly StopKey[] } {
    const taken = { stops: [...this.#stops.values()], gone: [...this.#gone.values()] };
    rows.append(this.#rows);
    this.#rows.clear();
    this.#places.clear();
    this.#next.length = 0;
    this.#stops = new Map();
    this.#gone = new Map();
    return taken;
  }

  /** The index in `#rows` of a key's row, which is added where it is missing. Its head becomes the newest one. */
  #placeOf(head: RowHead, from: number): number {
    let number = this.#numbers.get(head.machine);
    if (number === undefined) this.#numbers.set(head.machine, (number = this.#numbers.size));
    const key = number * MINUTES_MAX + from / MINUTE_MS;
    const first = this.#places.get(key) ?? NONE;
    let last = NONE;
    for (let row = first; row !== NONE; row = this.#next[row] ?? NONE) {
      const known = this.#rows.headAt(row);
      if (sameKey(known, head)) {
        if (known !== head) this.#rows.setHead(row, head);
        return row;
      }
      last = row;
    }
    const place = this.#rows.add(head, from);
    this.#next.push(NONE);
    if (last === NONE) this.#places.set(key, place);
    else this.#next[last] = place;
    return place;
  }
}
