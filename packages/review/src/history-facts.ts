/**
 * Facts computed from whole histories of events, as files give them. Each machine's time is swept once, with rows cut at the
 * dates of its site and of the enterprise, so that most periods of a review are sums of these rows. A period that begins or
 * ends elsewhere is swept on its own. The time before a machine's first event needs no sweep: its calendar says what it is.
 */
import { kpisOf, Sums } from "@oee/answers";
import { DAY_MS, MINUTE_MS, type Period } from "@oee/calendar";
import { type MachineModel, type PlantModel, ratesOf } from "@oee/engine";
import {
  type CorrectionEvent,
  firstNotBefore,
  type Machine,
  PLACE,
  type Row,
  RowBatch,
  type Scope,
  type StopSegment,
  WIDTH,
} from "@oee/model";
import { CalendarFacts } from "./calendar-facts.ts";
import { correctedSpans, correctedStopMs } from "./corrected-stops.ts";
import { dayAt, daysIn, startOf } from "./dates.ts";
import {
  type Facts,
  type ListedSegment,
  type PlantFileOfRows,
  type ReasonCounts,
  type Silence,
  type StopPart,
  type StopTotal,
  totalsOf,
  inOrder,
} from "./facts.ts";
import { LATE_EVENTS_MAX, type LateEvents } from "./late-events.ts";
import { plantFileAtHand } from "./policies.ts";
import { lowerBound, type RecordedMachine } from "./recorded-machine.ts";
import { reasonsInSpans } from "./reasons.ts";
import type { RecordedRefusals } from "./recorded-refusals.ts";
import { stopParts } from "./stop-parts.ts";

interface Swept {
  /** Rows in order of time. */
  readonly rows: readonly Row[];
  /** Sorted instants at which rows are cut. */
  readonly cuts: readonly number[];
  readonly stops: readonly StopSegment[];
  /** Scheduled time (ms) of each stop, by its id. */
  readonly stopMs: ReadonlyMap<string, number>;
  /** Instants of totals that are doubted, one for each quantity. */
  readonly doubted: readonly number[];
}

/** Days of UTC, of each machine, whose minute rows are kept; a window looks back at most one day. */
const DAYS_KEPT = 3;

const NO_CELLS: ReadonlyMap<string | null, Sums> = new Map();

export class HistoryFacts extends CalendarFacts implements Facts {
  readonly #recordOf: (machine: Machine) => RecordedMachine;
  readonly #refusals: RecordedRefusals;
  readonly #swept = new Map<Machine, Swept>();
  /** Sums of periods that had to be swept on their own, by machine and period. */
  readonly #apart = new Map<Machine, Map<string, ReadonlyMap<string | null, Sums>>>();
  /** Rows cut at each minute, by machine and day of UTC. */
  readonly #days = new Map<Machine, Map<number, RowBatch>>();

  /** `recordOf` gives all events of a machine; those at `now` (epoch ms) or later are not taken into account (CO-2). */
  constructor(
    model: PlantModel,
    now: number,
    recordOf: (machine: Machine) => RecordedMachine,
    refusals: RecordedRefusals,
  ) {
    super(model, now);
    this.#recordOf = recordOf;
    this.#refusals = refusals;
  }

  /** Makes the part at once: a computation over files may block. */
  part<T>(_key: string, make: () => T): T {
    return make();
  }

  cellsOf(machine: Machine, { from, to }: Period): ReadonlyMap<string | null, Sums> {
    const end = Math.min(to, this.now);
    if (from >= end) return NO_CELLS;
    const first = this.#sweptOf(machine).cuts[0] ?? end;
    if (first <= from || (first < end && isWindow(from, end))) return this.#cellsHeard(machine, from, end);
    const cells = new Map([
      [null as string | null, unheardTime(this.model.machine(machine), from, Math.min(first, end))],
    ]);
    if (first < end) {
      for (const [product, sums] of this.#cellsHeard(machine, first, end)) {
        cells.set(product, cells.get(product)?.addSums(sums) ?? sums);
      }
    }
    return inOrder(cells);
  }

  #cellsHeard(machine: Machine, from: number, end: number): ReadonlyMap<string | null, Sums> {
    const { rows, cuts } = this.#sweptOf(machine);
    if (isCut(cuts, from) && isCut(cuts, end)) {
      return sumsByProduct([RowBatch.of(rows.slice(firstFrom(rows, from), firstFrom(rows, end)))], from, end);
    }
    if (isWindow(from, end)) return sumsByProduct(this.#minutesOf(machine, from, end), from, end);
    let apart = this.#apart.get(machine);
    if (apart === undefined) this.#apart.set(machine, (apart = new Map()));
    const key = `${from} ${end}`;
    let cells = apart.get(key);
    if (cells === undefined) {
      const swept = this.#recordOf(machine).history.evaluate({ from, to: end, now: this.now });
      apart.set(key, (cells = sumsByProduct([RowBatch.of(swept.rows)], from, end)));
    }
    return cells;
  }

