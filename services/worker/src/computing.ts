/**
 * Moves the engines of machines on in time.
 *
 * - A machine with events that a screen shows is computed `computeEveryMs` after its event. In one process screens are told by then
 *   that it waits, and it is computed when one takes it.
 * - A machine with events that no screen shows is computed `calmEveryMs` after its event; of thousands of such machines all are
 *   computed with the next write to the store.
 * - A machine without events is computed when it is due (`due.ts`).
 *
 * It works in slices of 100 machines or 10 ms, so that no event waits for all of them. Changed rows and stops wait in their partition
 * for the store; live records are published at once.
 */
import { minuteStart } from "@oee/columns";
import { type Cancel, GiveWay, restAfter, type Scheduler } from "@oee/pacing";
import { type LiveRecord, type LiveSink, Sample, type ShownMachines, type TimelineRecord } from "@oee/protocol";
import type { Logger } from "pino";
import { dueAfter } from "./due.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import type { WorkerSettings } from "./settings.ts";
import type { Notifier } from "./notifier.ts";

export interface ComputingParts {
  readonly settings: WorkerSettings;
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly live: LiveSink;
  readonly partitions: Iterable<OwnedPartition>;
  /** Raised when a machine's engine asks for a recompute of older time. */
  readonly recomputeWanted: Notifier;
}

/** Machines computed before other work gets the event loop, and for how long (ms) at most: some are far behind. */
const SLICE = 100;
const SLICE_MS = 10;
/** The longest time that a machine is moved on by at once: years of history hold up no other machine, and do not fill memory. */
const STEP_MS = 6 * 3_600_000;
/** With this many rows waiting for the store, a machine that is further behind than a step is not computed. */
const ROWS_WAITING_MAX = 300_000;
/**
 * Machines with events and on no screen that are computed a second, and the longest pause for it. What it costs is per machine, and
 * nobody looks: they are computed before each write too, so that rows say what events did.
 */
const CALM_MACHINES_PER_SECOND = 2_000;
const CALM_PAUSE_MAX_MS = 5_000;
/** A write computes all machines with events: where more than these are to be computed, the next one is waited for so long after the last. */
const MANY_MACHINES = 2_000;
const NEXT_WRITE_WITHIN_MS = 8_000;
/** Machines without events and on no screen that are computed a second; each has its turn within `IDLE_MAX_MS` at the latest. */
const IDLE_MACHINES_PER_SECOND = 125;
const IDLE_MAX_MS = 80_000;
/** The same of machines without events that a screen shows. */
const SHOWN_MACHINES_PER_SECOND = 250;
const SHOWN_MAX_MS = 40_000;
/** Turns of machines without events are brought forward by up to this share, so that they spread over time. */
const IDLE_SPREAD = 0.25;
const GOLDEN = 0.618_034;
const DUE_LOOKED_FOR_EVERY_MS = 1_000;
/** A machine whose checkpoint is older is not shown by it: screens take a record for unknown after as long. */
const RECALLED_WITHIN_MS = 60_000;
const SAMPLED_IN_TENTH_MAX = 50;

type Records = (LiveRecord | TimelineRecord)[];

/** A machine that screens show. */
interface OnScreen {
  /** Whether no screen has taken its newest record yet. */
  untaken: boolean;
  /** Events came after that record: the machine is computed when a screen is about to take it. */
  owned: OwnedPartition | null;
  runner: MachineRunner | null;
}

const NOT_WAITING: Pick<OnScreen, "owned" | "runner"> = { owned: null, runner: null };

/** How much of a set of machines to compute: `all`, those to be stored now (`due`), or a slice of those that are to be computed. */
interface Portion {
  readonly which: "all" | "due" | "slice";
  readonly machines: number;
  /** An instant of the monotonic clock (ms). */
  readonly until: number;
}

interface Computed {
  /** Whether every machine tried came to its now. */
  readonly reached: boolean;
  readonly tried: number;
  /** Whether nothing is left of the set. */
  readonly whole: boolean;
}

