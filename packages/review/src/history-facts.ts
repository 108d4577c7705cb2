/**
 * Facts straight from histories of events, as files give them: each machine's time is swept once and cut at the dates of
 * its site and of the enterprise, so that most periods of a review are sums of what is at hand. A period that begins or
 * ends elsewhere is swept on its own.
 */
import { Sums } from "@oee/answers";
import type { CalendarClock, Period } from "@oee/calendar";
import { type PlantModel, ratesOf } from "@oee/engine";
import {
  type CorrectionEvent,
  type JobEvent,
  type Machine,
  type Plant,
  type Row,
  RowBatch,
  type StopSegment,
} from "@oee/model";
import { dayAt, startOf } from "./dates.ts";
import type { Facts, ListedSegment, StopPart } from "./facts.ts";
import { lowerBound, type RecordedMachine } from "./recorded-machine.ts";
import type { RecordedRefusals } from "./recorded-refusals.ts";

interface Swept {
  /** By time. */
  readonly rows: readonly Row[];
  /** Sorted instants at which rows are cut. */
  readonly cuts: readonly number[];
  readonly stops: readonly StopSegment[];
  /** Length (ms of scheduled time) of each stop, by its id. */
  readonly stopMs: ReadonlyMap<string, number>;
}

/** A machine without scheduled time for so long has none any more. */
const LOOK_AHEAD_MS = 400 * 24 * 3_600_000;
const NO_CELLS: ReadonlyMap<string | null, Sums> = new Map();

export class HistoryFacts implements Facts {
  readonly now: number;
  readonly #model: PlantModel;
  readonly #recordOf: (machine: Machine) => RecordedMachine;
  readonly #refusals: RecordedRefusals;
  readonly #swept = new Map<Machine, Swept>();

  /** `recordOf` hands over all events of a machine; those at `now` (epoch ms) or later wait (CO-2). */
  constructor(
    model: PlantModel,
    now: number,
    recordOf: (machine: Machine) => RecordedMachine,
    refusals: RecordedRefusals,
  ) {
    this.now = now;
    this.#model = model;
    this.#recordOf = recordOf;
    this.#refusals = refusals;
  }

  get plant(): Plant {
    return this.#model.plant;
  }

  cellsOf(machine: Machine, { from, to }: Period): ReadonlyMap<string | null, Sums> {
    const end = Math.min(to, this.now);
    if (from >= end) return NO_CELLS;
    const { rows, cuts } = this.#sweptOf(machine);
    const covers = isCut(cuts, from) && isCut(cuts, end);
    const own = covers ? rows : this.#recordOf(machine).history.evaluate({ from, to: end, now: this.now }).rows;
    return sumsByProduct(own, from, end);
  }

  stopPartsOf(machine: Machine, { from, to }: Period): readonly StopPart[] {
    const end = Math.min(to, this.now);
    const { stops } = this.#sweptOf(machine);
    const { clock } = this.#model.machine(machine);
    const { jobs } = this.#recordOf(machine).history;
    return stops.flatMap((segment) =>
      segment.from < end && segment.to > from ? this.#partsOf(machine, clock, jobs, segment, from, end) : [],
    );
  }

  segmentsOf(machine: Machine, { from, to }: Period): readonly ListedSegment[] {
    const { stops, stopMs } = this.#sweptOf(machine);
    return stops.flatMap((segment) =>
      segment.from < to && segment.to > from ? [{ segment, stopMs: stopMs.get(segment.stop) ?? 0 }] : [],
    );
  }

  lastScheduled(machine: Machine, { from, to }: StopSegment): ReturnType<Facts["lastScheduled"]> {
    const { clock } = this.#model.machine(machine);
    const at = clock.lastScheduled(from, to);
    return at === null ? null : { at, shiftEnd: clock.spanAt(at).shift?.to ?? null };
  }

  afterScheduled(machine: Machine, from: number, scheduledMs: number): number {
    const { clock } = this.#model.machine(machine);
    let left = scheduledMs;
    let at = from;
    while (left > 0) {
      const next = clock.firstScheduled(at, at + LOOK_AHEAD_MS);
      if (next === null) return Infinity;
      const { to } = clock.spanAt(next);
      if (to - next >= left) return next + left;
      left -= to - next;
      at = to;
    }
    return at;
  }