  stopPartsOf(machine: Machine, { from, to }: Period, byProduct = false): readonly StopPart[] {
    const end = Math.min(to, this.now);
    const { stops } = this.#sweptOf(machine);
    const model = this.model.machine(machine);
    const jobs = byProduct ? this.#recordOf(machine).history.jobs : null;
    return stops.flatMap((segment) =>
      segment.from < end && segment.to > from ? stopParts(model, segment, from, end, jobs) : [],
    );
  }

  stopTotalsOf(machine: Machine, period: Period): readonly StopTotal[] {
    return totalsOf(this.stopPartsOf(machine, period));
  }

  longestStopParts(machines: readonly Machine[], period: Period): ReturnType<Facts["longestStopParts"]> {
    return machines.flatMap((machine) =>
      this.stopPartsOf(machine, period).flatMap(({ segment, scheduledMs }) =>
        segment.minor ? [] : [{ machine, segment, scheduledMs }],
      ),
    );
  }

  segmentsOf(machine: Machine, { from, to }: Period): readonly ListedSegment[] {
    const { stops, stopMs } = this.#sweptOf(machine);
    return stops.flatMap((segment) =>
      segment.from < to && segment.to > from ? [{ segment, stopMs: stopMs.get(segment.stop) ?? 0 }] : [],
    );
  }

  silencesOf(machine: Machine, { from, to }: Period, longerThanMs: number): readonly Silence[] {
    const { instants } = this.#recordOf(machine);
    const end = lowerBound(instants, this.now);
    const silences: Silence[] = [];
    for (let i = lowerBound(instants, from); i < end; i++) {
      const at = instants[i] as number;
      if (at >= to) break;
      const next = i + 1 < end ? (instants[i + 1] as number) : null;
      if ((next ?? Infinity) - at > longerThanMs) silences.push({ at, next });
    }
    return silences;
  }

  reasonGivenAt(machine: Machine, segment: StopSegment): number | null {
    return this.#recordOf(machine).reasons.givenAt(this.plant.reasons, segment.from, this.now);
  }

  reasonsOf(machine: Machine, period: Period, at: number): ReasonCounts {
    return reasonsInSpans(this, machine, [period], at);
  }

  isSeen(machine: Machine, { from, to }: Period): boolean {
    return this.#recordOf(machine).isSeen(from, Math.min(to, this.now));
  }

  undeclaredIn(period: Period): readonly string[] {
    return this.#refusals.undeclaredIn(period);
  }

  daysAbove1(machines: readonly Machine[], period: Period): number {
    let days = 0;
    for (const machine of machines) {
      const [first] = this.#sweptOf(machine).cuts;
      if (machine.idealCycleUs === null || first === undefined) continue;
      const { timezone } = machine;
      for (const day of daysIn(timezone, {
        from: Math.max(period.from, startOf(timezone, dayAt(timezone, first))),
        to: period.to,
      })) {
        const sums = new Sums();
        for (const cell of this.cellsOf(machine, day).values()) sums.addSums(cell);
        const { performance } = kpisOf(sums, true);
        if (performance !== null && performance > 1) days++;
      }
    }
    return days;
  }