export class Computing {
  readonly #parts: ComputingParts;
  #dueTimer: Cancel | null = null;
  #next: Cancel | null = null;
  #calm: Cancel | null = null;
  /** Time (ms) that the present turn of machines on no screen has taken, and their number; the pause after it follows from that. */
  #calmTookMs = 0;
  #calmTried = 0;
  /** When a write last had machines computed (ms of the monotonic clock). */
  #writtenAt = -Infinity;
  #movingOn = false;
  /** What screens show, as the live channel told last. */
  #shown: ShownMachines = { machines: new Set(), complete: false };
  readonly #onScreens = new Map<string, OnScreen>();
  #stopHearing: Cancel | null = null;
  #stopTaking: Cancel | null = null;
  /** Machines whose events wait for a screen to take them, which the live channel is not told yet, and when it is. */
  #waitingOnScreen: string[] = [];
  #telling: Cancel | null = null;
  #spread = 0;
  readonly #sample = new Sample(SAMPLED_IN_TENTH_MAX);
  #closed = false;

  constructor(parts: ComputingParts) {
    this.#parts = parts;
  }

  start(): void {
    const { scheduler, settings, live } = this.#parts;
    const { idleEveryMs } = settings;
    this.#dueTimer = scheduler.every(Math.min(idleEveryMs, DUE_LOOKED_FOR_EVERY_MS), () => void this.#moveOnDue());
    this.#stopHearing = live.onShown((shown) => this.#lookAt(shown));
    this.#stopTaking = live.onTaking?.((machine) => this.#taking(machine)) ?? null;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of [this.#dueTimer, this.#stopHearing, this.#stopTaking, this.#next, this.#calm, this.#telling])
      cancel?.();
  }

  /**
   * Shows machines of a partition that was taken over as they stood at their checkpoints, with that instant: it shows them next when it
   * has read all events since. Only where nobody has the last owner's records.
   */
  async recall(owned: OwnedPartition, giveWay: GiveWay): Promise<void> {
    const { live, scheduler } = this.#parts;
    if (live.recall === undefined) return;
    let records: Records = [];
    for (const runner of owned.runners.values()) {
      const { now } = runner.engine;
      if (now < scheduler.now() - RECALLED_WITHIN_MS) continue;
      this.moveOn(owned, runner, now);
      const { id, timeline } = runner;
      records.push(runner.liveRecord(now), { kind: "timeline", machine: id, segments: [...timeline] });
      if (!giveWay.due) continue;
      live.recall(records);
      records = [];
      await giveWay.now();
    }
    live.recall(records);
  }

