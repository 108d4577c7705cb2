/**
 * What the review asks of the record: sums of components and times of stops, by machine and period. The rules of this
 * package see nothing else of the past, so that they give the same numbers over files, over stored rows and in a test.
 */
import { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import {
  type CorrectionEvent,
  type Hop,
  type Machine,
  type Plant,
  type Scope,
  type StopSegment,
  membersIn,
  compareCodePoints,
} from "@oee/model";

export interface Facts {
  readonly plant: Plant;
  /** Nothing is known from this instant (epoch ms) on (CO-2). */
  readonly now: number;
  /**
   * The result of a part of what the rules make: `make` is called once for a key, which names all that the part depends on.
   * Where it may not take long in one go, the rules end here with an exception, and are asked again with the parts made so far.
   */
  part<T>(key: string, make: () => T): T;
  /** Sums of one machine over a period, by product; the period is cut at `now`. */
  cellsOf(machine: Machine, period: Period): ReadonlyMap<string | null, Sums>;
  /** The scheduled time of stops, minor ones too, in a period, by time (PA-1); cut at `now`. Cut at jobs where the product is asked for. */
  stopPartsOf(machine: Machine, period: Period, byProduct?: boolean): readonly StopPart[];
  /** The same, summed by reason, state and whether they are minor. */
  stopTotalsOf(machine: Machine, period: Period): readonly StopTotal[];
  /** The parts of those stops, minor ones aside, among which are the longest so many of a period, by scheduled time in it. */
  longestStopParts(
    machines: readonly Machine[],
    period: Period,
    count: number,
  ): readonly (Pick<StopPart, "segment" | "scheduledMs"> & { readonly machine: Machine })[];
  /** The segments of stops that overlap a period, whole, by time. */
  segmentsOf(machine: Machine, period: Period): readonly ListedSegment[];
  /** The last scheduled millisecond of a segment, and the end of the shift that holds it; `null` where none is scheduled. */
  lastScheduled(
    machine: Machine,
    segment: StopSegment,
  ): { readonly at: number; readonly shiftEnd: number | null } | null;
  /** The first instant by which a machine has had so much scheduled time (ms) since another; infinite if it never has. */
  afterScheduled(machine: Machine, from: number, scheduledMs: number): number;
  /** The start (epoch ms) of the shift that a machine works at an instant; `null`: it works none. */
  shiftStart(machine: Machine, at: number): number | null;
  /**
   * Events of a machine, corrections aside, in a period and before `now`, after which no other came for longer than
   * `longerThanMs`, by time: when the event was, and when the next one; `null`: none has come.
   */
  silencesOf(machine: Machine, period: Period, longerThanMs: number): readonly Silence[];
  /** When the first instant of a segment was first given a reason that is not vague (RS-2); `null`: never. */
  reasonGivenAt(machine: Machine, segment: StopSegment): number | null;
  /** What the reasons of a machine's stops in a period come to, as seen at an instant (RS-1, SC-2). */
  reasonsOf(machine: Machine, period: Period, at: number): ReasonCounts;
  /** Whether an event of the machine, corrections aside, lies in a period (SC-1). */
  isSeen(machine: Machine, period: Period): boolean;
  /** Ids of machines that the plant lacks, of events refused as `unknown-machine` whose `at` lies in a period. */
  undeclaredIn(period: Period): readonly string[];
  /** How many days of machines (of the machine's site) within a period had a performance above 1 (P-4). */
  daysAbove1(machines: readonly Machine[], period: Period): number;
  /** How many running totals of machines in a period are doubted (CN-8). */
  doubtsIn(machines: readonly Machine[], period: Period): number;
  /** Corrections of a machine, in log order. */
  correctionsOf(machine: Machine): readonly CorrectionEvent[];
  /** SC-3: how many events of machines below a scope arrived in the hours that begin in a period, by bucket. */
  latenciesOf(scope: Scope, hop: Hop, period: Period): Iterable<readonly [bucket: number, count: number]>;
  /** How many events were refused whose `at` can be read and lies in a period, by code (RV-2). */
  refusedIn(period: Period): Readonly<Record<string, number>>;
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

/** What the reasons of stops come to, as seen at an instant. */
export interface ReasonCounts {
  /** Segments that need a reason (RS-1), have ended in the period, and whose time for it has passed (RS-2). */
  readonly due: number;
  /** Those of them that got it in time. */
  readonly inTime: number;
  /** Segments that lack a reason, whether their time has passed or not. */
  readonly lacking: number;
  /** The first `LACKING_MAX` (reasons.ts) of them, as they are listed. */
  readonly first: readonly LackingSegment[];
}

/** The scheduled time of one segment of a stop within a period, in one shift and under one product (PA-2). */
export interface StopPart {
  readonly segment: StopSegment;
  /** Scheduled time (ms); more than 0. */
  readonly scheduledMs: number;
  /** Name of the shift (CA-5). */
  readonly shift: string | null;
  /** The product in force (CN-3); `null` too where it was not asked for. */
  readonly product: string | null;
  /** Whether this part holds the segment's first scheduled instant, at which it counts. */
  readonly begins: boolean;
}

/** What stops of one machine, reason and state come to in a period. */
export interface StopTotal {
  readonly reason: string | null;
  readonly state: StopSegment["state"];
  readonly minor: boolean;
  readonly scheduledMs: number;
  /** Segments whose first scheduled instant lies in the period (PA-1). */
  readonly count: number;
}

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

/** What measures are computed from: sums, and the time of stops that are not minor by reason. */
export class Amounts {
  readonly sums: Sums = new Sums();
  readonly #reasonTimes = new Map<string | null, number>();
  /** Machines and periods whose stops are not asked for yet: most measures need none. */
  #unasked: { readonly facts: Facts; readonly machine: Machine; readonly period: Period }[] = [];

  add(other: Amounts): this {
    this.sums.addSums(other.sums);
    for (const [reason, time] of other.#reasonTimes) this.addReason(reason, time);
    for (const one of other.#unasked) this.#unasked.push(one);
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
    return amounts;
  });
  // Of its own, for it may be added to, and asks for stops when it is asked for them.
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

/** Of two spans of a machine. */
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

/** No product first, then by code points: what is made of them must not depend on what was made first. Those of nothing are left out. */
export function inOrder(cells: ReadonlyMap<string | null, Sums>): ReadonlyMap<string | null, Sums> {
  return new Map(
    [...cells]
      .filter(([, sums]) => !sums.isNothing)
      .sort(([a], [b]) => Number(a !== null) - Number(b !== null) || compareCodePoints(a ?? "", b ?? "")),
  );
}
