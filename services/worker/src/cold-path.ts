/**
 * The cold path (DI-1): machines whose older time is wrong, or that have no checkpoint, are computed again from stored
 * events beside the stream, one after the other. A recompute that fails, or that a crash cuts off, is done again.
 */
import { OneAtATime, type Topics } from "@oee/event-log";
import type { EventDecoder, Plant, PlantEvent, Row } from "@oee/model";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import { storedHistory } from "./recompute.ts";
import type { WorkerSettings } from "./settings.ts";

/** What the cold path needs of the worker it belongs to. */
export interface ColdPathHost {
  readonly store: Store;
  readonly topics: Topics;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly settings: WorkerSettings;
  readonly plant: () => Plant;
  readonly decoder: () => EventDecoder;
  readonly clock: () => number;
  readonly owned: () => Iterable<OwnedPartition>;
  /** Everything taken so far is in the store when it resolves. */
  storeNow(): Promise<void>;
  nowOf(owned: OwnedPartition, runner: MachineRunner): number;
  /** Tries until it works or the worker ends. */
  untilDone(what: string, work: () => Promise<void>): Promise<void>;
  computeSoon(): void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** So much of a machine is computed and stored at a time: years of it fill no memory and hold up no other machine. */
const PIECE_MS = 7 * DAY_MS;
/** Before any event that is valid (DI-2). */
const EARLIEST = Date.UTC(2000, 0, 1);

export class ColdPath {
  readonly #host: ColdPathHost;
  readonly #running: OneAtATime;
  /** Machines that must be computed again without steps. */
  readonly #atOnce = new Set<string>();
  #closed = false;

  constructor(host: ColdPathHost) {
    this.#host = host;
    this.#running = new OneAtATime(
      () => this.#all(),
      (error) => host.logger.error({ err: error }, "recompute failed; it is tried again"),
    );
  }