  /** Schedules the urgent machines in `computeEveryMs`, and the others in `calmEveryMs` or after their pause. */
  soon(): void {
    if (this.#closed) return;
    const { scheduler, settings } = this.#parts;
    const { computeEveryMs, calmEveryMs } = settings;
    this.#next ??= scheduler.after(computeEveryMs, () => this.#slice("urgent"));
    const inTurnMs = Math.min(CALM_PAUSE_MAX_MS, (this.#calmTried / CALM_MACHINES_PER_SECOND) * 1_000);
    // Where a screen that nobody told of may show them, they come as soon as a tenth of the time allows.
    const { complete } = this.#shown;
    const pauseMs = Math.max(
      complete ? calmEveryMs : computeEveryMs,
      restAfter(this.#calmTookMs),
      complete ? inTurnMs : 0,
    );
    this.#calm ??= scheduler.after(pauseMs, () => this.#calmTurn());
  }

  #calmTurn(): void {
    const { scheduler } = this.#parts;
    const untilWriteMs = this.#writtenAt + NEXT_WRITE_WITHIN_MS - scheduler.elapsed();
    if (untilWriteMs > 0 && this.#shown.complete && this.#waiting("all") > MANY_MACHINES) {
      this.#calm = scheduler.after(untilWriteMs, () => this.#calmTurn());
      return;
    }
    this.#calmTookMs = 0;
    this.#calmTried = 0;
    this.#slice("all");
  }

  /** Computes all machines that are to be computed, however far behind. `false`: rows have to be stored first; call again. */
  computeAll(): boolean {
    let reached = true;
    for (const owned of this.#parts.partitions) if (!this.#computeAllOf(owned)) reached = false;
    return reached;
  }

  #computeAllOf(owned: OwnedPartition): boolean {
    return this.#some(owned, owned.toCompute.all, unbounded("all")).reached;
  }

  /**
   * Computes the machines of a partition that are to be computed. Left out are those that are further behind than a step
   * (`STEP_MS`), and while the partition catches up those that have not gone on by a step.
   */
  computeDueOf(owned: OwnedPartition): void {
    this.#writtenAt = this.#parts.scheduler.elapsed();
    this.#some(owned, owned.toCompute.all, unbounded("due"));
  }

  /**
   * Computes the machines that `computeDueOf` would, and gives way to other work between slices; some are added meanwhile. Where
   * it does not catch up, screens come first: thousands of machines with a turn of the event loop between slices took all of it for 0.3 s.
   */
  async computeMostOf(owned: OwnedPartition): Promise<void> {
    const { scheduler } = this.#parts;
    const giveWay = new GiveWay(scheduler);
    for (let left = owned.toCompute.all.size; left > 0 && !this.#closed; ) {
      const slice = this.#some(owned, owned.toCompute.all, this.#portion("due", SLICE));
      if (slice.whole) return;
      left -= slice.tried;
      await (owned.catchingUp ? scheduler.turn() : giveWay.now());
    }
  }

  #portion(which: Portion["which"], machines: number): Portion {
    return { which, machines, until: this.#parts.scheduler.elapsed() + SLICE_MS };
  }

  /**
   * Computes one machine, for its checkpoint must know of every row and stop that is stored with it. `false`: a step,
   * and there is more.
   */
  computeOne(owned: OwnedPartition, runner: MachineRunner): boolean {
    if (!owned.toCompute.all.has(runner)) return true;
    const now = this.nowOf(owned, runner);
    if (!Number.isFinite(now)) return true;
    if (!this.moveOn(owned, runner, now)) return false;
    // It stays among those to compute, which are shown, where a screen may look at it.
    if (!owned.caughtUp && !this.#isStillToShow(owned, runner)) owned.toCompute.done(runner);
    return true;
  }

  #some(owned: OwnedPartition, runners: Iterable<MachineRunner>, { which, machines, until }: Portion): Computed {
    const { scheduler, live } = this.#parts;
    const records: Records = [];
    const behind: MachineRunner[] = [];
    const staying: MachineRunner[] = [];
    const onlyGoneOn = owned.catchingUp && which !== "all";
    let tried = 0;
    let whole = true;
    for (const runner of onlyGoneOn ? owned.toCompute.goneOn : runners) {
      // Who asked for it waited meanwhile, and the plant file changed.
      if (!owned.has(runner)) {
        owned.toCompute.done(runner);
        continue;
      }
      if (tried >= machines || (tried > 0 && scheduler.elapsed() >= until)) {
        whole = false;
        break;
      }
      const now = this.nowOf(owned, runner);
      if (!Number.isFinite(now)) {
        owned.toCompute.removeUrgency(runner);
        continue;
      }
      tried++;
      const far = now - runner.reached > STEP_MS;
      const waits = far && (which === "due" || owned.pending.size >= ROWS_WAITING_MAX);
      if (waits || !this.#moveOnUntil(owned, runner, now, until)) {
        behind.push(runner);
        continue;
      }
      if (owned.caughtUp) this.#show(runner, now, records);
      else if (this.#isStillToShow(owned, runner)) {
        staying.push(runner);
        continue;
      }
      owned.toCompute.done(runner);
    }
    // Where they are, the next slice would find them first.
    for (const runner of staying) owned.toCompute.afterOthers(runner);
    // A machine that is years behind would need hours at one step a second.
    for (const runner of behind) owned.toCompute.urgentAfterOthers(runner);
    if (records.length > 0) live.publish(records);
    return { reached: behind.length === 0, tried, whole };
  }

  /**
   * The instant (epoch ms) up to which a machine is to be computed: the clock's, or, while its partition is behind, that of
   * its newest event, because the clock would show states that are long over. `-Infinity` where no event came yet.
   */
  nowOf(owned: OwnedPartition, runner: MachineRunner): number {
    const now = this.#parts.scheduler.now();
    if (owned.caughtUp) return now;
    return Math.min(now, Math.max(runner.engine.now, runner.engine.lastEventAt + 1));
  }

  /**
   * Moves a machine on by at most `STEP_MS`; `true`: it reached `now`. A machine without events is not moved on, because its
   * first event may be of any age.
   */
  moveOn(owned: OwnedPartition, runner: MachineRunner, now: number): boolean {
    const { reached } = runner;
    if (reached === Infinity) return true;
    owned.movesOn(runner, now);
    owned.pending.add(runner.id, runner.advance(Math.min(now, reached + STEP_MS)));
    if (runner.recompute.waitsFrom !== null) this.#parts.recomputeWanted.notify();
    return runner.engine.now >= now;
  }

  /** Moves a machine on step by step until it reached `now` (`true`), an instant of the monotonic clock (ms), or rows have to be stored. */
  #moveOnUntil(owned: OwnedPartition, runner: MachineRunner, now: number, until: number): boolean {
    do if (this.moveOn(owned, runner, now)) return true;
    while (this.#parts.scheduler.elapsed() < until && owned.pending.size < ROWS_WAITING_MAX);
    return false;
  }

  /**
   * Before a machine takes an event of time that an earlier owner moved it through by the clock, and stored: moves it there
   * too, so that it takes back what the event changes. Where that is further than a step, the time from `from` (epoch ms)
   * on is recomputed.
   */
  reachStored(owned: OwnedPartition, runner: MachineRunner, from: number): void {
    const now = this.#parts.scheduler.now();
    const to = Math.min(runner.storedTo, now);
    // What is stored of later than now is taken back by a recompute.
    if (!runner.isAhead(now)) runner.foundStoredTo(-Infinity);
    if (runner.reached >= to || runner.recompute.isWanted) return;
    if (to - runner.reached <= STEP_MS) this.moveOn(owned, runner, to);
    else {
      runner.recompute.ask(from);
      this.#parts.recomputeWanted.notify();
    }
  }

  /** Computes one slice of machines, lets other work have the event loop, then goes on with the next slice. `left`: of this round. */
  #slice(which: "urgent" | "all", left: number = this.#waiting(which)): void {
    const { scheduler } = this.#parts;
    const began = scheduler.elapsed();
    const slice = this.#portion("slice", Math.min(SLICE, left));
    let tried = 0;
    let all = true;
    let reached = true;
    for (const owned of this.#parts.partitions) {
      const runners = owned.toCompute[which];
      // What a screen waits for is shown when all is read.
      const isSoonRead = which === "urgent" && !owned.caughtUp && !owned.catchingUp;
      if (runners.size === 0 || isSoonRead) continue;
      const turn = this.#some(owned, runners, { ...slice, machines: slice.machines - tried });
      tried += turn.tried;
      if (!turn.reached) reached = false;
      all = turn.whole;
      if (!all) break;
    }
    if (which === "all") {
      this.#calmTookMs += scheduler.elapsed() - began;
      this.#calmTried += tried;
    }
    if (!all && left > tried) {
      void scheduler.turn().then(() => this.#slice(which, left - tried));
      return;
    }
    if (which === "urgent") this.#next = null;
    else this.#calm = null;
    if (!reached || !all) this.soon();
  }

  #waiting(which: "urgent" | "all"): number {
    let machines = 0;
    for (const owned of this.#parts.partitions) machines += owned.toCompute[which].size;
    return machines;
  }

  /** Whether a screen is known to show a machine. */
  isShown(machine: string): boolean {
    return this.#onScreens.has(machine);
  }

  /** Whether a machine that was computed stays until all records are read, which is soon: a screen that waits for it would else see it with its next event. */
  #isStillToShow(owned: OwnedPartition, runner: MachineRunner): boolean {
    if (owned.caughtUp || owned.catchingUp) return false;
    return this.isShown(runner.id) || owned.toCompute.urgent.has(runner);
  }

  /**
   * Whether a machine of which an event came is to be computed soon, since a screen shows it. Not where it is computed when the screens
   * take it: they are told that it waits, once until they do.
   */
  isAwaited(owned: OwnedPartition, runner: MachineRunner): boolean {
    const onScreen = this.#onScreens.get(runner.id);
    if (onScreen === undefined) return false;
    if (!onScreen.untaken) {
      if (this.#parts.live.waits === undefined) return true;
      onScreen.untaken = true;
      this.#waitingOnScreen.push(runner.id);
      this.#telling ??= this.#parts.scheduler.after(this.#parts.settings.computeEveryMs, () => this.#tellWaiting());
    }
    onScreen.owned = owned;
    onScreen.runner = runner;
    return false;
  }

  #tellWaiting(): void {
    this.#telling = null;
    const waiting = this.#waitingOnScreen;
    this.#waitingOnScreen = [];
    for (const machine of waiting) {
      const { owned, runner } = this.#onScreens.get(machine) ?? NOT_WAITING;
      if (owned === null || runner === null || !owned.toCompute.all.has(runner)) continue;
      if (owned.caughtUp) this.#parts.live.waits?.(machine);
      else this.#whenRead(owned, runner);
    }
  }

  #taking(machine: string): void {
    const onScreen = this.#onScreens.get(machine);
    if (onScreen === undefined) return;
    const { owned, runner } = onScreen;
    onScreen.untaken = false;
    if (owned === null || runner === null) return;
    onScreen.owned = null;
    onScreen.runner = null;
    if (this.#closed || !owned.toCompute.all.has(runner)) return;
    if (owned.caughtUp) this.#some(owned, [runner], this.#portion("slice", 1));
    else this.#whenRead(owned, runner);
    onScreen.untaken = false;
  }

  /** Has a machine computed, and shown, as soon as all records of its partition are read. */
  #whenRead(owned: OwnedPartition, runner: MachineRunner): void {
    owned.toCompute.addUrgent(runner);
    this.soon();
  }

  /** Machines that screens have begun to show are due sooner, and computed at once where events of theirs wait. */
  #lookAt(shown: ShownMachines): void {
    this.#shown = shown;
    this.#parts.metrics.machinesShown.set(shown.machines.size);
    // Those that wait for being taken by a screen that is gone are among the machines with events, which are computed now.
    this.#onScreens.clear();
    for (const machine of shown.machines) this.#onScreens.set(machine, { untaken: false, owned: null, runner: null });
    const shownMs = this.#shownMs();
    for (const { runners, toCompute, catchingUp } of this.#parts.partitions) {
      for (const machine of shown.machines) {
        const runner = runners.get(machine);
        if (runner === undefined) continue;
        runner.dueBy(runner.reached + shownMs);
        if (catchingUp || !toCompute.all.has(runner)) continue;
        toCompute.addUrgent(runner);
        this.soon();
      }
    }
  }

