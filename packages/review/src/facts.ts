/**
 * The port by which the rules of this package ask of the past: sums of components and times of stops, by machine and period.
 * They see nothing else of it, so that they give the same numbers over files, over stored rows and in a test.
 */
import { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import {
  type CorrectionEvent,
  type Hop,
  type IdealCycles,
  type Machine,
  type Plant,
  type Scope,
  type ScopePolicy,
  type StopSegment,
  membersIn,
  compareCodePoints,
} from "@oee/model";
import type { LateEvents } from "./late-events.ts";

export interface Facts {
  readonly plant: Plant;
  /** Nothing is known from this instant (epoch ms) on (CO-2). */
  readonly now: number;
  /**
   * The result of a part of a computation; `make` is called once for a key, which names all that the part depends on. Where a
   * computation must not block, this may throw: the whole computation is then called again and finds the parts made so far.
   */
  part<T>(key: string, make: () => T): T;
  /** Sums of one machine over a period, by product; the period is cut at `now`. */
  cellsOf(machine: Machine, period: Period): ReadonlyMap<string | null, Sums>;
  /** The scheduled time of stops, minor ones too, in a period, by time (PA-1); cut at `now`. Cut at jobs where the product is asked for. */
  stopPartsOf(machine: Machine, period: Period, byProduct?: boolean): readonly StopPart[];
  /** These times summed by reason, state and whether the stop is minor. */
  stopTotalsOf(machine: Machine, period: Period): readonly StopTotal[];
  /** Parts of stops that are not minor; the `count` stops with the most scheduled time in the period are among them. */
  longestStopParts(
    machines: readonly Machine[],
    period: Period,
    count: number,
  ): readonly (Pick<StopPart, "segment" | "scheduledMs"> & { readonly machine: Machine })[];
  /** The segments of stops that overlap a period, not cut to it, in order of time. */
  segmentsOf(machine: Machine, period: Period): readonly ListedSegment[];
  /** The last scheduled millisecond of a segment, and the end of the shift that holds it; `null` where no part of it is scheduled. */
  lastScheduled(
    machine: Machine,
    segment: StopSegment,
  ): { readonly at: number; readonly shiftEnd: number | null } | null;
  /** The first instant by which a machine has had `scheduledMs` of scheduled time since `from`; Infinity if it never has. */
  afterScheduled(machine: Machine, from: number, scheduledMs: number): number;
  /** The start (epoch ms) of the shift that a machine works at an instant; `null`: it works none. */
  shiftStart(machine: Machine, at: number): number | null;
  /**
   * Events of a machine, corrections aside, in a period and before `now`, after which no other came for longer than
   * `longerThanMs`, by time: when the event was, and when the next one; `null`: none has come.
   */
  silencesOf(machine: Machine, period: Period, longerThanMs: number): readonly Silence[];
  /** When a segment's first instant first got a reason that is not vague (RS-2), epoch ms; `null`: never. */
  reasonGivenAt(machine: Machine, segment: StopSegment): number | null;
  /** Counts of a machine's stops in a period with and without a reason, as seen at an instant (RS-1, SC-2). */
  reasonsOf(machine: Machine, period: Period, at: number): ReasonCounts;
  /** Whether an event of the machine, corrections aside, lies in a period (SC-1). */
  isSeen(machine: Machine, period: Period): boolean;
  /** Ids of machines that the plant lacks: those of events refused as `unknown-machine` whose `at` lies in a period. */
  undeclaredIn(period: Period): readonly string[];
  /** On how many days, summed over machines, a machine's performance was above 1 (P-4); days are those of its site. */
  daysAbove1(machines: readonly Machine[], period: Period): number;
  /** How many running totals of machines in a period are doubted (CN-8). */
  doubtsIn(machines: readonly Machine[], period: Period): number;
  /** The plant files by which what is known of a scope in a period was computed, each once, in the order in which they were loaded. */
  plantFilesOf(scope: Scope, period: Period): readonly PlantFileOfRows[];
  /** Corrections of a machine, in log order. */
  correctionsOf(machine: Machine): readonly CorrectionEvent[];
  /**
   * Scheduled time (ms) in a period, before `now`, that was an unplanned stop by a machine's events alone (TL-1 to TL-4, TL-9)
   * and is something else by its corrections (BM-3).
   */
  correctedStopMs(machine: Machine, period: Period): number;
  /** SC-3: how many events of machines below a scope arrived in the hours that begin in a period, by bucket. */
  latenciesOf(scope: Scope, hop: Hop, period: Period): Iterable<readonly [bucket: number, count: number]>;
  /** Events of machines in a period, corrections aside, that came late, and how many of them at `after` (epoch ms) or later; none where arrivals are not known. */
  lateEventsIn(machines: readonly Machine[], period: Period, after: number): LateEvents;
  /** How many events were refused whose `at` can be read and lies in a period, by code (RV-2). */
  refusedIn(period: Period): Readonly<Record<string, number>>;
}

/** A plant file by which figures of a scope were computed: the one at hand, or a former one. */
export interface PlantFileOfRows {
  readonly version: string;
  /** The local date of its first figures in the period asked for; missing where nobody asked when. */
  readonly since?: string;
  /** That of the scope (BL-2). */
  readonly policy: ScopePolicy;
  /** The ideal cycles that are not those of the plant at hand. */
  readonly idealCycles: IdealCycles;
}

export interface Silence {
  readonly at: number;
  readonly next: number | null;
}

/** A segment of a stop, with the length of the whole stop: its scheduled time (ms), as far as known (ST-1). */
export interface ListedSegment {
  readonly segment: StopSegment;
  readonly stopMs: number;
}

/** A segment of a stop that lacks a reason. */
export interface LackingSegment {
  readonly machine: Machine;
  readonly segment: Pick<StopSegment, "from" | "open" | "scheduledDuration">;
}

/** Counts of segments of stops with and without a reason, as seen at an instant. */
export interface ReasonCounts {
  /** Segments that need a reason (RS-1), have ended in the period, and whose deadline for it has passed (RS-2). */
  readonly due: number;
  /** The due segments that got their reason in time. */
  readonly inTime: number;
  /** Segments that lack a reason, whether their deadline has passed or not. */
  readonly lacking: number;
  /** The first `LACKING_MAX` (reasons.ts) segments that lack a reason, in the order of RS-1. */
  readonly first: readonly LackingSegment[];
}

/** The scheduled time of one segment of a stop within a period, in one shift and under one product (PA-2). */
export interface StopPart {
  readonly segment: StopSegment;
  /** Scheduled time (ms); more than 0. */
  readonly scheduledMs: number;
  /** Name of the shift (CA-5). */
  readonly shift: string | null;
  /** The product in force (CN-3); `null` also where parts by product were not asked for. */
  readonly product: string | null;
  /** Whether this part holds the segment's first scheduled instant, at which it counts. */
  readonly begins: boolean;
}

/** Time and number of the stops of one machine, reason and state in a period. */
export interface StopTotal {
  readonly reason: string | null;
  readonly state: StopSegment["state"];
  readonly minor: boolean;
  readonly scheduledMs: number;
  /** Segments whose first scheduled instant lies in the period (PA-1). */
  readonly count: number;
}

/** The parts of one machine's stops, added up by reason, state and whether they are minor. */
export function totalsOf(parts: Iterable<StopPart>): readonly StopTotal[] {
  const totals = new Map<string, { -readonly [key in keyof StopTotal]: StopTotal[key] }>();
  for (const { segment, scheduledMs, begins } of parts) {
    const { reason, state, minor } = segment;
    const key = JSON.stringify([reason, state, minor]);
    let total = totals.get(key);
    if (total === undefined) totals.set(key, (total = { reason, state, minor, scheduledMs: 0, count: 0 }));
    total.scheduledMs += scheduledMs;
    total.count += Number(begins);
  }
  return [...totals.values()];
}

/** What measures are computed from: sums of components, and the time of stops that are not minor, by reason. */
export class Amounts {
  readonly sums: Sums = new Sums();
  readonly #reasonTimes = new Map<string | null, number>();
  /** Machines and periods whose stops are summed only once `reasonTimes` is read, for most measures need none. */
  #unasked: { readonly facts: Facts; readonly machine: Machine; readonly period: Period }[] = [];
  /** The scopes and periods that the sums are of, for measures of more than sums; none where they were frozen or imported. */
  readonly of: { readonly facts: Facts; readonly scope: Scope; readonly period: Period }[] = [];

  add(other: Amounts): this {
    this.sums.addSums(other.sums);
    for (const [reason, time] of other.#reasonTimes) this.addReason(reason, time);
    for (const one of other.#unasked) this.#unasked.push(one);
    for (const one of other.of) this.of.push(one);
    return this;
  }

  addMachine(facts: Facts, machine: Machine, period: Period): this {
    for (const sums of facts.cellsOf(machine, period).values()) this.sums.addSums(sums);
    this.#unasked.push({ facts, machine, period });
    return this;
  }

  /** Planned time (ms), the denominator of most measures. */
  get planned(): number {
    return this.sums.planned;
  }

  /** Scheduled time (ms) of stops that are not minor, by the whole path of their reason (PA-1); `null`: no reason. */
  get reasonTimes(): ReadonlyMap<string | null, number> {
    for (const { facts, machine, period } of this.#unasked) {
      for (const { reason, minor, scheduledMs } of facts.stopTotalsOf(machine, period)) {
        if (!minor) this.addReason(reason, scheduledMs);
      }
    }
    this.#unasked = [];
    return this.#reasonTimes;
  }

  addReason(reason: string | null, time: number): void {
    this.#reasonTimes.set(reason, (this.#reasonTimes.get(reason) ?? 0) + time);
  }
}

/** The amounts of the machines that stand for a scope (EQ-3). */
export function amountsOf(facts: Facts, scope: Scope, period: Period): Amounts {
  const made = facts.part(`amounts of ${scope.path} ${period.from}-${period.to}`, () => {
    const amounts = new Amounts();
    for (const { machine, period: span } of membersIn(scope, period)) amounts.addMachine(facts, machine, span);
    amounts.of.push({ facts, scope, period });
    return amounts;
  });
  // The part is shared: the caller gets a copy, for it may add to it, and reading `reasonTimes` changes it.
  return new Amounts().add(made);
}

/** Sums by product of each of the machines that stood for a scope, over the time in which they did (EQ-3, DI-3). */
export function cellsOfMembers(
  facts: Facts,
  scope: Scope,
  period: Period,
): Map<Machine, ReadonlyMap<string | null, Sums>> {
  const all = new Map<Machine, ReadonlyMap<string | null, Sums>>();
  for (const { machine, period: span } of membersIn(scope, period)) {
    const cells = facts.cellsOf(machine, span);
    const before = all.get(machine);
    all.set(machine, before === undefined ? cells : sumOfCells(before, cells));
  }
  return all;
}

/** The cells of two spans of a machine, summed by product. */
export function sumOfCells(
  first: ReadonlyMap<string | null, Sums>,
  second: ReadonlyMap<string | null, Sums>,
): ReadonlyMap<string | null, Sums> {
  const cells = new Map([...first].map(([product, sums]) => [product, new Sums().addSums(sums)]));
  for (const [product, sums] of second) cells.set(product, (cells.get(product) ?? new Sums()).addSums(sums));
  return inOrder(cells);
}

export function sumOfAmounts(parts: Iterable<Amounts>): Amounts {
  const sum = new Amounts();
  for (const part of parts) sum.add(part);
  return sum;
}

/** Cells in one order, no product first, then by code points, so that a sum over them never depends on which product was made first. Empty cells are left out. */
export function inOrder(cells: ReadonlyMap<string | null, Sums>): ReadonlyMap<string | null, Sums> {
  if (cells.size === 1) for (const sums of cells.values()) if (!sums.isNothing) return cells;
  return new Map(
    [...cells]
      .filter(([, sums]) => !sums.isNothing)
      .sort(([a], [b]) => Number(a !== null) - Number(b !== null) || compareCodePoints(a ?? "", b ?? "")),
  );
}
