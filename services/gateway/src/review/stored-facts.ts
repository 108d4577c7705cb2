/**
 * Facts from the store, for the rules of the review. The rules ask for one fact after the other, synchronously. A fact that
 * has not been read is noted as lacking and answered with nothing; once it has been read, the rules are called again. So the
 * rules are the same as over files, and what they need is read by few questions about many machines.
 */
import type { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import type { PlantModel, Segment } from "@oee/engine";
import type { CorrectionEvent, Hop, JobEvent, Machine, Scope, StopSegment } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import {
  CalendarFacts,
  correctedSpans,
  correctedStopMs,
  type Facts,
  type LateEvents,
  type ListedSegment,
  type PlantFileOfRows,
  type ReasonCounts,
  type ReasonTrail,
  type RecordedRefusals,
  type Silence,
  stopParts,
  type StopPart,
  type StopTotal,
} from "@oee/review";

/** The rules have used up their slice of time: call them again after `giveWay`; parts that they have made are kept. */
export class PartsToCome extends Error {
  override readonly name = "PartsToCome";
}

/** Facts that were asked for and have not been read, by kind, with their machines and periods. */
export interface Lacking {
  readonly cells: Map<Machine, Period[]>;
  readonly totals: Map<Machine, Period[]>;
  readonly segments: Map<Machine, Period[]>;
  /** Spans of corrections. */
  readonly told: Map<Machine, Period[]>;
  /** By the instant as of which reasons are judged (epoch ms). */
  readonly reasons: Map<number, Map<Machine, Period[]>>;
  readonly jobs: Set<Machine>;
  readonly trails: Set<Machine>;
  readonly corrections: Set<Machine>;
  /** By the least length of a silence (ms). */
  readonly silences: Map<number, Map<Machine, Period[]>>;
  readonly seen: Map<string, Period>;
  readonly latencies: Map<string, { readonly machines: readonly Machine[]; readonly period: Period }>;
  readonly longest: Map<
    string,
    { readonly machines: readonly Machine[]; readonly period: Period; readonly count: number }
  >;
  readonly above1: Map<string, { readonly machines: readonly Machine[]; readonly period: Period }>;
  readonly doubts: Map<string, { readonly machines: readonly Machine[]; readonly period: Period }>;
  readonly late: Map<
    string,
    { readonly machines: readonly Machine[]; readonly period: Period; readonly after: number }
  >;
  readonly plantFiles: Map<string, { readonly scope: Scope; readonly period: Period }>;
}

/** Instant of a machine's last event (epoch ms); `null`: none has come, as far as is known; `"ask"`: the store must be asked. */
export type LastHeard = (machine: Machine) => number | null | "ask";

const NO_REASONS: ReasonCounts = { due: 0, inTime: 0, lacking: 0, first: [] };
const NONE_LATE: LateEvents = { count: 0, after: 0 };
const NO_CELLS: ReadonlyMap<string | null, Sums> = new Map();

export class StoredFacts extends CalendarFacts implements Facts {
  readonly #refusals: RecordedRefusals;
  readonly cells: Kept<ReadonlyMap<string | null, Sums>> = new Kept();
  readonly totals: Kept<readonly StopTotal[]> = new Kept();
  readonly segments: Kept<readonly ListedSegment[]> = new Kept();
  /** The segments of spans as events alone tell them, before corrections. */
  readonly told: Kept<readonly Segment[]> = new Kept();
  readonly reasons: KeptReasons = new KeptReasons();
  readonly jobs: Map<Machine, readonly JobEvent[]> = new Map();
  readonly trails: Map<Machine, ReasonTrail> = new Map();
  readonly corrections: Map<Machine, readonly CorrectionEvent[]> = new Map();
  readonly silences: Map<number, Kept<readonly Silence[]>> = new Map();
  readonly seen: Map<string, ReadonlySet<string>> = new Map();
  readonly latencies: Map<string, ReadonlyMap<string, readonly (readonly [number, number])[]>> = new Map();
  readonly longest: Map<string, readonly ListedSegment[]> = new Map();
  readonly above1: Map<string, number> = new Map();
  readonly doubts: Map<string, number> = new Map();
  readonly late: Map<string, LateEvents> = new Map();
  readonly plantFiles: Map<string, readonly PlantFileOfRows[]> = new Map();
  readonly #lastHeard: LastHeard;
  #lacking: Lacking = nothingLacking();
  /** Number of times that a fact was lacking. */
  #misses = 0;
  readonly #giveWay = new GiveWay();
  readonly #parts: Map<string, unknown> = new Map();
  /** Parts that were made while facts were lacking; dropped when these are read. */
  readonly #incomplete: Map<string, unknown> = new Map();
  #madeSome = false;

  /**
   * `now` (epoch ms) must be a whole minute where rows are summed up to it. `lastHeard` gives the last event of a machine where
   * that is known without asking the store.
   */
  constructor(model: PlantModel, now: number, refusals: RecordedRefusals, lastHeard: LastHeard = () => "ask") {
    super(model, now);
    this.#refusals = refusals;
    this.#lastHeard = lastHeard;
  }

  /** Throws `PartsToCome` where the parts made since the last `giveWay` took too long; the rules are then called again. */
  part<T>(key: string, make: () => T): T {
    if (this.#parts.has(key)) return this.#parts.get(key) as T;
    if (this.#incomplete.has(key)) {
      // A part that is made of an incomplete one is incomplete too.
      this.#misses++;
      return this.#incomplete.get(key) as T;
    }
    if (this.#madeSome && this.#giveWay.due) throw new PartsToCome();
    const misses = this.#misses;
    const made = make();
    (this.#misses === misses ? this.#parts : this.#incomplete).set(key, made);
    this.#madeSome = true;
    return made;
  }

  /** Resolves when other work had the event loop; the rules may then be called again. */
  async giveWay(): Promise<void> {
    await this.#giveWay.now();
    this.#madeSome = false;
  }

  /** Ends a round: gives the facts that it lacked, and drops what was made without them; `null`: it lacked none. */
  endRound(): Lacking | null {
    const lacking = this.#lacking;
    this.#lacking = nothingLacking();
    this.#incomplete.clear();
    return Object.values(lacking).some(({ size }: { readonly size: number }) => size > 0) ? lacking : null;
  }

  /** The start of the first segment that has been read of a machine; `Infinity`: none has. */
  earliestStop(machine: Machine): number {
    let earliest = Infinity;
    for (const segments of this.segments.of(machine)) {
      for (const { segment } of segments) earliest = Math.min(earliest, segment.from);
    }
    return earliest;
  }

  cellsOf(machine: Machine, period: Period): ReadonlyMap<string | null, Sums> {
    const cut = this.#cut(period);
    return cut === null ? NO_CELLS : (this.#known("cells", machine, cut) ?? NO_CELLS);
  }

  stopPartsOf(machine: Machine, period: Period, byProduct = false): readonly StopPart[] {
    const cut = this.#cut(period);
    if (cut === null) return [];
    const jobs = byProduct ? this.#ofMachine("jobs", machine) : null;
    const segments = this.#known("segments", machine, cut) ?? [];
    if (jobs === undefined) return [];
    const model = this.model.machine(machine);
    return segments.flatMap(({ segment }) => stopParts(model, segment, cut.from, cut.to, jobs));
  }

  stopTotalsOf(machine: Machine, period: Period): readonly StopTotal[] {
    const cut = this.#cut(period);
    return cut === null ? [] : (this.#known("totals", machine, cut) ?? []);
  }

  longestStopParts(machines: readonly Machine[], period: Period, count: number): ReturnType<Facts["longestStopParts"]> {
    const cut = this.#cut(period);
    if (cut === null || machines.length === 0) return [];
    const key = `${keyOf(cut)} ${count} ${listKey(machines)}`;
    const known = this.longest.get(key);
    if (known === undefined) {
      this.#misses++;
      this.#lacking.longest.set(key, { machines, period: cut, count });
    }
    return (known ?? []).flatMap(({ segment }) => {
      const machine = this.plant.machineById.get(segment.machine);
      if (machine === undefined || segment.minor) return [];
      return stopParts(this.model.machine(machine), segment, cut.from, cut.to, null).map(({ scheduledMs }) => ({
        machine,
        segment,
        scheduledMs,
      }));
    });
  }

  segmentsOf(machine: Machine, period: Period): readonly ListedSegment[] {
    const cut = this.#cut(period);
    return cut === null ? [] : (this.#known("segments", machine, cut) ?? []);
  }

  silencesOf(machine: Machine, period: Period, longerThanMs: number): readonly Silence[] {
    const last = this.#lastHeard(machine);
    if (last === null) return [];
    if (last !== "ask") return this.now - last > longerThanMs ? [{ at: last, next: null }] : [];
    const known = this.silences.get(longerThanMs)?.get(machine, period);
    if (known !== undefined) return known;
    this.#misses++;
    let lacking = this.#lacking.silences.get(longerThanMs);
    if (lacking === undefined) this.#lacking.silences.set(longerThanMs, (lacking = new Map()));
    const periods = lacking.get(machine);
    if (periods === undefined) lacking.set(machine, [period]);
    else periods.push(period);
    return [];
  }

  reasonGivenAt(machine: Machine, segment: StopSegment): number | null {
    return this.#ofMachine("trails", machine)?.givenAt(this.plant.reasons, segment.from, this.now) ?? null;
  }

  reasonsOf(machine: Machine, period: Period, at: number): ReasonCounts {
    const cut = this.#cut(period);
    if (cut === null) return NO_REASONS;
    const known = this.reasons.get(machine, cut, at);
    if (known === undefined) {
      this.#misses++;
      let lacking = this.#lacking.reasons.get(at);
      if (lacking === undefined) this.#lacking.reasons.set(at, (lacking = new Map()));
      const periods = lacking.get(machine);
      if (periods === undefined) lacking.set(machine, [cut]);
      else periods.push(cut);
    }
    return known ?? NO_REASONS;
  }

  isSeen(machine: Machine, period: Period): boolean {
    const cut = this.#cut(period);
    if (cut === null) return false;
    const key = keyOf(cut);
    const known = this.seen.get(key);
    if (known !== undefined) return known.has(machine.id);
    this.#misses++;
    this.#lacking.seen.set(key, cut);
    return false;
  }

  undeclaredIn(period: Period): readonly string[] {
    return this.#refusals.undeclaredIn(period);
  }

  daysAbove1(machines: readonly Machine[], period: Period): number {
    const cut = this.#cut(period);
    const rated = machines.filter(({ idealCycleUs }) => idealCycleUs !== null);
    return cut === null || rated.length === 0 ? 0 : this.#number("above1", rated, cut);
  }

  doubtsIn(machines: readonly Machine[], period: Period): number {
    const cut = this.#cut(period);
    return cut === null || machines.length === 0 ? 0 : this.#number("doubts", machines, cut);
  }

  plantFilesOf(scope: Scope, period: Period): readonly PlantFileOfRows[] {
    const cut = this.#cut(period);
    if (cut === null || scope.machines.length === 0) return [];
    const key = `${scope.path} ${keyOf(cut)}`;
    const known = this.plantFiles.get(key);
    if (known === undefined) {
      this.#misses++;
      this.#lacking.plantFiles.set(key, { scope, period: cut });
    }
    return known ?? [];
  }

  correctionsOf(machine: Machine): readonly CorrectionEvent[] {
    return this.#ofMachine("corrections", machine) ?? [];
  }

  correctedStopMs(machine: Machine, period: Period): number {
    const cut = this.#cut(period);
    const corrections = this.correctionsOf(machine);
    const spans = cut === null ? [] : correctedSpans(corrections, cut);
    return spans.reduce((sum, span) => {
      const told = this.#known("told", machine, span) ?? [];
      return sum + correctedStopMs(this.model.machine(machine), told, corrections, span);
    }, 0);
  }

  latenciesOf({ machines }: Scope, hop: Hop, period: Period): Iterable<readonly [number, number]> {
    const key = `${keyOf(period)} ${listKey(machines)}`;
    const known = this.latencies.get(key);
    if (known === undefined) {
      this.#misses++;
      this.#lacking.latencies.set(key, { machines, period });
    }
    return known?.get(hop) ?? [];
  }

  lateEventsIn(machines: readonly Machine[], period: Period, after: number): LateEvents {
    const cut = this.#cut(period);
    if (cut === null || machines.length === 0) return NONE_LATE;
    const key = `${keyOf(cut)} ${after} ${listKey(machines)}`;
    const known = this.late.get(key);
    if (known === undefined) {
      this.#misses++;
      this.#lacking.late.set(key, { machines, period: cut, after });
    }
    return known ?? NONE_LATE;
  }

  refusedIn(period: Period): Readonly<Record<string, number>> {
    return this.#refusals.countsIn(period);
  }

  #cut({ from, to }: Period): Period | null {
    const end = Math.min(to, this.now);
    return from < end ? { from, to: end } : null;
  }

  #number(kind: "above1" | "doubts", machines: readonly Machine[], period: Period): number {
    const key = `${keyOf(period)} ${listKey(machines)}`;
    const known = this[kind].get(key);
    if (known === undefined) {
      this.#misses++;
      this.#lacking[kind].set(key, { machines, period });
    }
    return known ?? 0;
  }

  #known<K extends "cells" | "totals" | "segments" | "told">(
    kind: K,
    machine: Machine,
    period: Period,
  ): ReturnType<this[K]["get"]> {
    const known = this[kind].get(machine, period);
    if (known === undefined) {
      this.#misses++;
      const lacking = this.#lacking[kind].get(machine);
      if (lacking === undefined) this.#lacking[kind].set(machine, [period]);
      else lacking.push(period);
    }
    return known as ReturnType<this[K]["get"]>;
  }

  #ofMachine<K extends "jobs" | "trails" | "corrections">(kind: K, machine: Machine): ReturnType<this[K]["get"]> {
    const known = this[kind].get(machine);
    if (known === undefined) {
      this.#misses++;
      this.#lacking[kind].add(machine);
    }
    return known as ReturnType<this[K]["get"]>;
  }
}

/** Facts that have been read, by machine and period. */
export class Kept<T> {
  readonly #byMachine = new Map<Machine, Map<string, T>>();

  get(machine: Machine, period: Period): T | undefined {
    return this.#byMachine.get(machine)?.get(keyOf(period));
  }

  of(machine: Machine): Iterable<T> {
    return this.#byMachine.get(machine)?.values() ?? [];
  }

  set(machine: Machine, period: Period, value: T): void {
    let own = this.#byMachine.get(machine);
    if (own === undefined) this.#byMachine.set(machine, (own = new Map()));
    own.set(keyOf(period), value);
  }
}

class KeptReasons {
  readonly #byInstant = new Map<number, Kept<ReasonCounts>>();

  get(machine: Machine, period: Period, at: number): ReasonCounts | undefined {
    return this.#byInstant.get(at)?.get(machine, period);
  }

  set(machine: Machine, period: Period, at: number, counts: ReasonCounts): void {
    let kept = this.#byInstant.get(at);
    if (kept === undefined) this.#byInstant.set(at, (kept = new Kept()));
    kept.set(machine, period, counts);
  }
}

export function keyOf({ from, to }: Period): string {
  return `${from}-${to}`;
}

/** The key of a list of machines, kept by the list's identity: lists are those of scopes. */
const lists = new WeakMap<readonly Machine[], string>();

function listKey(machines: readonly Machine[]): string {
  let key = lists.get(machines);
  if (key === undefined) lists.set(machines, (key = machines.map(({ index }) => index).join(",")));
  return key;
}

function nothingLacking(): Lacking {
  return {
    cells: new Map(),
    totals: new Map(),
    segments: new Map(),
    told: new Map(),
    reasons: new Map(),
    jobs: new Set(),
    trails: new Set(),
    corrections: new Set(),
    silences: new Map(),
    seen: new Map(),
    latencies: new Map(),
    longest: new Map(),
    above1: new Map(),
    doubts: new Map(),
    late: new Map(),
    plantFiles: new Map(),
  };
}