  /** Computes the machines that are due though no event came, so that rows and displays follow the clock. */
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
    let ahead = 0;
    for (const owned of [...this.#parts.partitions]) {
      if (!owned.caughtUp) continue;
      let records: Records = [];
      const started = this.#parts.scheduler.now();
      const due: MachineRunner[] = [];
      owned.runners.forEach((runner) => {
        if (!runner.isAhead(started)) {
          if (runner.isDue(started)) due.push(runner);
        } else if (!runner.recompute.isWanted) {
          runner.recompute.ask(minuteStart(started));
          ahead++;
        }
      });
      for (const runner of due) {
        // A changed plant file may have come meanwhile, or an event, with which it was computed.
        if (!owned.has(runner) || !runner.isDue(started)) continue;
        const now = this.#parts.scheduler.now();
        if (this.moveOn(owned, runner, now)) {
          owned.toCompute.done(runner);
          this.#show(runner, now, records);
        } else {
          owned.toCompute.add(runner);
          this.soon();
        }
        if (++done % SLICE !== 0) continue;
        this.#parts.live.publish(records);
        records = [];
        await this.#parts.scheduler.turn();
        if (this.#closed) return;
      }
      if (records.length > 0) this.#parts.live.publish(records);
    }
    if (ahead === 0) return;
    const message = "the clock was set back: machines were computed up to later than now, and are computed again";
    this.#parts.logger.warn({ code: "OEE_WORKER_CLOCK_SET_BACK", machines: ahead }, message);
    this.#parts.recomputeWanted.notify();
  }

  #show(runner: MachineRunner, now: number, records: Records): void {
    const idleMs = this.#idleMs();
    const onScreen = this.#onScreens.get(runner.id);
    const everyMs = onScreen === undefined ? idleMs : this.#shownMs();
    runner.dueNext(dueAfter(runner, now, this.#spreadOut(everyMs)));
    // Before its first event a machine has no live record: gateways show it as they show every machine without events.
    if (runner.reached === Infinity) return;
    if (onScreen !== undefined && this.#stopTaking !== null) onScreen.untaken = true;
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
    for (const { runners } of this.#parts.partitions) machines += runners.size;
    return this.#inTurnMs(machines, IDLE_MACHINES_PER_SECOND, IDLE_MAX_MS);
  }

  #shownMs(): number {
    return this.#inTurnMs(this.#shown.machines.size, SHOWN_MACHINES_PER_SECOND, SHOWN_MAX_MS);
  }

  #inTurnMs(machines: number, perSecond: number, maxMs: number): number {
    return Math.max(this.#parts.settings.idleEveryMs, Math.min(maxMs, (machines / perSecond) * 1000));
  }

  /** Shortens a delay (ms) by a varying share: machines computed together once (a start, a shift's end) would else stay together. */
  #spreadOut(ms: number): number {
    this.#spread = (this.#spread + GOLDEN) % 1;
    return ms * (1 - IDLE_SPREAD * this.#spread);
  }
}

function unbounded(which: Portion["which"]): Portion {
  return { which, machines: Infinity, until: Infinity };
}
