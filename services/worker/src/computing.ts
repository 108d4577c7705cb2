/**
 * Moves machines on in time: those that events came for soon after (at once those on a screen), the others when they are
 * due. Works in slices, so that no event waits for all machines; what changed waits with its partition for the store, and
 * live records leave at once.
 */
import { type LiveRecord, type LiveSink, Sample, type TimelineRecord } from "@oee/protocol";
import { dueAfter } from "./due.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import { restAfter } from "./rest.ts";
import type { WorkerSettings } from "./settings.ts";

export interface ComputingParts {
  readonly settings: WorkerSettings;
  readonly clock: () => number;
  readonly metrics: WorkerMetrics;
  readonly live: LiveSink;
  readonly owned: () => Iterable<OwnedPartition>;
  /** Older time of a machine has to be recomputed. */
  readonly onRecompute: () => void;
}

/** Machines moved on without giving way to other work. */
const SLICE = 100;
/** A machine is moved on by so much at a time: years of history hold up no other machine, and do not fill memory. */
const STEP_MS = 2 * 24 * 3_600_000;
/** Rows that may wait for the store before a machine that is further behind waits too. */
const ROWS_WAITING_MAX = 300_000;
/** Machines moved on in a second, of those to which nothing comes, as long as each has its turn in time. */
const IDLE_MACHINES_PER_SECOND = 125;
const IDLE_MAX_MS = 80_000;
/** The same of those that a screen shows. */
const SHOWN_MACHINES_PER_SECOND = 250;
const SHOWN_MAX_MS = 40_000;
/** Their turns come earlier by up to this share. */
const IDLE_SPREAD = 0.25;
const GOLDEN = 0.618_034;
const DUE_LOOKED_FOR_EVERY_MS = 1_000;
const SAMPLED_IN_TENTH_MAX = 50;

type Records = (LiveRecord | TimelineRecord)[];

export class Computing {
  readonly #parts: ComputingParts;
  #timer: NodeJS.Timeout | null = null;
  #shownTimer: NodeJS.Timeout | null = null;
  #next: NodeJS.Timeout | null = null;
  #calm: NodeJS.Timeout | null = null;
  /** Busy with calm machines since they were last begun with. */
  #calmTookMs = 0;
  #movingOn = false;
  /** How many machines screens showed when it was last looked for. */
  #shown = 0;
  #spread = 0;
  readonly #sample = new Sample(SAMPLED_IN_TENTH_MAX);
  #closed = false;

  constructor(parts: ComputingParts) {
    this.#parts = parts;
  }

