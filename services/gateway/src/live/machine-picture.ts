/**
 * The newest live record and timeline of each machine of the plant. A machine without a live record is shown as the engine
 * computes one without events; one whose record is overdue is shown as unknown (W-3).
 */
import { sumOf, type WindowNumbers, Windows } from "@oee/answers";
import type { CalendarClock } from "@oee/calendar";
import { MachineHistory, type PlantModel } from "@oee/engine";
import { COMPONENT_NAMES, FIRST_LAYOUT, type Machine, ROW_LAYOUT } from "@oee/model";
import type { LiveRecord, TimelineRecord, TimelineSegment } from "@oee/protocol";
import { copyOf, keepOver, type KeptRecord, keptOf } from "./kept-record.ts";
import { Overdue, type Watched } from "./overdue.ts";

export interface MachinePicture {
  /** The newest live record, over which the next is written; `null`: none has come. */
  readonly record: LiveRecord | null;
  /** Whether the record is overdue, so that the machine's present state is unknown. */
  readonly stale: boolean;
  /** Its windows as numbers; `null`: its worker is of a release with another layout of components, which this one cannot read. */
  readonly windows: readonly WindowNumbers[] | null;
  /** Quantities of its windows are whole numbers of 10^-decimals units. */
  readonly decimals: number;
  readonly timeline: readonly TimelineSegment[];
}

interface Counts {
  readonly known: number;
  readonly stale: number;
  readonly unreadable: number;
}

interface Known extends Watched {
  readonly id: string;
  record: KeptRecord | null;
  timeline: readonly TimelineSegment[];
  /** Windows of a machine without events, as of `silentAt`; computed when first asked for. */
  silent: readonly WindowNumbers[] | null;
  silentAt: number;
}

const NO_SEGMENTS: readonly TimelineSegment[] = [];
/** How long the computed windows of a machine without events are kept. */
const SILENT_WINDOWS_MS = 10_000;
/** A record that is further ahead of the clock (ms) was made by another clock, or before this one was set back. */
const AHEAD_MAX_MS = 60_000;
/** A record is overdue after this multiple of the time within which its worker announced the next (`nextWithinMs`). */
const LATE_SHARE = 1.5;

export class MachinePictures {
  readonly #clock: () => number;
  readonly #staleAfterMs: number;
  readonly #known = new Map<string, Known>();
  #model: PlantModel;
  #newestEventAt: number | null = null;
  readonly #silent = new SilentWindows();
  readonly #overdue = new Overdue<Known>();
  readonly #counts = { known: 0, stale: 0, unreadable: 0 };
  /** Machines found overdue that `newlyStale` has not given. */
  readonly #untold = new Set<Known>();

  constructor(model: PlantModel, clock: () => number, staleAfterMs: number) {
    this.#model = model;
    this.#clock = clock;
    this.#staleAfterMs = staleAfterMs;
  }

  /** Event time of the newest event in any record. */
  get newestEventAt(): number | null {
    return this.#newestEventAt;
  }

  /** Drops the machines that the new plant lacks, and all that was computed with the old plant. */
  replacePlant(model: PlantModel): void {
    this.#model = model;
    for (const [id, known] of this.#known) {
      if (model.plant.machineById.has(id)) {
        known.silent = null;
        continue;
      }
      this.#known.delete(id);
      this.#count(known, -1);
      this.#untold.delete(known);
      this.#overdue.forget(known);
    }
  }