  instantsOf(machine: Machine): Float64Array {
    const { instants } = this.#recordOf(machine);
    return instants.subarray(0, lowerBound(instants, this.now));
  }

  reasonGivenAt(machine: Machine, segment: StopSegment): number | null {
    return this.#recordOf(machine).reasonGivenAt(this.plant.reasons, segment.from, this.now);
  }

  isSeen(machine: Machine, { from, to }: Period): boolean {
    return this.#recordOf(machine).isSeen(from, Math.min(to, this.now));
  }

  undeclaredIn(period: Period): readonly string[] {
    return this.#refusals.undeclaredIn(period);
  }

  correctionsOf(machine: Machine): readonly CorrectionEvent[] {
    return this.#recordOf(machine).corrections;
  }

  refusedIn(period: Period): Readonly<Record<string, number>> {
    return this.#refusals.countsIn(period);
  }

  #partsOf(
    machine: Machine,
    clock: CalendarClock,
    jobs: readonly JobEvent[],
    segment: StopSegment,
    from: number,
    end: number,
  ): StopPart[] {
    const parts: StopPart[] = [];
    const to = Math.min(segment.to, end);
    const counts = clock.firstScheduled(segment.from, segment.to);
    for (let at = Math.max(segment.from, from); at < to; ) {
      const span = clock.spanAt(at);
      const job = lastAtOrBefore(jobs, at);
      const until = Math.min(to, span.to, jobs[job + 1]?.at ?? Infinity);
      if (span.scheduled) {
        const { product } = ratesOf(this.#model.machine(machine), jobs[job] ?? null);
        const begins = counts !== null && counts >= at && counts < until;
        parts.push({ segment, scheduledMs: until - at, shift: span.shift?.name ?? null, product, begins });
      }
      at = until;
    }
    return parts;
  }

  #sweptOf(machine: Machine): Swept {
    let swept = this.#swept.get(machine);
    if (swept === undefined) this.#swept.set(machine, (swept = this.#sweep(machine)));
    return swept;
  }

  #sweep(machine: Machine): Swept {
    const history = this.#recordOf(machine).history;
    const { now } = this;
    const first = Math.min(history.first, now);
    if (first >= now) return { rows: [], cuts: [], stops: [], stopMs: new Map() };
    const instants = new Set([first, now]);
    for (const zone of [machine.timezone, this.plant.timezone]) {
      for (let day = dayAt(zone, first); ; day++) {
        const at = startOf(zone, day);
        if (at >= now) break;
        instants.add(at);
      }
    }
    const cuts = [...instants].sort((a, b) => a - b);
    const { rows, stops } = history.evaluate({ from: cuts[0] as number, to: now, now, cuts });
    const stopMs = new Map<string, number>();
    for (const { stop, scheduledDuration } of stops) stopMs.set(stop, (stopMs.get(stop) ?? 0) + scheduledDuration);
    return { rows, cuts, stops, stopMs };
  }
}

function sumsByProduct(rows: readonly Row[], from: number, to: number): ReadonlyMap<string | null, Sums> {
  const cells = new Map<string | null, Sums>();
  const batch = RowBatch.of(rows.slice(firstFrom(rows, from), firstFrom(rows, to)));
  for (let row = 0; row < batch.length; row++) {
    const { product } = batch.headAt(row);
    let sums = cells.get(product);
    if (sums === undefined) cells.set(product, (sums = new Sums()));
    sums.addRow(batch, row);
  }
  return cells;
}

/** The first row that begins at an instant or later. */
function firstFrom(rows: readonly Row[], instant: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as Row).from < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isCut(cuts: readonly number[], instant: number): boolean {
  let low = 0;
  let high = cuts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const cut = cuts[middle] as number;
    if (cut === instant) return true;
    if (cut < instant) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

function lastAtOrBefore(jobs: readonly JobEvent[], instant: number): number {
  let job = jobs.length - 1;
  while (job >= 0 && (jobs[job] as JobEvent).at > instant) job--;
  return job;
}