  start(): void {
    const { idleEveryMs } = this.#parts.settings;
    this.#timer = setInterval(() => void this.#moveOnDue(), Math.min(idleEveryMs, DUE_LOOKED_FOR_EVERY_MS));
    this.#shownTimer = setInterval(() => this.#lookForShown(), idleEveryMs);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#shownTimer !== null) clearInterval(this.#shownTimer);
    if (this.#next !== null) clearTimeout(this.#next);
    if (this.#calm !== null) clearTimeout(this.#calm);
  }

  /** Computes the machines that are urgent in a moment, and the others a little later. */
  soon(): void {
    if (this.#closed) return;
    const { computeEveryMs, calmEveryMs } = this.#parts.settings;
    this.#next ??= setTimeout(() => this.#slice("urgent"), computeEveryMs);
    if (this.#calm !== null) return;
    this.#calm = setTimeout(
      () => {
        this.#calmTookMs = 0;
        this.#slice("touched");
      },
      Math.max(calmEveryMs, restAfter(this.#calmTookMs)),
    );
  }

  /** `false`: some machines are further behind than a step, and have to be computed again. */
  computeTouched(): boolean {
    let reached = true;
    for (const owned of this.#parts.owned()) if (!this.computeTouchedOf(owned)) reached = false;
    return reached;
  }

  /** All machines that have to be computed. `false`: some are further behind than a step, and have to be computed again. */
  computeTouchedOf(owned: OwnedPartition): boolean {
    return this.#some(owned, owned.touched, Infinity);
  }

  /** Most of them, in slices. */
  async computeMostOf(owned: OwnedPartition): Promise<void> {
    for (let left = owned.touched.size; left > SLICE && !this.#closed; left -= SLICE) {
      this.#some(owned, owned.touched, SLICE);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #some(owned: OwnedPartition, runners: Set<MachineRunner>, max: number): boolean {
    const records: Records = [];
    let allReached = true;
    let left = max;
    for (const runner of runners) {
      if (left-- <= 0) break;
      const now = this.nowOf(owned, runner);
      if (!Number.isFinite(now)) {
        owned.urgent.delete(runner);
        continue;
      }
      const waits = now - runner.reached > STEP_MS && owned.pending.size >= ROWS_WAITING_MAX;
      if (waits || !this.moveOn(owned, runner, now)) {
        allReached = false;
        // Years are not caught up with by a step a second.
        owned.urgent.add(runner);
        continue;
      }
      owned.touched.delete(runner);
      owned.urgent.delete(runner);
      if (owned.caughtUp) this.#show(runner, now, records);
    }
    if (records.length > 0) this.#parts.live.publish(records);
    return allReached;
  }

  /** While a partition is behind, its time is that of its events: the clock would show states that are long over. */
  nowOf(owned: OwnedPartition, runner: MachineRunner): number {
    const now = this.#parts.clock();
    if (owned.caughtUp) return now;
    return Math.min(now, Math.max(runner.engine.now, runner.engine.lastEventAt + 1));
  }

  /** Moves a machine on, by a step at most; whether it reached `now`. One without events waits for its first, however old. */
  moveOn(owned: OwnedPartition, runner: MachineRunner, now: number): boolean {
    const { reached } = runner;
    if (reached === Infinity) return true;
    owned.pending.add(runner.id, runner.advance(Math.min(now, reached + STEP_MS)));
    if (runner.recomputeFrom !== null) this.#parts.onRecompute();
    return runner.engine.now >= now;
  }

  /** Some machines, then whatever else waits for the processor, then the next ones. */
  #slice(which: "urgent" | "touched"): void {
    const began = performance.now();
    let left = SLICE;
    let reached = true;
    for (const owned of this.#parts.owned()) {
      const runners = owned[which];
      const before = runners.size;
      if (before > 0 && !this.#some(owned, runners, left)) reached = false;
      left -= before - runners.size;
      if (left <= 0) break;
    }
    if (which === "touched") this.#calmTookMs += performance.now() - began;
    if (left <= 0) {
      setImmediate(() => this.#slice(which));
      return;
    }
    if (which === "urgent") this.#next = null;
    else this.#calm = null;
    if (!reached) this.soon();
  }

  /** Those that a screen has begun to show are due sooner. */
  #lookForShown(): void {
    let shown = 0;
    for (const { runners } of this.#parts.owned()) {
      runners.forEach((runner) => {
        if (this.#parts.live.isShown(runner.id) !== true) return;
        shown++;
        runner.dueAt = Math.min(runner.dueAt, runner.reached + this.#shownMs());
      });
    }
    this.#shown = shown;
  }

  /** Moves machines on for which nothing came, so that rows and displays follow the clock. */
  async #moveOnDue(): Promise<void> {
    if (this.#movingOn) return;
    this.#movingOn = true;
    try {
      await this.#moveOnAll();
    } finally {
      this.#movingOn = false;
    }
  }

  async #moveOnAll(): Promise<void> {
    let done = 0;
    for (const owned of [...this.#parts.owned()]) {
      if (!owned.caughtUp) continue;
      let records: Records = [];
      const started = this.#parts.clock();
      const due: MachineRunner[] = [];
      owned.runners.forEach((runner) => {
        if (runner.dueAt <= started) due.push(runner);
      });
      for (const runner of due) {
        // A changed plant file may have come meanwhile.
        if (owned.runners.get(runner.id) !== runner) continue;
        const now = this.#parts.clock();
        if (this.moveOn(owned, runner, now)) this.#show(runner, now, records);
        else {
          owned.touched.add(runner);
          this.soon();
        }
        if (++done % SLICE !== 0) continue;
        this.#parts.live.publish(records);
        records = [];
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#closed) return;
      }
      if (records.length > 0) this.#parts.live.publish(records);
    }
  }

  #show(runner: MachineRunner, now: number, records: Records): void {
    const idleMs = this.#idleMs();
    const shown = this.#parts.live.isShown(runner.id) === true;
    runner.dueAt = dueAfter(runner, now, this.#spreadOut(shown ? this.#shownMs() : idleMs));
    // It has no time of its own before its first event: gateways say of it what they say of a machine without any.
    if (runner.reached === Infinity) return;
    const latency = runner.drainLatency(now);
    records.push(runner.liveRecord(now, idleMs));
    if (runner.model.machine.maxRateMillionths !== null) {
      this.#parts.metrics.doubtedTotals.labels(runner.id).set(runner.engine.doubts);
    }
    const segments = runner.drainChangedTimeline();
    if (segments !== null) records.push({ kind: "timeline", machine: runner.id, segments });
    if (latency === null) return;
    if (!this.#sample.takes(now)) return;
    const { eventToLog, logToComputed } = this.#parts.metrics;
    eventToLog.observe(Math.max(0, latency.loggedAt - latency.eventAt) / 1000);
    logToComputed.observe(Math.max(0, latency.computedAt - latency.loggedAt) / 1000);
  }

  #idleMs(): number {
    let machines = 0;
    for (const { runners } of this.#parts.owned()) machines += runners.size;
    return this.#inTurnMs(machines, IDLE_MACHINES_PER_SECOND, IDLE_MAX_MS);
  }

  #shownMs(): number {
    return this.#inTurnMs(this.#shown, SHOWN_MACHINES_PER_SECOND, SHOWN_MAX_MS);
  }

  #inTurnMs(machines: number, perSecond: number, maxMs: number): number {
    return Math.max(this.#parts.settings.idleEveryMs, Math.min(maxMs, (machines / perSecond) * 1000));
  }

  /** Never quite the same, or machines moved on together once (after a start, at the end of a shift) would be so for ever. */
  #spreadOut(ms: number): number {
    this.#spread = (this.#spread + GOLDEN) % 1;
    return ms * (1 - IDLE_SPREAD * this.#spread);
  }
}
