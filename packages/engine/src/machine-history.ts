/**
 * The engine of one machine for a whole history: takes all of its events first, then computes rows and stops of any
 * period by one sweep from the beginning. It holds every event, so events may come however late.
 */
import type { Period } from "@oee/calendar";
import { cellsBetween, MINUTE_CELLS, RowTable } from "@oee/columns";
import type { JobEvent, Machine, Plant, PlantEvent, Row, StopSegment } from "@oee/model";
import type { Doubt } from "./counters.ts";
import { MachineEvents } from "./machine-events.ts";
import { type MachineModel, PlantModel } from "./machine-model.ts";
import { RowBuilder } from "./row-builder.ts";
import { type Segment, segmentsWithin } from "./segments.ts";
import { listStop } from "./stops.ts";
import { beginning, sweep } from "./sweep.ts";

/** `now` in epoch ms. */
export interface EvaluationQuery extends Period {
  readonly now: number;
  readonly cuts?: readonly number[] | "minutes";
}

export interface Evaluation {
  /** In order of their cells; those of one cell in order of first use. */
  readonly rows: Row[];
  /** Whole segments that overlap the period, by time. */
  readonly stops: StopSegment[];
  /** The newest instant of a quantity that counts nothing, for no sum could hold it; `null`: there is none. */
  readonly tooLargeAt: number | null;
  /** Totals before now that were doubted and not found true (CN-8), in the period and before it. */
  readonly doubts: number;
  /** The same one by one, and those that were found true before now. */
  readonly doubted: readonly Doubt[];
}

/** Used by one evaluation at a time. */
const table = new RowTable();

export class MachineHistory {
  readonly #model: MachineModel;
  readonly #events: MachineEvents;

  constructor(plant: Plant | PlantModel, machine: Machine) {
    this.#model = (plant instanceof PlantModel ? plant : new PlantModel(plant)).machine(machine);
    this.#events = new MachineEvents(machine);
  }

  /** Takes the next event of the machine in log order; `false`: it was a repeat (CN-4). */
  accept(event: PlantEvent): boolean {
    if (!this.#events.isNew(event)) return false;
    this.#events.add(event);
    return true;
  }

  /** Takes a count or a total that is known to be no repeat, without an event made of it. */
  acceptCount(
    at: number,
    total: boolean,
    good: number | null,
    scrap: number | null,
    rework: number | null,
    produced: number | null,
    startup: boolean,
    product: string | null,
  ): void {
    this.#events.addCount(at, total, good, scrap, rework, produced, startup, product);
  }

  /** Instants of the oldest and the newest event, corrections aside; infinite if there is none. */
  get first(): number {
    return this.#events.presence.first;
  }

  get last(): number {
    return this.#events.presence.last;
  }

  /** By time, one an instant (CN-3). */
  get jobs(): readonly JobEvent[] {
    return this.#events.jobs;
  }

  /**
   * What is known at `now` of `[from, to)` (CO-2). Rows are cut at the sorted instants `cuts`, which hold `from` and
   * `to`, or at whole minutes.
   */
  evaluate(query: EvaluationQuery): Evaluation {
    const { from, now, cuts = [query.from, query.to] } = query;
    const to = Math.min(query.to, now);
    const { corrections, jobs, presence } = this.#events;
    const cells = cuts === "minutes" ? MINUTE_CELLS : cellsBetween(cuts);
    const rows = new RowBuilder(this.#model, jobs, cells, table, from, to);
    let start = Math.min(from, presence.first, now);
    for (const correction of corrections) start = Math.min(start, correction.from);
    const { stops, doubts, doubted } = sweep(this.#model, this.#events, beginning(start), now, rows);
    const listed: StopSegment[] = [];
    for (const stop of stops) {
      if (stop.from >= to || stop.to <= from) continue;
      for (const segment of listStop(this.#model, stop, jobs)) {
        if (segment.from < to && segment.to > from) listed.push(segment);
      }
    }
    return { rows: rowsMade(), stops: listed, tooLargeAt: rows.tooLargeAt, doubts, doubted };
  }

  /** The segments of `[from, to)` as events alone tell them, before corrections (TL-1 to TL-4, TL-9), as known at `now`. */
  told({ from, to, now }: Period & { readonly now: number }): readonly Segment[] {
    const end = Math.min(to, now);
    if (from >= end) return [];
    const { states, jobs, counts, presence } = this.#events;
    const rows = new RowBuilder(this.#model, jobs, cellsBetween([from, end]), table, from, end);
    const start = beginning(Math.min(from, presence.first));
    const uncorrected = { states, jobs, counts, presence, corrections: [] };
    return segmentsWithin(sweep(this.#model, uncorrected, start, now, rows).segments, from, end);
  }
}

function rowsMade(): Row[] {
  const rows: Row[] = [];
  for (let cell = table.firstCell; cell <= table.lastCell; cell++) {
    for (let i = table.firstOf(cell); i >= 0; i = table.nextOf(i)) {
      rows.push(table.batch.rowAt(i));
    }
  }
  return rows;
}
