/**
 * The cold path (DI-1): recomputes machines whose older time is wrong, or that have no checkpoint, from stored events,
 * one machine at a time, beside the stream. It goes by pieces of a week: each is computed, stored, and what was stored of
 * that week and not computed again is retracted; then the machine's checkpoint says how far the recompute is, and one that
 * fails or is cut off goes on from there. Time before a change of the plant file is computed by the file of then
 * (`plants-of-time.ts`). The live engine goes on meanwhile; when the recompute has come to now, its engine takes the live one's place.
 */
import { minuteStart } from "@oee/columns";
import type { PartitionOffset, Topics } from "@oee/event-log";
import { GiveWay, OneAtATime, pause, type Scheduler } from "@oee/pacing";
import type { ParsePlant, Row } from "@oee/model";
import type { TimelineSegment } from "@oee/protocol";
import type { Stamp, Store } from "@oee/store";
import type { Logger } from "pino";
import type { Computing } from "./computing.ts";
import type { CurrentPlant } from "./current-plant.ts";
import type { DurableWrites } from "./durable-writes.ts";
import { FoundOut } from "./found-out.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { type PlantTime, PlantsOfTime } from "./plants-of-time.ts";
import type { OwnedPartition } from "./partition.ts";
import { Rebuild } from "./rebuild.ts";
import type { WorkerSettings } from "./settings.ts";
import type { Notifier } from "./notifier.ts";
import { storeApart } from "./store-apart.ts";
import type { Storing } from "./storing.ts";

export interface ColdPathParts {
  readonly store: Store;
  readonly topics: Topics;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly settings: WorkerSettings;
  readonly scheduler: Scheduler;
  readonly partitions: Iterable<OwnedPartition>;
  readonly current: CurrentPlant;
  readonly computing: Computing;
  readonly storing: Storing;
  readonly writes: DurableWrites;
  /** Raised by the stages before when a machine waits to be recomputed. */
  readonly recomputeWanted: Notifier;
  /** As `PlantsOfTimeParts.parsePlant`. */
  readonly parsePlant?: ParsePlant;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** The length of a piece: years of a machine fill no memory and hold up no other machine. */
const PIECE_MS = 7 * DAY_MS;
/** A recompute that has taken longer lets another machine have its turn after the piece in hand. */
const TURN_MS = 10_000;
/** Epoch ms; before any event that is valid (DI-2). */
const EARLIEST = Date.UTC(2000, 0, 1);
/** Readiness names so many machines of those that are kept. */
const NAMED_MAX = 5;
const CUT_SHORT_KEPT_MAX = 1_000;
/** Epoch ms; after any event that is valid. */
const LATEST = Date.UTC(2100, 0, 1);

export class ColdPath {
  readonly #parts: ColdPathParts;
  readonly #running: OneAtATime;
  readonly #plants: PlantsOfTime;
  /** The machine whose recompute gave way to another; it is taken last. */
  #waits: string | null = null;
  /** Epoch ms: the next recompute of the machine computes from here to now in one step. Set when the step to now changed older time (TL-9). */
  readonly #toNowFrom = new WeakMap<MachineRunner, number>();
  /** By machine: how far back something bore that could not be computed, and from when on raw events are there (epoch ms). */
  readonly #cutShort = new Map<string, { readonly bears: number; readonly known: number }>();
  #closed = false;

  constructor(parts: ColdPathParts) {
    this.#parts = parts;
    this.#plants = new PlantsOfTime(parts);
    this.#running = new OneAtATime(
      () => this.#all(),
      (error) => parts.logger.error({ err: error }, "recompute failed; it is tried again"),
    );
    parts.recomputeWanted.on(() => this.start());
  }

  /** For readiness: of which machines older time may be wrong for good. */
  get notes(): readonly string[] {
    if (this.#cutShort.size === 0) return [];
    const named = [...this.#cutShort].slice(0, NAMED_MAX).map(([machine, { bears, known }]) => {
      return `${machine} from ${new Date(bears).toISOString()}, known from ${new Date(known).toISOString()}`;
    });
    const more = this.#cutShort.size > named.length ? ` and ${this.#cutShort.size - named.length} machines more` : "";
    return [
      `what came late or was corrected bears on time whose raw events are gone, and that stays: ${named.join("; ")}${more}`,
    ];
  }