  /** Takes a record; `false`: the plant has no such machine, or a newer record is known. */
  take(taken: LiveRecord | TimelineRecord): boolean {
    // A machine that is known is one of the plant.
    const found = this.#known.get(taken.machine);
    if (found === undefined && !this.#model.plant.machineById.has(taken.machine)) return false;
    const known = found ?? this.#knownOf(taken.machine);
    if (taken.kind === "timeline") {
      known.timeline = taken.segments;
      return true;
    }
    // A worker that lost the machine's partition may still send records; older ones are ignored, unless the clock was set back since.
    if (known.record !== null && taken.now < known.record.now && known.record.now <= this.#clock() + AHEAD_MAX_MS) {
      return false;
    }
    this.#count(known, -1);
    this.#untold.delete(known);
    if (known.record === null || !keepOver(known.record, taken)) known.record = keptOf(taken);
    known.staleAt = this.#staleAt(taken);
    this.#overdue.watch(known);
    this.#count(known, 1);
    known.silent = null;
    if (taken.lastEventAt !== null) this.#newestEventAt = Math.max(this.#newestEventAt ?? 0, taken.lastEventAt);
    return true;
  }

  /** The newest live record of a machine, which stays as it is; `null`: there is none. */
  record(id: string): LiveRecord | null {
    const record = this.#known.get(id)?.record ?? null;
    return record === null ? null : copyOf(record);
  }

  /** When a machine's newest event was (epoch ms); `null`: none is known. */
  lastEventAt(id: string): number | null {
    return this.#known.get(id)?.record?.lastEventAt ?? null;
  }

  /** Whether a machine has a record that is not overdue; `null`: it has none. Where it is overdue no worker is at work on it, or has caught up. */
  isFresh(id: string): boolean | null {
    const record = this.#known.get(id)?.record ?? null;
    return record === null ? null : !this.#isOverdue(record);
  }

  /** The record of a machine; `null`: there is none, or it is overdue. */
  freshRecord(id: string): LiveRecord | null {
    return this.isFresh(id) === true ? this.record(id) : null;
  }

  of(machine: Machine): MachinePicture {
    const known = this.#knownOf(machine.id);
    const { record, timeline } = known;
    if (record === null) {
      return { record, stale: false, windows: this.#silentOf(known, machine), decimals: machine.decimals, timeline };
    }
    return {
      record,
      stale: this.#isOverdue(record),
      windows: isReadable(record) ? (record.fineWindows ?? record.windows) : null,
      decimals: record.decimals ?? 0,
      timeline,
    };
  }

  #silentOf(known: Known, machine: Machine): readonly WindowNumbers[] {
    const now = this.#clock();
    if (known.silent === null || Math.abs(now - known.silentAt) >= SILENT_WINDOWS_MS) {
      known.silentAt = now;
      known.silent = this.#silent.of(this.#model, machine, now);
    }
    return known.silent;
  }

  /** The number of machines with a record, of those whose record is overdue, and of those whose figures cannot be read. */
  count(): Counts {
    this.#findOverdue();
    return this.#counts;
  }

  /** The number of machines with doubted totals (CN-8), and at most `namedMax` of them, those with the most first. */
  doubted(namedMax: number): {
    readonly machines: number;
    readonly named: readonly { readonly machine: string; readonly doubts: number }[];
  } {
    const found = [...this.#known].flatMap(([machine, { record }]) => {
      const doubts = record?.doubts ?? 0;
      return doubts === 0 ? [] : [{ machine, doubts }];
    });
    const named = found.toSorted((a, b) => b.doubts - a.doubts).slice(0, namedMax);
    return { machines: found.length, named };
  }

  /** Machines whose record became overdue since the last call. */
  newlyStale(): readonly string[] {
    this.#findOverdue();
    const stale = Array.from(this.#untold, ({ id }) => id);
    this.#untold.clear();
    return stale;
  }

  #findOverdue(): void {
    this.#overdue.lookAt(this.#clock(), (known) => {
      this.#counts.stale++;
      this.#untold.add(known);
    });
  }

  /** Adds a machine to the counts (1), or takes it out of them (-1). */
  #count({ record, overdue }: Known, by: 1 | -1): void {
    if (record === null) return;
    this.#counts.known += by;
    if (overdue) this.#counts.stale += by;
    if (!isReadable(record)) this.#counts.unreadable += by;
  }

  #isOverdue(record: LiveRecord): boolean {
    return this.#clock() > this.#staleAt(record);
  }

  #staleAt({ now, nextWithinMs }: LiveRecord): number {
    return now + Math.max(this.#staleAfterMs, LATE_SHARE * nextWithinMs);
  }

  #knownOf(id: string): Known {
    let known = this.#known.get(id);
    if (known === undefined) {
      // One literal: where it was put together of two, taking a record cost twenty times as much.
      known = {
        id,
        record: null,
        timeline: NO_SEGMENTS,
        silent: null,
        silentAt: 0,
        staleAt: Infinity,
        overdue: false,
        bucket: Number.NaN,
      };
      this.#known.set(id, known);
    }
    return known;
  }
}

/** Whether a record has this release's layout of components: during an upgrade a worker may be of another release. */
function isReadable({ layout = FIRST_LAYOUT }: LiveRecord): boolean {
  return layout === ROW_LAYOUT;
}

/** Windows of machines without events, computed once for all machines with the same calendar, zone, takt and cost. */
class SilentWindows {
  #model: PlantModel | null = null;
  #at = -Infinity;
  readonly #windows = new Map<CalendarClock, Map<string, readonly WindowNumbers[]>>();

  of(model: PlantModel, machine: Machine, now: number): readonly WindowNumbers[] {
    if (model !== this.#model || Math.abs(now - this.#at) >= SILENT_WINDOWS_MS) {
      this.#model = model;
      this.#at = now;
      this.#windows.clear();
    }
    const { clock } = model.machine(machine);
    let byRates = this.#windows.get(clock);
    if (byRates === undefined) this.#windows.set(clock, (byRates = new Map()));
    const key = `${machine.taktUs} ${machine.costPerHour}`;
    let windows = byRates.get(key);
    if (windows === undefined) byRates.set(key, (windows = silentWindows(model, machine, this.#at)));
    return windows;
  }
}

function silentWindows(model: PlantModel, machine: Machine, now: number): WindowNumbers[] {
  const { clock } = model.machine(machine);
  return new Windows(model.plant.windows, clock, machine.costPerHour, machine.decimals)
    .numbersAt(now)
    .map(({ name, from, to }) => {
      const { rows } = new MachineHistory(model, machine).evaluate({ from, to, now });
      const components = COMPONENT_NAMES.map((component) => rows.reduce((sum, row) => sum + row[component], 0));
      return { name, from, to, components, plannedByTakt: [...sumOf(rows).plannedByTakt] };
    });
}
