/**
 * The windows of one machine that live figures are made of. A window that a changed plant file added lacks the time before;
 * it is not shown until the cold path has filled it from stored rows (DI-3).
 */
import { Windows, type WindowsSnapshot } from "@oee/answers";
import type { MachineModel } from "@oee/engine";
import { type Row, RowBatch } from "@oee/model";
import type { LiveRecordWindow } from "@oee/protocol";

const NONE: ReadonlySet<number> = new Set();

export class MachineWindows {
  readonly #model: MachineModel;
  #windows: Windows;
  /** Lengths (ms) of windows that hold all of their time. */
  #whole: ReadonlySet<number>;
  /** Rows that changed since `beginFill`; `null`: windows are not being filled. */
  #changed: Row[] | null = null;

  constructor(model: MachineModel) {
    this.#model = model;
    this.#windows = newWindows(model);
    this.#whole = this.#windows.lengthsMs;
  }

  /** Whether a window lacks time. */
  get lack(): boolean {
    for (const lengthMs of this.#windows.lengthsMs) if (!this.#whole.has(lengthMs)) return true;
    return false;
  }

  /** The instant (epoch ms) from which rows are part of some window that ends at `now`. */
  from(now: number): number {
    const { shift } = this.#model.clock.spanAt(now - 1);
    return Math.min(shift?.from ?? now, now - Math.max(0, ...this.#windows.lengthsMs));
  }

  /** Adds what rows gained and lost. */
  take(rows: RowBatch, deltas: RowBatch): void {
    if (this.#changed !== null) for (const row of rows) this.#changed.push(row);
    this.#windows.take(deltas);
  }

  /** Puts windows that were recomputed, and hold all of their time, in place of these. */
  replace(windows: Windows): void {
    this.#windows = windows;
    this.#whole = this.#windows.lengthsMs;
  }

  /** Marks all windows as lacking time, so that the cold path fills them. */
  forget(): void {
    this.#whole = NONE;
  }

  /** Begins to remember changed rows, until `fillFrom` or `abandonFill`. */
  beginFill(): void {
    this.#changed = [];
  }

  abandonFill(): void {
    this.#changed = null;
  }

  /** Makes the windows anew from stored rows, which include all changes before `beginFill`, and the rows changed since. */
  fillFrom(stored: readonly Row[]): void {
    const rows = new Map<string, Row>();
    for (const row of [...stored, ...(this.#changed ?? [])]) {
      rows.set(`${row.from}\n${row.product ?? ""}\n${row.shift ?? ""}\n${row.shiftDate ?? ""}`, row);
    }
    const windows = newWindows(this.#model);
    windows.take(RowBatch.of(rows.values()));
    this.replace(windows);
    this.#changed = null;
  }

  /** The windows that end at `now` (epoch ms), but those that lack time. */
  numbersAt(now: number): readonly LiveRecordWindow[] {
    const lacking = this.#model.plant.windows.filter(
      ({ durationMs }) => durationMs !== null && !this.#whole.has(durationMs),
    );
    const windows = this.#windows.numbersAt(now);
    return lacking.length === 0 ? windows : windows.filter((of) => !lacking.some(({ name }) => name === of.name));
  }

  /** `whole`: lengths (ms) of the windows that hold all of their time. */
  snapshot(): { readonly windows: WindowsSnapshot; readonly whole: readonly number[] } {
    return { windows: this.#windows.snapshot(), whole: [...this.#whole] };
  }

  /** `false`: the snapshot has another layout of components. `decimals`: those that it counts in; of others, windows are forgotten (CN-5). */
  restore(windows: WindowsSnapshot, whole: readonly number[], decimals: number): boolean {
    if (!this.#windows.restore(windows)) return false;
    if (decimals === this.#model.machine.decimals) {
      const all = this.#windows.lengthsMs;
      this.#whole = whole.length === all.size && whole.every((lengthMs) => all.has(lengthMs)) ? all : new Set(whole);
    } else {
      this.#windows = newWindows(this.#model);
      this.forget();
    }
    return true;
  }
}

/** Empty windows of a machine. */
export function newWindows({ plant, clock, machine }: MachineModel): Windows {
  return new Windows(plant.windows, clock, machine.costPerHour, machine.decimals);
}
