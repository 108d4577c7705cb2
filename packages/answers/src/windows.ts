/**
 * Rolling windows of one machine (PE-3), kept by adding what rows change by: exact, since all is whole numbers.
 * Memory is bounded, whatever the windows' lengths.
 */
import { type CalendarClock, MINUTE_MS, type Shift } from "@oee/calendar";
import { RowDelta } from "@oee/columns";
import { PLACE, type RollingWindow, ROW_LAYOUT, type RowBatch, WIDTH } from "@oee/model";
import { MachineSum, type SumNumbers, type TaktTime } from "./machine-sum.ts";
import { Panes, type PanesSnapshot } from "./panes.ts";
import { Sums } from "./sums.ts";

/** One window at an instant: it covers `[from, to)`, epoch ms. */
interface WindowSpan {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface WindowSums extends WindowSpan {
  readonly sums: Sums;
}

/** A window's sum as numbers. */
export type WindowNumbers = WindowSpan & SumNumbers;

/** `costPerHour` and `decimals`: those of the machine. */
export function sumsOfWindow(
  { name, from, to, components, plannedByTakt }: WindowNumbers,
  costPerHour: number | null,
  decimals: number,
): WindowSums {
  const sums = new Sums().addNumbers({ components, plannedByTakt }, costPerHour, decimals);
  return { name, from, to, sums };
}

/** Structured-clonable; made by the version of the engine's snapshot. */
export interface WindowsSnapshot {
  /** Which component each number of the sums is. */
  readonly layout: string;
  readonly panes: readonly PanesSnapshot[];
  readonly shifts: readonly {
    readonly shift: string;
    readonly date: string;
    /** As `ShiftSum.newest`; missing in those of older versions. */
    readonly newest?: number;
    readonly total: Float64Array;
    readonly takts: Map<number, TaktTime>;
  }[];
  /** As `Windows.#begins`; missing in those of older versions. */
  readonly begins?: number;
}

interface ShiftSum {
  readonly shift: string;
  readonly date: string;
  readonly sum: MachineSum;
  /** An instant within the shift, the newest that anything was added for (epoch ms): it orders shifts, also those of one date. */
  newest: number;
}

/** The running shift and the one before it, whose end may still change. */
const SHIFTS_KEPT = 2;

/** The change at hand. */
const delta = new RowDelta();

/** The windows of a plant file and the panes that they are summed from: worked out once, for thousands of machines have the same. */
interface Layout {
  readonly lengthsMs: ReadonlySet<number>;
  readonly panes: readonly { readonly paneMs: number; readonly durationsMs: readonly number[] }[];
  /** `panes` and `window`: places in `panes` and in its `durationsMs`; `null`: the running shift. */
  readonly windows: readonly {
    readonly name: string;
    readonly at: { readonly panes: number; readonly window: number } | null;
  }[];
}

const layouts = new WeakMap<readonly RollingWindow[], Layout>();

function layoutOf(windows: readonly RollingWindow[]): Layout {
  const known = layouts.get(windows);
  if (known !== undefined) return known;
  const lengthsMs = new Set(windows.flatMap(({ durationMs }) => durationMs ?? []));
  const durations = [...lengthsMs];
  const panes = [...new Set(durations.map(paneMsOf))].map((paneMs) => ({
    paneMs,
    durationsMs: durations.filter((durationMs) => paneMsOf(durationMs) === paneMs),
  }));
  const placeOf = (durationMs: number): { panes: number; window: number } => {
    const place = panes.findIndex(({ durationsMs }) => durationsMs.includes(durationMs));
    return { panes: place, window: panes[place]?.durationsMs.indexOf(durationMs) ?? 0 };
  };
  const layout: Layout = {
    lengthsMs,
    panes,
    windows: windows.map(({ name, durationMs }) => ({ name, at: durationMs === null ? null : placeOf(durationMs) })),
  };
  layouts.set(windows, layout);
  return layout;
}

export class Windows {
  readonly #clock: CalendarClock;
  readonly #costPerHour: number | null;
  readonly #decimals: number;
  readonly #layout: Layout;
  readonly #panes: readonly Panes[];
  #shifts: ShiftSum[] = [];
  /** Where the first row begins (epoch ms): before its first event a machine has none. */
  #begins = Infinity;

  /** `decimals`: of the machine's quantities (CN-5). */
  constructor(windows: readonly RollingWindow[], clock: CalendarClock, costPerHour: number | null, decimals: number) {
    this.#clock = clock;
    this.#costPerHour = costPerHour;
    this.#decimals = decimals;
    this.#layout = layoutOf(windows);
    this.#panes = this.#layout.panes.map(({ paneMs, durationsMs }) => new Panes(paneMs, durationsMs));
  }