  /** Resolves when no recompute is under way; soon after `close`. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  close(): void {
    this.#closed = true;
  }

  /** Looks for machines to be recomputed, after `storeEveryMs`. */
  start(): void {
    if (!this.#closed) this.#running.request();
  }

  async #all(): Promise<void> {
    if (this.#closed || this.#next() === null) return;
    // Waits for events that belong together: a backfill is one recompute, not one for each batch.
    await pause(this.#parts.scheduler, this.#parts.settings.storeEveryMs);
    for (;;) {
      const next = this.#next();
      if (next === null || this.#closed) {
        this.#plants.forget();
        return;
      }
      if (next.runner.recompute.waitsFrom === null) await this.#fillWindows(next.owned, next.runner);
      else await this.#recompute(next.owned, next.runner);
    }
  }

  #next(): { readonly owned: OwnedPartition; readonly runner: MachineRunner } | null {
    const waits = this.#waits;
    this.#waits = null;
    let waiting: { readonly owned: OwnedPartition; readonly runner: MachineRunner } | null = null;
    for (const owned of this.#parts.partitions) {
      for (const runner of owned.runners.values()) {
        if (runner.recompute.waitsFrom === null || !this.#parts.current.isOf(runner)) continue;
        if (runner.id !== waits) return { owned, runner };
        waiting = { owned, runner };
      }
    }
    if (waiting !== null) return waiting;
    for (const owned of this.#parts.partitions) {
      for (const runner of owned.runners.values()) {
        if (runner.windows.lack && this.#parts.current.isOf(runner)) return { owned, runner };
      }
    }
    return null;
  }

  #othersWait(): boolean {
    for (const { runners } of this.#parts.partitions) {
      for (const runner of runners.values()) if (runner.recompute.waitsFrom !== null) return true;
    }
    return false;
  }

  /** Fills windows that a changed plant file added from stored rows, as these were computed (DI-3). */
  async #fillWindows(owned: OwnedPartition, runner: MachineRunner): Promise<void> {
    const { store } = this.#parts;
    runner.windows.beginFill();
    try {
      await this.#parts.storing.store(false);
      const now = this.#parts.computing.nowOf(owned, runner);
      const rows: Row[] = [];
      if (Number.isFinite(now)) {
        const period = { from: minuteStart(runner.windows.from(now)), to: now + DAY_MS };
        for await (const some of store.rows({ machines: [runner.id], period })) rows.push(...some);
      }
      runner.windows.fillFrom(rows);
      owned.toCompute.add(runner);
      this.#parts.computing.soon();
    } catch (error) {
      runner.windows.abandonFill();
      throw error;
    }
  }

  async #recompute(owned: OwnedPartition, runner: MachineRunner): Promise<void> {
    const { metrics, logger, scheduler } = this.#parts;
    const { heldFrom } = runner.engine;
    // The live engine changes no time before this, except by a stop that began earlier, and that is recomputed too.
    const held = minuteStart(Math.max(Math.min(heldFrom, scheduler.now()), scheduler.now() - DAY_MS));
    const boundary = Math.min(held, this.#toNowFrom.get(runner) ?? Infinity);
    this.#toNowFrom.delete(runner);
    const from = runner.recompute.begin(boundary);
    try {
      // The recompute reads from the store, so everything taken so far must be there.
      await this.#parts.storing.store(false);
      const done = await this.#pieces(owned, runner, from, boundary);
      if (!done) {
        runner.recompute.abandon();
        return;
      }
      // Only now: after a checkpoint taken earlier a restart would take the recompute for done.
      runner.endRecompute();
      this.#noteProgress(owned, runner);
      // Somebody waits until the store has it, and without events the next write would come late.
      if (runner.corrections.areComputed) this.#parts.storing.hurry();
      owned.toCompute.add(runner);
      this.#parts.computing.soon();
      metrics.recomputes.inc();
      logger.info({ machine: runner.id, from: from === -Infinity ? null : new Date(from).toISOString() }, "recomputed");
    } catch (error) {
      runner.recompute.abandon();
      throw error;
    }
  }

  /** Computes and stores piece after piece up to now. `false`: the worker ends, the machine went, or it gave way to another machine. */
  async #pieces(owned: OwnedPartition, runner: MachineRunner, from: number, boundary: number): Promise<boolean> {
    const { store, settings, scheduler } = this.#parts;
    const began = scheduler.elapsed();
    // At least as far back as the longest window, so that every window is filled.
    const longest = Math.max(0, ...this.#parts.current.plant.windows.map(({ durationMs }) => durationMs ?? DAY_MS));
    const recent = scheduler.now() - settings.allowedLatenessMs - 2 * longest;
    const times = await this.#plants.timesOf(runner);
    const nowFrom = times.at(-1)?.from ?? -Infinity;
    // Where the plant file changed within the windows, these are filled from stored rows.
    const needed = Math.max(recent, nowFrom);
    let back = from === -Infinity ? needed : Math.min(from, needed);
    let rebuild: Rebuild | null = null;
    let timeline: readonly TimelineSegment[] = [];
    /** Epoch ms: where the oldest time began of which rows were computed. */
    let begun = Infinity;
    const foundOut = new FoundOut();
    for (;;) {
      if (this.#isOver(owned, runner)) return false;
      if (runner.recompute.requested) {
        // Before they are stored: what comes meanwhile is a request of its own, for a rebuild that is open knows no later correction.
        const request = runner.recompute.drainRequest();
        const reached: number = rebuild?.storedTo ?? back;
        if (request !== null && (request.corrected || request.from < reached)) {
          back = Math.min(needed, reached, request.from);
          runner.recompute.reached(back);
          rebuild = null;
        }
        // New events of time that it has not reached it will read, once they are stored.
        await this.#parts.storing.store(false);
        continue;
      }
      const now = await this.#nowOf(owned, runner);
      if (now === -Infinity) return true;
      if (rebuild === null) {
        const { allowedLatenessMs } = settings;
        const time = times.find(({ to }) => to > back) as PlantTime;
        const by = await this.#plants.machineBy(runner, time);
        const span = { from: back, now };
        const giveWay = new GiveWay(scheduler);
        const before = this.#upTo(owned);
        rebuild = await Rebuild.open(
          store,
          runner,
          { ...time, ...by },
          span,
          before,
          allowedLatenessMs,
          foundOut,
          giveWay,
        );
        rebuild.rebuilt.timeline.restore(timeline);
        begun = Math.min(begun, rebuild.rowsFrom);
      }
      const isOfNow = rebuild.time.to === Infinity;
      const limit = Math.min(isOfNow ? boundary : rebuild.time.to, minuteStart(now));
      if (rebuild.reached >= limit) {
        if (!isOfNow) {
          back = rebuild.time.to;
          timeline = rebuild.rebuilt.timeline.segments;
        } else if (await this.#toNow(owned, runner, rebuild, now, recent)) {
          if (from > EARLIEST && begun > from) this.#tellCutShort(runner, from, begun);
          return true;
        } else {
          // It holds the rest already, and would take it again; what is stored of before it is right.
          back = Math.max(nowFrom, Math.min(recent, rebuild.reached));
          runner.recompute.reached(back);
        }
        rebuild = null;
        continue;
      }
      if (scheduler.elapsed() - began > TURN_MS && this.#othersWait()) {
        this.#waits = runner.id;
        return false;
      }
      const to = Math.min(limit, rebuild.endOfStep(rebuild.reached + PIECE_MS));
      await this.#piece(owned, runner, rebuild, to);
      if (rebuild.wrong === null) continue;
      foundOut.note(rebuild.wrong);
      back = minuteStart(rebuild.wrong.at);
      runner.recompute.reached(back);
      rebuild = null;
    }
  }

  /**
   * The instant (epoch ms) up to which to compute. For a machine without an event since the start, in a partition that is
   * behind, that of its last stored event; `-Infinity` where there is none.
   */
  async #nowOf(owned: OwnedPartition, runner: MachineRunner): Promise<number> {
    const now = this.#parts.computing.nowOf(owned, runner);
    if (Number.isFinite(now)) return now;
    const types = ["state", "count", "total", "job"] as const;
    const last = await this.#parts.store.eventsBefore({ machine: runner.id, types, before: LATEST, limit: 1 });
    return last[0] === undefined ? -Infinity : Math.min(this.#parts.scheduler.now(), last[0].at + 1);
  }

  /**
   * Computes and stores rows and stops up to `end`, or to where they were found to be wrong, and retracts what was stored of that time and is
   * not among them.
   */
  async #piece(owned: OwnedPartition, runner: MachineRunner, rebuild: Rebuild, end: number): Promise<void> {
    const { store, writes } = this.#parts;
    const start = rebuild.storedTo;
    await rebuild.advanceTo(end, this.#upTo(owned));
    const to = rebuild.wrong === null ? end : minuteStart(rebuild.wrong.at);
    // Another rebuild begins where it is wrong: what lies before is stored here, or never.
    if (this.#isOver(owned, runner) || to <= start) return;
    const { rows, stops, gone, doubts } = rebuild.drainChanges();
    const stamp = owned.stamps.next(rebuild.time.model.plant.version);
    runner.aside.forgetFrom(start);
    await writes.untilDone("store what was recomputed", async () => {
      for (const { from, error } of await storeApart(rows, (some) => store.insertRows(some, stamp))) {
        runner.aside.add(`recomputed rows ${from}`, rows.fromAt(from), error.message);
      }
      if (stops.length === 0 && gone.length > 0) await store.insertStops([], stamp, gone);
      for (const refused of await storeApart(stops, (some) => store.insertStops(some, stamp, gone))) {
        const at = stops[refused.from]?.from ?? start;
        runner.aside.add(`stop ${at}`, at, refused.error.message);
      }
      if (doubts.length > 0) await store.insertDoubts(doubts, stamp);
    });
    // Where no raw event is gone, everything stored before the first event is retracted.
    const first = rebuild.rowsFrom === -Infinity && start === rebuild.begins ? EARLIEST : start;
    await this.#takeBack({ machine: runner.id, from: first, to }, stamp);
    runner.recompute.reached(to);
    this.#noteProgress(owned, runner);
  }

  #tellCutShort({ id: machine }: MachineRunner, bears: number, known: number): void {
    const { metrics, logger } = this.#parts;
    metrics.recomputesCutShort.inc();
    const before = this.#cutShort.get(machine);
    if (before !== undefined || this.#cutShort.size < CUT_SHORT_KEPT_MAX) {
      this.#cutShort.set(machine, { bears: Math.min(bears, before?.bears ?? Infinity), known });
    }
    const [from, knownFrom] = [bears, known].map((at) => new Date(at).toISOString());
    const message =
      "an event or a correction bears on time whose raw events are gone: rows of that time stay as they are";
    logger.warn({ code: "OEE_WORKER_RECOMPUTE_CUT_SHORT", machine, from, knownFrom }, message);
  }

  /** Puts the recomputed engine in place of the live one. `false`: an event came meanwhile for time it has been through. */
  async #toNow(
    owned: OwnedPartition,
    runner: MachineRunner,
    rebuild: Rebuild,
    now: number,
    windowsFrom: number,
  ): Promise<boolean> {
    const { store, writes } = this.#parts;
    runner.recompute.beginAdopt();
    await this.#parts.storing.store(false);
    const upTo = this.#upTo(owned);
    await rebuild.readRest(upTo);
    if (runner.recompute.requested || this.#isOver(owned, runner)) {
      runner.recompute.abandonAdopt();
      return false;
    }
    const from = rebuild.storedTo;
    const reached = Math.max(runner.engine.now, runner.storedTo);
    const wasAhead = runner.isAhead(now);
    // Changes of the old engine that are not stored yet are void; the new engine's have a newer stamp.
    owned.pending.drop(runner.id);
    runner.aside.forgetFrom(from);
    const stamp = owned.stamps.next(runner.model.plant.version);
    const changes = runner.adopt(rebuild.rebuilt, now, from, upTo.offset);
    if (changes.recomputeFrom !== null) {
      if (rebuild.isBehind(changes.recomputeFrom)) this.#toNowFrom.set(runner, minuteStart(changes.recomputeFrom));
      else {
        // Another recompute could not begin earlier and would ask again without end.
        runner.recompute.drainRequest();
        // Raw events are gone, unless it is time of another plant file, whose rows stay.
        if (changes.recomputeFrom >= rebuild.time.from) {
          this.#tellCutShort(runner, changes.recomputeFrom, rebuild.begins);
        }
      }
    }
    owned.pending.add(runner.id, { ...changes, stops: rebuild.exact(changes.stops) });
    if (rebuild.rowsFrom > windowsFrom) runner.windows.forget();
    await this.#parts.storing.store(false);
    const first = rebuild.rowsFrom === -Infinity && from === rebuild.begins ? EARLIEST : from;
    const to = Math.ceil(Math.max(now, reached, this.#parts.scheduler.now()) / MINUTE_MS) * MINUTE_MS;
    await this.#takeBack({ machine: runner.id, from: first, to }, stamp);
    runner.foundStoredTo(-Infinity);
    // By the clock that was ahead these days were over.
    if (wasAhead) {
      const period = { from: now, to };
      await writes.untilDone("have days summed again", () => store.forgetDaySums(runner.id, period));
    }
    return true;
  }

  #takeBack(
    span: { readonly machine: string; readonly from: number; readonly to: number },
    stamp: Stamp,
  ): Promise<void> {
    const { store } = this.#parts;
    return this.#parts.writes.untilDone("take back what was not computed again", async () => {
      await store.retractRows(span, stamp);
      await store.retractStops(span, stamp);
      await store.retractDoubts(span, stamp);
    });
  }

  /** The offset up to which the partition's events are stored. */
  #upTo({ partition, storedTo }: OwnedPartition): PartitionOffset {
    return { topic: this.#parts.topics.events.name, partition, offset: storedTo };
  }

  /** Marks the machine as changed, so that its next checkpoint says how far the recompute is. */
  #noteProgress(owned: OwnedPartition, runner: MachineRunner): void {
    runner.checkpoint.lacks(Math.max(0, owned.position - 1));
  }

  /** Whether the recompute is void: the worker ends, the machine has or gets a runner of another plant, or is another worker's. */
  #isOver(owned: OwnedPartition, runner: MachineRunner): boolean {
    if (this.#closed || !owned.has(runner) || !this.#parts.current.isOf(runner)) return true;
    for (const other of this.#parts.partitions) if (other === owned) return false;
    return true;
  }
}