  /** Resolves when nothing is under way; soon, once it is closed. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  close(): void {
    this.#closed = true;
  }

  /** Looks for machines that need it, soon. */
  start(): void {
    if (!this.#closed) this.#running.request();
  }

  async #all(): Promise<void> {
    if (this.#closed || this.#next() === null) return;
    // Let events that belong together come in first: a backfill is one recompute, not one for each batch.
    await new Promise((resolve) => setTimeout(resolve, this.#host.settings.storeEveryMs));
    for (;;) {
      const next = this.#next();
      if (next === null || this.#closed) return;
      if (next.runner.recomputeFrom === null) await this.#fillWindows(next.owned, next.runner);
      else await this.#recompute(next.owned, next.runner);
    }
  }

  #next(): { readonly owned: OwnedPartition; readonly runner: MachineRunner } | null {
    for (const owned of this.#host.owned()) {
      for (const runner of owned.runners.values()) if (runner.recomputeFrom !== null) return { owned, runner };
    }
    for (const owned of this.#host.owned()) {
      for (const runner of owned.runners.values()) if (runner.lacksWindows) return { owned, runner };
    }
    return null;
  }

  /** Windows that a plant file asks for anew begin with the rows that are stored (DI-3: as they were computed). */
  async #fillWindows(owned: OwnedPartition, runner: MachineRunner): Promise<void> {
    const { store } = this.#host;
    runner.beginFill();
    try {
      await this.#host.storeNow();
      const now = this.#host.nowOf(owned, runner);
      const rows: Row[] = [];
      if (Number.isFinite(now)) {
        const period = { from: Math.floor(runner.windowsFrom(now) / MINUTE_MS) * MINUTE_MS, to: now + DAY_MS };
        for await (const some of store.rows({ machines: [runner.id], period })) rows.push(...some);
      }
      runner.fillWindows(rows);
      owned.touched.add(runner);
      this.#host.computeSoon();
    } catch (error) {
      runner.abandonFill();
      throw error;
    }
  }

  async #recompute(owned: OwnedPartition, runner: MachineRunner): Promise<void> {
    const { store, metrics, logger, settings, clock } = this.#host;
    const plant = this.#host.plant();
    const from = runner.beginRecompute();
    let back = from;
    try {
      // Stored events must hold all that was taken so far; what comes after is remembered by the runner.
      await this.#host.storeNow();
      const storedTo = owned.storedTo;
      // Far enough back that every window is filled anew, too.
      const longest = Math.max(0, ...plant.windows.map(({ durationMs }) => durationMs ?? DAY_MS));
      const recent = clock() - settings.allowedLatenessMs - 2 * longest;
      back = from === -Infinity ? recent : Math.min(from, recent);
      const upTo = { topic: this.#host.topics.events.name, partition: owned.partition, offset: storedTo };
      const history = await storedHistory(store, runner.model, this.#host.decoder(), back, upTo);
      if (this.#isOver(owned, runner)) {
        runner.abandonRecompute(from);
        return;
      }
      // One of which nothing came yet, in a partition that is behind, is computed up to what it last said.
      const reached = this.#host.nowOf(owned, runner);
      const now = Number.isFinite(reached) ? reached : lastOf(history.events) + 1;
      if (!Number.isFinite(now)) {
        runner.endRecompute();
        return;
      }
      // Where too little is left of old events, what was computed from them stays.
      const rowsFrom = Math.min(history.rowsFrom, Math.floor(now / MINUTE_MS) * MINUTE_MS);
      const engine = runner.engine.rebuild(history.events, rowsFrom);
      runner.placeArrived(engine, storedTo);
      // What the engine before said and is not stored yet is void; what the new one says has a newer stamp.
      owned.pending.drop(runner.id);
      runner.aside.forgetFrom(rowsFrom);
      const stamp = owned.stamps.next(plant.version);
      const atOnce = this.#atOnce.delete(runner.id);
      const begins = Math.max(rowsFrom, firstOf(history.events));
      owned.pending.add(runner.id, runner.adopt(engine, atOnce ? now : Math.min(now, begins + PIECE_MS), back));
      if (rowsFrom > back) runner.forgetWindows();
      // Step by step, each stored before the next; events that come meanwhile find the new engine, and move it on too.
      owned.touched.delete(runner);
      owned.urgent.delete(runner);
      for (;;) {
        await this.#host.storeNow();
        if (this.#isOver(owned, runner)) {
          runner.abandonRecompute(back);
          return;
        }
        if (runner.engine.now >= now) break;
        owned.pending.add(runner.id, runner.advance(Math.min(now, runner.engine.now + PIECE_MS)));
      }
      // A step forgot what something later bears on (TL-3): once more, without steps.
      if (runner.recomputeFrom !== null && !runner.lateArrived) this.#atOnce.add(runner.id);
      const span = {
        machine: runner.id,
        from: Math.max(EARLIEST, rowsFrom),
        to: Math.ceil(now / MINUTE_MS) * MINUTE_MS,
      };
      await this.#host.untilDone("take back what was not computed again", async () => {
        await store.retractRows(span, stamp);
        await store.retractStops(span, stamp);
      });
      // Only now: a checkpoint taken before would have a restart believe that all is well.
      runner.endRecompute();
      runner.changedSince ??= Math.max(0, owned.position - 1);
      owned.touched.add(runner);
      this.#host.computeSoon();
      metrics.recomputes.inc();
      logger.info({ machine: runner.id, from: from === -Infinity ? null : new Date(from).toISOString() }, "recomputed");
    } catch (error) {
      runner.abandonRecompute(back);
      throw error;
    }
  }

  /** Nobody waits for it any more: the worker ends, or the machine is another runner's or another worker's. */
  #isOver(owned: OwnedPartition, runner: MachineRunner): boolean {
    if (this.#closed || owned.runners.get(runner.id) !== runner) return true;
    for (const other of this.#host.owned()) if (other === owned) return false;
    return true;
  }
}

function firstOf(events: readonly PlantEvent[]): number {
  return events.reduce(
    (first, event) => Math.min(first, event.type === "correction" ? event.from : event.at),
    Infinity,
  );
}

function lastOf(events: readonly PlantEvent[]): number {
  return events.reduce((last, { at, type }) => (type === "correction" ? last : Math.max(last, at)), -Infinity);
}
