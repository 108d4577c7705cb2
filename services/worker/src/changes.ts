/**
 * Rows, stop segments and doubted totals of one partition that wait for the store, found by key, so that a key that changes many times
 * between two writes is written once. Its size is bounded by the number of keys that change between two writes.
 */
import { minuteOf, RowTable } from "@oee/columns";
import { type DoubtedTotal, type RowBatch, type RowHead, type StopSegment, WIDTH } from "@oee/model";
import type { StopKey } from "@oee/store";
import type { Changes } from "@oee/stream";

/** What waited beside rows. */
export interface ChangesTaken {
  readonly stops: readonly StopSegment[];
  /** Keys of stops that are gone. */
  readonly gone: readonly StopKey[];
  readonly doubts: readonly DoubtedTotal[];
}

export class PendingChanges {
  #rows = new RowTable();
  /** The whole number by which `#rows` knows each machine. */
  readonly #numbers = new Map<string, number>();
  #stops = new Map<string, StopSegment>();
  #gone = new Map<string, StopKey>();
  #doubts = new Map<string, DoubtedTotal>();

  get size(): number {
    return this.#rows.batch.length + this.#stops.size + this.#gone.size + this.#doubts.size;
  }

  add(
    machine: string,
    { rows, stops, stopsGone, doubts }: Pick<Changes, "rows" | "stops" | "stopsGone" | "doubts">,
  ): void {
    this.addRows(rows);
    if (doubts.length > 0) this.addDoubts(doubts);
    if (stops.length + stopsGone.length > 0) this.addStops(machine, stops, stopsGone);
  }

  addRows(rows: RowBatch): void {
    for (let row = 0; row < rows.length; row++) this.#addRow(rows, row);
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

  addDoubts(doubts: readonly DoubtedTotal[]): void {
    for (const doubt of doubts) this.#doubts.set(`${doubt.machine}\n${doubt.at} ${doubt.quantity}`, doubt);
  }

  /** Removes everything that waits of one machine. */
  drop(machine: string): void {
    const prefix = `${machine}\n`;
    for (const waiting of [this.#stops, this.#gone, this.#doubts]) {
      for (const key of waiting.keys()) if (key.startsWith(prefix)) waiting.delete(key);
    }
    const { batch } = this.#rows;
    this.#rows = new RowTable();
    for (let row = 0; row < batch.length; row++) if (batch.headAt(row).machine !== machine) this.#addRow(batch, row);
  }

  /** Empties itself: moves the rows behind those of `rows` and returns stops and doubts. */
  moveTo(rows: RowBatch): ChangesTaken {
    const taken = {
      stops: [...this.#stops.values()],
      gone: [...this.#gone.values()],
      doubts: [...this.#doubts.values()],
    };
    this.#rows.moveTo(rows);
    this.#stops = new Map();
    this.#gone = new Map();
    this.#doubts = new Map();
    return taken;
  }

  /** Adds a row, or puts its numbers and its head in the place of the one that waits under its key. */
  #addRow(from: RowBatch, at: number): void {
    const head = from.headAt(at);
    const minute = minuteOf(from.fromAt(at));
    const machine = this.#numberOf(head);
    const rows = this.#rows;
    let row = rows.withKey(rows.firstOf(minute, machine), head);
    if (row < 0) row = rows.add(minute, from.fromAt(at), head, machine);
    else if (rows.batch.headAt(row) !== head) rows.batch.setHead(row, head);
    rows.batch.set(row, from.values, at * WIDTH);
  }

  #numberOf({ machine }: RowHead): number {
    const known = this.#numbers.get(machine);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(machine, number);
    return number;
  }
}