  doubtsIn(machines: readonly Machine[], { from, to }: Period): number {
    const end = Math.min(to, this.now);
    let doubts = 0;
    for (const machine of machines) {
      for (const at of this.#sweptOf(machine).doubted) if (at >= from && at < end) doubts++;
    }
    return doubts;
  }

  /** That of the plant at hand, by which files are computed. */
  plantFilesOf(scope: Scope, { from, to }: Period): readonly PlantFileOfRows[] {
    if (from >= Math.min(to, this.now) || scope.machines.length === 0) return [];
    return [plantFileAtHand(this.plant, scope)];
  }

  correctionsOf(machine: Machine): readonly CorrectionEvent[] {
    return this.#recordOf(machine).reasons.corrections;
  }

  /** How many events of a machine, corrections and repeats aside, have their instant before another (epoch ms). */
  eventsBefore(machine: Machine, instant: number): number {
    return lowerBound(this.#recordOf(machine).instants, instant);
  }

  correctedStopMs(machine: Machine, { from, to }: Period): number {
    const { history, reasons } = this.#recordOf(machine);
    const { corrections } = reasons;
    const spans = correctedSpans(corrections, { from, to: Math.min(to, this.now) });
    const [first, last] = [spans[0], spans.at(-1)];
    if (first === undefined || last === undefined) return 0;
    const told = history.told({ from: first.from, to: last.to, now: this.now });
    const model = this.model.machine(machine);
    return spans.reduce((sum, span) => sum + correctedStopMs(model, told, corrections, span), 0);
  }

  /** None: files do not hold when events arrived. */
  latenciesOf(): readonly [] {
    return [];
  }

  lateEventsIn(machines: readonly Machine[], { from, to }: Period, after: number): LateEvents {
    const sum = { count: 0, after: 0 };
    for (const machine of machines) {
      const late = this.#recordOf(machine).lateIn(from, Math.min(to, this.now), after);
      sum.count += late.count;
      sum.after += late.after;
    }
    return sum.count > LATE_EVENTS_MAX ? { count: LATE_EVENTS_MAX, after: null } : sum;
  }

  refusedIn(period: Period): Readonly<Record<string, number>> {
    return this.#refusals.countsIn(period);
  }

  /** Rows cut at each minute, of the days of UTC that a period of at most a day touches, such as a window that moves on by minutes. */
  #minutesOf(machine: Machine, from: number, to: number): readonly RowBatch[] {
    let days = this.#days.get(machine);
    if (days === undefined || days.size > DAYS_KEPT) this.#days.set(machine, (days = new Map()));
    const batches: RowBatch[] = [];
    for (let day = Math.floor(from / DAY_MS); day * DAY_MS < to; day++) {
      let own = days.get(day);
      if (own === undefined) {
        const end = Math.min((day + 1) * DAY_MS, this.now);
        const query = { from: day * DAY_MS, to: end, now: this.now, cuts: "minutes" } as const;
        own = RowBatch.of(this.#recordOf(machine).history.evaluate(query).rows);
        days.set(day, own);
      }
      batches.push(own);
    }
    return batches;
  }

  #sweptOf(machine: Machine): Swept {
    let swept = this.#swept.get(machine);
    if (swept === undefined) this.#swept.set(machine, (swept = this.#sweep(machine)));
    return swept;
  }

  #sweep(machine: Machine): Swept {
    const { history, reasons } = this.#recordOf(machine);
    const { now } = this;
    const first = reasons.corrections.reduce((least, { from }) => Math.min(least, from), Math.min(history.first, now));
    if (first >= now) return { rows: [], cuts: [], stops: [], stopMs: new Map(), doubted: [] };
    const instants = new Set([first, now]);
    for (const scope of [this.plant.scopes.get(machine.site), this.plant.scopes.get("*")]) {
      if (scope === undefined) continue;
      const { timezone, periods } = scope;
      // Dates begin at midnight, the days of named periods as the plant file says (PE-5).
      for (const minute of new Set([0, periods.dayStartMinute])) {
        for (let day = dayAt(timezone, first); ; day++) {
          const at = startOf(timezone, day, minute);
          if (at >= now) break;
          instants.add(at);
        }
      }
    }
    const cuts = [...instants].sort((a, b) => a - b);
    const { rows, stops, doubted: doubts } = history.evaluate({ from: cuts[0] as number, to: now, now, cuts });
    const stopMs = new Map<string, number>();
    for (const { stop, scheduledDuration } of stops) stopMs.set(stop, (stopMs.get(stop) ?? 0) + scheduledDuration);
    const doubted = doubts.filter(({ isTrue }) => !isTrue).map(({ at }) => at);
    return { rows, cuts, stops, stopMs, doubted };
  }
}

/** Whether a period is one of those of which each next one lies some minutes later. */
function isWindow(from: number, to: number): boolean {
  return to - from <= DAY_MS && from % MINUTE_MS === 0 && to % MINUTE_MS === 0;
}

/** The time of a machine without events: unknown where it is scheduled (TL-1), else not planned (CA-4). */
function unheardTime(model: MachineModel, from: number, to: number): Sums {
  const rows = new RowBatch();
  const row = rows.addEmpty(model.headOf(ratesOf(model, null), null), from) * WIDTH;
  const scheduled = model.clock.scheduledMs(from, to);
  rows.values[row + PLACE.unknownTime] = scheduled;
  rows.values[row + PLACE.notPlannedTime] = to - from - scheduled;
  return new Sums().addRow(rows, 0);
}

/** Sums by product of the rows that begin in `[from, to)`; rows are in order of time. */
function sumsByProduct(batches: readonly RowBatch[], from: number, to: number): ReadonlyMap<string | null, Sums> {
  const cells = new Map<string | null, Sums>();
  for (const batch of batches) {
    const first = firstNotBefore(batch.length, (row) => batch.fromAt(row) < from);
    for (let row = first; row < batch.length && batch.fromAt(row) < to; row++) {
      const { product } = batch.headAt(row);
      let sums = cells.get(product);
      if (sums === undefined) cells.set(product, (sums = new Sums()));
      sums.addRow(batch, row);
    }
  }
  return inOrder(cells);
}

/** The index of the first row that begins at an instant or later. */
function firstFrom(rows: readonly Row[], instant: number): number {
  return firstNotBefore(rows.length, (place) => (rows[place] as Row).from < instant);
}

function isCut(cuts: readonly number[], instant: number): boolean {
  return cuts[firstNotBefore(cuts.length, (place) => (cuts[place] as number) < instant)] === instant;
}