  /** The lengths (ms) of the windows of fixed length. */
  get lengthsMs(): ReadonlySet<number> {
    return this.#layout.lengthsMs;
  }

  /** Takes what minute rows changed by, or whole rows that were not known before. */
  take(deltas: RowBatch): void {
    for (let i = 0; i < deltas.length; i++) {
      delta.set(deltas.values, i * WIDTH);
      const { taktUs, shift, shiftDate, decimals } = deltas.headAt(i);
      // Rows from before the machine's decimals were changed.
      if (decimals !== this.#decimals) delta.rescale(decimals, this.#decimals);
      const from = deltas.fromAt(i);
      if (from < this.#begins) this.#begins = from;
      for (let p = 0; p < this.#panes.length; p++) (this.#panes[p] as Panes).add(from, taktUs, delta);
      if (shift === null || shiftDate === null) continue;
      this.#sumOfShift(shift, shiftDate, from).add(taktUs, delta);
    }
  }

  /** Each window as it stands at `now`, which never goes back; the running shift is left out while there is none. */
  at(now: number): WindowSums[] {
    return this.numbersAt(now).map((window) => sumsOfWindow(window, this.#costPerHour, this.#decimals));
  }

  /** As `at`, in numbers. */
  numbersAt(now: number): WindowNumbers[] {
    const result: WindowNumbers[] = [];
    for (const { name, at } of this.#layout.windows) {
      if (at !== null) {
        const panes = this.#panes[at.panes] as Panes;
        const from = panes.moveTo(at.window, now);
        const { components, plannedByTakt } = panes.numbers(at.window);
        result.push(this.#whole({ name, from, to: now, components, plannedByTakt }));
        continue;
      }
      const shift: Shift | null = this.#clock.spanAt(now - 1).shift;
      if (shift === null) continue;
      const { components, plannedByTakt } = this.#sumOfShift(shift.name, shift.date, shift.from).numbers();
      result.push(this.#whole({ name, from: shift.from, to: now, components, plannedByTakt }));
    }
    return result;
  }

  /** Adds the time of a window before the first row, as that of a machine without events: scheduled time is unknown, other time not planned. */
  #whole(window: WindowNumbers): WindowNumbers {
    const { from, to } = window;
    const begins = Math.min(this.#begins, to);
    if (begins <= from) return window;
    const scheduled = this.#clock.scheduledMs(from, begins);
    const components = [...window.components];
    components[PLACE.unknownTime] = (components[PLACE.unknownTime] as number) + scheduled;
    components[PLACE.notPlannedTime] = (components[PLACE.notPlannedTime] as number) + begins - from - scheduled;
    return { ...window, components };
  }

  snapshot(): WindowsSnapshot {
    const shifts = this.#shifts.map(({ shift, date, newest, sum }) => ({
      shift,
      date,
      newest,
      total: sum.values,
      takts: sum.takts,
    }));
    return { layout: ROW_LAYOUT, panes: this.#panes.map((panes) => panes.snapshot()), shifts, begins: this.#begins };
  }

  /**
   * Goes on from a snapshot, which may be of other windows: what panes of like length it has is taken. `false`: it has
   * other components, and nothing of it is taken.
   */
  restore(snapshot: WindowsSnapshot): boolean {
    if (snapshot.layout !== ROW_LAYOUT) return false;
    for (const panes of this.#panes) {
      const from = snapshot.panes.find(({ paneMs }) => paneMs === panes.paneMs);
      if (from !== undefined) panes.restore(from);
    }
    this.#shifts = snapshot.shifts.map(({ shift, date, newest, total, takts }, place) => ({
      shift,
      date,
      // Older versions listed shifts in the order in which they were first added to.
      newest: newest ?? Date.parse(date) + place,
      sum: new MachineSum(total, takts),
    }));
    this.#begins = snapshot.begins ?? -Infinity;
    return true;
  }

  /** `at`: an instant within the shift (epoch ms). */
  #sumOfShift(shift: string, date: string, at: number): MachineSum {
    for (const known of this.#shifts) {
      if (known.shift !== shift || known.date !== date) continue;
      if (at > known.newest) known.newest = at;
      return known.sum;
    }
    const sum = new MachineSum();
    this.#shifts.push({ shift, date, sum, newest: at });
    // A late row of a shift long gone must not push out the running one.
    if (this.#shifts.length > SHIFTS_KEPT) {
      const oldest = this.#shifts.reduce((a, b) => (b.newest < a.newest ? b : a));
      this.#shifts.splice(this.#shifts.indexOf(oldest), 1);
    }
    return sum;
  }
}

/** How long the panes of a window are (ms): it begins at one's start, and moves on by one at a time. */
export function paneMsOf(durationMs: number): number {
  return Math.max(MINUTE_MS, Math.ceil(durationMs / 60 / MINUTE_MS) * MINUTE_MS);
}
