/**
 * The newest minute rows of one machine, against which new ones are compared. Minutes that are alike are kept
 * once, so that a machine that sleeps over a weekend costs no memory.
 */
import type { Row } from "@oee/model";
import { RowDelta } from "./row-delta.ts";
import { MINUTE_MS } from "./zone.ts";

interface Run {
  readonly cell: number;
  /** Minutes from `cell` on that have these rows, but for their `from`. */
  minutes: number;
  readonly rows: readonly Row[];
}

export interface HotRowsSnapshot {
  readonly runs: readonly { readonly cell: number; readonly minutes: number; readonly rows: readonly Row[] }[];
}

export class HotRows {
  #runs: Run[] = [];

  /** The rows of a minute; `undefined` if none are kept. Their `from` may be another minute's. */
  get(cell: number): readonly Row[] | undefined {
    const run = this.#runs[this.#indexOf(cell)];
    return run !== undefined && cell >= run.cell && cell < endOf(run) ? run.rows : undefined;
  }

  /** The last minute that has rows. */
  get lastCell(): number {
    const run = this.#runs[this.#runs.length - 1];
    return run === undefined ? -Infinity : endOf(run) - MINUTE_MS;
  }

  set(cell: number, rows: readonly Row[]): void {
    const last = this.#runs[this.#runs.length - 1];
    if (last === undefined || cell >= endOf(last)) {
      if (last !== undefined && cell === endOf(last) && alike(last.rows, rows)) last.minutes++;
      else this.#runs.push({ cell, minutes: 1, rows });
      return;
    }
    const i = this.#indexOf(cell);
    const run = this.#runs[i];
    if (run === undefined || cell < run.cell || cell >= endOf(run)) {
      this.#runs.splice(run === undefined || cell < run.cell ? i : i + 1, 0, { cell, minutes: 1, rows });
      return;
    }
    const parts: Run[] = [{ cell, minutes: 1, rows }];
    if (cell > run.cell) parts.unshift({ ...run, minutes: (cell - run.cell) / MINUTE_MS });
    if (endOf(run) > cell + MINUTE_MS) {
      parts.push({ cell: cell + MINUTE_MS, minutes: (endOf(run) - cell) / MINUTE_MS - 1, rows: run.rows });
    }
    this.#runs.splice(i, 1, ...parts);
  }

  /** Drops the minutes before an instant but for those that overlap one of `kept`. */
  forgetBefore(instant: number, kept: readonly { readonly from: number; readonly to: number }[]): void {
    const first = this.#runs[0];
    if (first === undefined || first.cell >= instant) return;
    const runs: Run[] = [];
    const keep = (run: Run, from: number, to: number): void => {
      const start = Math.max(run.cell, from);
      const end = Math.min(endOf(run), to);
      if (end > start) runs.push({ cell: start, minutes: (end - start) / MINUTE_MS, rows: run.rows });
    };
    for (const run of this.#runs) {
      if (run.cell >= instant) {
        runs.push(run);
        continue;
      }
      let done = -Infinity;
      for (const { from, to } of kept) {
        const start = Math.max(done, Math.floor(from / MINUTE_MS) * MINUTE_MS);
        const end = Math.min(instant, Math.ceil(to / MINUTE_MS) * MINUTE_MS);
        keep(run, start, end);
        done = Math.max(done, end);
      }
      keep(run, instant, Infinity);
    }
    this.#runs = runs;
  }

  snapshot(): HotRowsSnapshot {
    return { runs: this.#runs.map((run) => ({ ...run })) };
  }

  static restore(snapshot: HotRowsSnapshot): HotRows {
    const rows = new HotRows();
    rows.#runs = snapshot.runs.map((run) => ({ ...run }));
    return rows;
  }

  /** The last run that begins at or before a minute, else the first. */
  #indexOf(cell: number): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle] as Run).cell <= cell) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}

function endOf(run: Run): number {
  return run.cell + run.minutes * MINUTE_MS;
}

function alike(a: readonly Row[], b: readonly Row[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameRow(a[i] as Row, b[i] as Row)) return false;
  return true;
}

const delta = new RowDelta();

/** Whether two rows have one key, but for `from`, and equal content. */
export function sameRow(a: Row, b: Row): boolean {
  const alikeInKey =
    a.product === b.product &&
    a.shift === b.shift &&
    a.shiftDate === b.shiftDate &&
    a.taktUs === b.taktUs &&
    a.costPerHour === b.costPerHour;
  // What differs most, first.
  if (!alikeInKey || a.runTime !== b.runTime || a.goodCount !== b.goodCount) return false;
  delta.set(a, b);
  return delta.isZero;
}
