/**
 * One machine of the digital twin. In each step (1 s by default) it takes items from the buffer before it and fills the one
 * behind it; it fails, stops for moments, is set up, cleaned and maintained, and rests outside its shifts.
 * Invariants: nothing is made outside scheduled time; starved and blocked come from the neighbours alone;
 * the outcome depends on the seed and the plant, never on the chunks in which events are taken.
 */
import type { CalendarClock, CalendarSpan } from "@oee/calendar";
import type { Machine, StateName } from "@oee/model";
import { RandomStream } from "./random-stream.ts";
import type { Habits } from "./habits.ts";
import type { MachineVoice } from "./machine-voice.ts";
import type { ReasonChoice } from "./reason-choice.ts";
import type { Buffer, Line } from "./line.ts";
import type { MachineStory } from "./story.ts";

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** Machines that never rest are cleaned as if they had shifts of this length. */
const UNSHIFTED_CLEANING_EVERY_MS = 8 * 60 * MINUTE_MS;
/** How long a machine lacks items or space before it reports starved or blocked. */
const WAIT_TOLERANCE_MS = 3000;
/** Below the low, or above the high filling grade (0 to 1) of the buffer between them, a machine slows to its neighbour's speed. */
const BUFFER_LOW = 0.4;
const BUFFER_HIGH = 0.6;
/** By which share it is slower than its neighbour when the buffer is empty or full. */
const REGULATION = 0.15;
/** Filling grade of the buffer at which a starved or a blocked machine starts again. */
const RESTART_LOW = 0.2;
const RESTART_HIGH = 0.8;

/** A stop that the end of the shift interrupted; the rest of it follows at the next shift. */
interface Unfinished {
  readonly state: StateName;
  readonly leftMs: number;
  readonly reason: string | null;
}

export interface SimulatedMachineParts {
  readonly machine: Machine;
  readonly habits: Habits;
  readonly clock: CalendarClock;
  readonly voice: MachineVoice;
  readonly reasons: ReasonChoice;
  readonly line: Line;
  readonly story: MachineStory;
  readonly stepMs: number;
}

export class SimulatedMachine {
  /** Nothing happens before this instant: the caller may pass over the machine. */
  wakeAt: number = Number.NEGATIVE_INFINITY;
  orderIndex = 0;
  /** Its present speed, in units of flow per step; 0 while it stands. */
  unitsPerStep = 0;
  readonly machine: Machine;
  readonly phaseMs: number;
  readonly #habits: Habits;
  readonly #clock: CalendarClock;
  readonly #voice: MachineVoice;
  readonly #reasons: ReasonChoice;
  readonly #line: Line;
  readonly #story: MachineStory;
  readonly #stepMs: number;
  readonly #stops: RandomStream;
  readonly #items: RandomStream;
  readonly #unitsPerItem: number;
  #input: Buffer | null = null;
  #output: Buffer | null = null;
  #before: SimulatedMachine | null = null;
  #behind: SimulatedMachine | null = null;
  #span: CalendarSpan | null = null;
  #state: StateName = "running";
  #reason: string | null = null;
  #endsAt = Infinity;
  #unfinished: Unfinished | null = null;
  #orderDone = false;
  #setupDue = false;
  #itemsPerStep = 0;
  #progress = 0;
  #waitedMs = 0;
  #unitsOfOrder = 0;
  /** Units in the buffer before it that belong to its order; Infinity while the machine before it has not begun the next order. */
  #unitsLeftOfOrder = Infinity;
  #startupItemsLeft = 0;
  #toDefect: number;
  #toFailureMs: number;
  #toShortStopMs: number;
  #toSpeedChangeMs = 0;
  #speed: number;
  #defectShare: number;
  #cleaningAt = Infinity;
  #cleaningEndsAt = Infinity;
  #maintenanceAt = Infinity;

  constructor(seed: string | number, parts: SimulatedMachineParts) {
    this.machine = parts.machine;
    this.phaseMs = parts.habits.phaseMs;
    this.#habits = parts.habits;
    this.#clock = parts.clock;
    this.#voice = parts.voice;
    this.#reasons = parts.reasons;
    this.#line = parts.line;
    this.#story = parts.story;
    this.#stepMs = parts.stepMs;
    this.#stops = new RandomStream(seed, parts.machine.id, "stops");
    this.#items = new RandomStream(seed, parts.machine.id, "items");
    this.#unitsPerItem = parts.line.orders.unitsPerItem(parts.machine);
    this.#toDefect = this.#items.geometric(this.#habits.defectShare);
    // A random share of the first life is over when the simulation begins.
    this.#toFailureMs = this.#stops.weibull(this.#habits.failureShape, this.#habits.failureLifeMs) * this.#stops.next();
    this.#toShortStopMs = this.#stops.exponential(this.#habits.shortStopEveryMs);
    this.#speed = this.#habits.speed;
    this.#defectShare = this.#habits.defectShare;
  }

  /** Names the neighbours and the buffers between; called once, before the first step. */
  connect(
    before: SimulatedMachine | null,
    input: Buffer | null,
    behind: SimulatedMachine | null,
    output: Buffer | null,
  ): void {
    this.#before = before;
    this.#input = input;
    this.#behind = behind;
    this.#output = output;
  }

  /** Moves the machine on by one step; called in order of time, and not needed before `wakeAt`. */
  step(at: number): void {
    if (this.#span === null) {
      this.#maintenanceAt = this.#line.maintenanceFrom(at);
      this.#takeOrder(at);
    }
    if (this.#span === null || at + this.#stepMs >= this.#span.to) this.#turnCalendar(at);
    if (at >= this.#endsAt) this.#endStop(at);
    else if (this.#orderDone && this.#isFree()) this.#changeOver(at);
    else if (this.#state === "running") this.#run(at);
    else if (this.#state === "starved" || this.#state === "blocked") this.#await(at);
    if (at >= this.#voice.dueAt) this.#voice.keepUp(at);
    this.wakeAt = this.#isFree()
      ? at
      : Math.min(this.#endsAt, this.#voice.dueAt, (this.#span?.to ?? at) - this.#stepMs);
  }

  /** Whether only its neighbours may keep it from producing: it runs, is starved or is blocked. */
  #isFree(): boolean {
    return this.#state === "running" || this.#state === "starved" || this.#state === "blocked";
  }

  // Time

  /** Looks one step ahead, so that the last items of a shift are counted inside it. */
  #turnCalendar(at: number): void {
    const before = this.#span;
    const span = this.#clock.spanAt(at + this.#stepMs);
    this.#span = span;
    if (before === span) return;
    if (!span.scheduled) this.#rest(at, span);
    else {
      if (before !== null) this.#resume(at, before);
      else this.#start(at);
      this.#planCleaning(at);
    }
  }

  #rest(at: number, span: CalendarSpan): void {
    const carriesOn = this.#state === "down" || this.#state === "setup" || this.#state === "maintenance";
    if (span.shift !== null) {
      // A repair, a setup or a maintenance goes on through a break.
      if (!carriesOn) this.#stop(at, "break", Infinity);
      return;
    }
    if (carriesOn) this.#unfinished = { state: this.#state, leftMs: this.#endsAt - at, reason: this.#reason };
    this.#stop(at, "no-demand", Infinity);
  }

  #resume(at: number, before: CalendarSpan): void {
    if (this.#unfinished !== null) {
      const { state, leftMs, reason } = this.#unfinished;
      this.#unfinished = null;
      this.#stop(at, state, leftMs, reason);
    } else if (!before.scheduled) {
      if (this.#endsAt !== Infinity) return;
      if (this.#stops.chance(0.1)) this.#voice.resetTotals(at);
      const delayMs = this.#stops.lognormal(this.#habits.startDelayMedianMs, 0.5);
      this.#stop(at, "idle", before.shift === null ? delayMs : delayMs / 2);
    } else if (this.#isFree() && this.#stops.chance(0.5)) {
      this.#stop(at, "idle", this.#stops.lognormal(this.#habits.startDelayMedianMs, 0.5));
    }
  }

  #planCleaning(at: number): void {
    const shiftEnd =
      this.#span?.shift?.to ?? (Math.floor(at / UNSHIFTED_CLEANING_EVERY_MS) + 1) * UNSHIFTED_CLEANING_EVERY_MS;
    this.#cleaningEndsAt = shiftEnd;
    this.#cleaningAt = this.#line.cleaningMs === 0 ? Infinity : shiftEnd - this.#line.cleaningMs;
  }

  // Stops

  /** Begins a stop of `durationMs`; its reason is given `reasonAfterMs` after its beginning. */
  #stop(at: number, state: StateName, durationMs: number, reason: string | null = null, reasonAfterMs = 0): void {
    this.#state = state;
    this.#reason = reason;
    this.#endsAt = at + Math.max(this.#stepMs, Math.round(durationMs / this.#stepMs) * this.#stepMs);
    this.unitsPerStep = 0;
    this.#waitedMs = 0;
    this.#voice.state(at, state, reason, at + reasonAfterMs);
  }

  #fail(at: number): void {
    this.#toFailureMs = this.#drawLife(at);
    const { repair, vague } = this.#story.factorsAt(at);
    const repairMs = this.#stops.lognormal(this.#habits.repairMedianMs, 0.75) * repair;
    const draw = this.#stops.next();
    const later = this.#stops.between(0.5, 6) * MINUTE_MS;
    const reason = draw < 0.85 ? this.#reasons.pick("down", vague) : null;
    this.#stop(at, "down", Math.min(repairMs, 6 * 60 * MINUTE_MS), reason, draw < 0.35 ? 0 : later);
  }

  #pause(at: number): void {
    const { shortStopEvery, vague } = this.#story.factorsAt(at);
    this.#toShortStopMs = this.#stops.exponential(this.#habits.shortStopEveryMs) * shortStopEvery;
    const long = this.#stops.chance(0.04);
    const lengthMs = long
      ? this.#stops.lognormal(9 * MINUTE_MS, 0.4)
      : this.#stops.lognormal(this.#habits.shortStopMedianMs, 0.7);
    const isExplained = this.#stops.chance(long ? 0.7 : 0.3);
    this.#stop(at, "idle", lengthMs, isExplained ? this.#reasons.pick("idle", vague) : null, long ? MINUTE_MS : 0);
  }

  #endStop(at: number): void {
    const ended = this.#state;
    this.#endsAt = Infinity;
    if (this.#span?.scheduled !== true) {
      this.#stop(at, "break", Infinity);
      return;
    }
    if (ended === "down" && this.#stops.chance(0.15)) this.#voice.resetTotals(at);
    if (ended === "cleaning") this.#planCleaning(at);
    if (ended === "setup") {
      const startupMs = this.#stops.between(1, 3) * MINUTE_MS;
      this.#startupItemsLeft = Math.max(3, Math.round((startupMs / this.#stepMs) * this.#itemsPerStep));
    }
    if (this.#setupDue) this.#setUp(at);
    else this.#start(at);
  }

  #start(at: number): void {
    this.#state = "running";
    this.#reason = null;
    this.#waitedMs = 0;
    this.#voice.state(at, "running");
  }

  // Orders

  #takeOrder(at: number): void {
    const order = this.#line.orders.order(this.orderIndex, at);
    const cycleUs = Math.max(1, Math.round(this.#line.orders.cycleUs(this.machine) * order.cycleFactor));
    this.#itemsPerStep = (this.#stepMs * 1000) / cycleUs;
    this.#unitsOfOrder = 0;
    this.#unitsLeftOfOrder = Infinity;
    const pieceUs = Math.max(1, Math.round(this.#line.orders.pieceUs(this.machine) * order.cycleFactor));
    this.#voice.job(at, order, pieceUs);
  }

  /** Goes on to the next order, one step after the last item, so that the item's count does not fall to the job that begins now (CN-1). */
  #changeOver(at: number): void {
    this.#orderDone = false;
    this.orderIndex++;
    this.#line.passOrder();
    const order = this.#line.orders.order(this.orderIndex, at);
    this.#takeOrder(at);
    if (order.clearance) {
      if (this.#input !== null) this.#input.level = 0;
    } else if (this.#behind !== null && this.#output !== null) this.#behind.#unitsLeftOfOrder = this.#output.level;
    this.#setupDue = order.setupMs > 0;
    if (order.waitMs > 0) this.#stop(at, "no-demand", order.waitMs, this.#reasons.pick("no-demand"));
    else if (this.#setupDue) this.#setUp(at);
  }

  #setUp(at: number): void {
    this.#setupDue = false;
    const factor = this.#habits.setupFactor * this.#stops.between(0.85, 1.2) * this.#story.factorsAt(at).setup;
    const lengthMs = this.#line.orders.order(this.orderIndex).setupMs * factor;
    this.#stop(at, "setup", lengthMs, this.#stops.chance(0.6) ? this.#reasons.pick("setup") : null);
  }

  #finishOrder(at: number): void {
    this.#orderDone = true;
    this.#voice.flush(at);
  }

  // Production

  #run(at: number): void {
    if (this.#beginPlannedStop(at) || this.#beginIncident(at)) return;
    this.#toFailureMs -= this.#stepMs;
    this.#toShortStopMs -= this.#stepMs;
    this.#toSpeedChangeMs -= this.#stepMs;
    if (this.#toFailureMs <= 0) this.#fail(at);
    else if (this.#toShortStopMs <= 0) this.#pause(at);
    else {
      if (this.#toSpeedChangeMs <= 0) this.#changeSpeed(at);
      this.#produce(at);
    }
  }

  #beginIncident(at: number): boolean {
    if (this.#story.takeReplacement(at)) this.#voice.resetTotals(at);
    const incident = this.#story.takeIncident(at);
    if (incident === null) return false;
    this.#stop(at, "down", incident.minutes * MINUTE_MS, incident.reason, 2 * MINUTE_MS);
    return true;
  }

  #beginPlannedStop(at: number): boolean {
    if (at >= this.#maintenanceAt) {
      const lengthMs = this.#line.maintenanceMs(this.#maintenanceAt);
      this.#maintenanceAt += WEEK_MS;
      this.#stop(at, "maintenance", lengthMs, this.#reasons.pick("maintenance"));
      return true;
    }
    if (at < this.#cleaningAt) return false;
    this.#cleaningAt = Infinity;
    if (at >= this.#cleaningEndsAt - MINUTE_MS) {
      if (this.#span?.shift === null) this.#planCleaning(this.#cleaningEndsAt);
      return false;
    }
    this.#stop(at, "cleaning", this.#cleaningEndsAt - at, this.#reasons.pick("cleaning"));
    return true;
  }

  #changeSpeed(at: number): void {
    const factors = this.#story.factorsAt(at);
    this.#toSpeedChangeMs = this.#items.exponential(20 * MINUTE_MS);
    this.#defectShare = Math.min(0.5, this.#habits.defectShare * factors.defects);
    const slow = this.#items.chance(0.08);
    const speed = slow
      ? this.#items.between(0.65, 0.85)
      : Math.min(1.01, this.#habits.speed + this.#items.between(-0.04, 0.03));
    this.#speed = speed * factors.speed;
  }

  #produce(at: number): void {
    const perItem = this.#unitsPerItem;
    this.unitsPerStep = this.#regulated(this.#itemsPerStep * this.#speed * perItem);
    this.#progress += this.unitsPerStep / perItem;
    const due = Math.floor(this.#progress);
    if (due === 0) return;
    const available = this.#available();
    const space = this.#space();
    const items = Math.min(due, available, space);
    this.#progress = Math.min(this.#progress - items, 1);
    if (items > 0) this.#make(at, items);
    if (items === due) this.#waitedMs = 0;
    else this.#lack(at, available <= space);
  }

  /**
   * When the buffer before it runs empty, or the one after it full, a machine goes no faster than the neighbour on the other side of
   * that buffer, and the slower the nearer that comes. Scrap and small differences in speed then do not end in waiting.
   */
  #regulated(units: number): number {
    let result = units;
    const before = this.#before?.unitsPerStep ?? 0;
    if (this.#input !== null && before > 0) {
      const grade = this.#input.level / this.#input.capacity;
      if (grade < BUFFER_LOW) result = Math.min(result, before * (1 - REGULATION * (1 - grade / BUFFER_LOW)));
    }
    const behind = this.#behind?.unitsPerStep ?? 0;
    if (this.#output !== null && behind > 0) {
      const grade = this.#output.level / this.#output.capacity;
      if (grade > BUFFER_HIGH)
        result = Math.min(result, behind * (1 - REGULATION * ((grade - BUFFER_HIGH) / (1 - BUFFER_HIGH))));
    }
    return Math.max(result, units * 0.3);
  }

  /** How many items there are in the buffer before it. */
  #available(): number {
    return this.#input === null ? Infinity : Math.floor(this.#input.level / this.#unitsPerItem + 1e-9);
  }

  /** How many items fit into the buffer behind it: none while the next machine still has to clear it of another product. */
  #space(): number {
    if (this.#output === null || this.#behind === null) return Infinity;
    if (this.#behind.orderIndex !== this.orderIndex && this.#line.orders.order(this.orderIndex).clearance) return 0;
    return Math.floor((this.#output.capacity - this.#output.level) / this.#unitsPerItem + 1e-9);
  }

  #make(at: number, items: number): void {
    let scrap = 0;
    let rework = 0;
    const startup = this.#startupItemsLeft > 0;
    if (startup) {
      this.#startupItemsLeft = Math.max(0, this.#startupItemsLeft - items);
      for (let i = 0; i < items; i++) if (this.#items.chance(0.25)) scrap++;
    } else {
      this.#toDefect -= items;
      while (this.#toDefect <= 0) {
        if (this.#items.chance(this.#habits.reworkShare)) rework++;
        else scrap++;
        this.#toDefect += this.#items.geometric(this.#defectShare);
      }
    }
    scrap = Math.min(scrap, items);
    rework = Math.min(rework, items - scrap);
    if (this.#input !== null) this.#input.level = Math.max(0, this.#input.level - items * this.#unitsPerItem);
    if (this.#output !== null) this.#output.level += (items - scrap) * this.#unitsPerItem;
    this.#unitsOfOrder += (items - scrap) * this.#unitsPerItem;
    this.#voice.made(at, items - scrap - rework, scrap, rework, startup);
    if (startup && this.#startupItemsLeft === 0) this.#voice.flush(at);
    this.#unitsLeftOfOrder -= items * this.#unitsPerItem;
    const full = this.#input === null && this.#unitsOfOrder >= this.#line.orders.order(this.orderIndex).units;
    if (full || this.#unitsLeftOfOrder <= 0) this.#finishOrder(at);
  }

  #lack(at: number, ofInput: boolean): void {
    if (ofInput && this.#isInputDrained()) {
      this.#finishOrder(at);
      return;
    }
    this.#waitedMs += this.#stepMs;
    if (this.#waitedMs < WAIT_TOLERANCE_MS) return;
    const state = ofInput ? "starved" : "blocked";
    this.#stop(at, state, Infinity, this.#reasons.pick(state));
  }

  /** The machine before has gone on to the next order, and what it left is used up. */
  #isInputDrained(): boolean {
    return this.#before !== null && this.#before.orderIndex > this.orderIndex && this.#available() === 0;
  }

  #await(at: number): void {
    if (this.#beginPlannedStop(at)) return;
    if (this.#state === "blocked") {
      const calm = this.#output !== null && this.#output.level <= RESTART_HIGH * this.#output.capacity;
      if (calm && this.#space() > 0) this.#start(at);
      return;
    }
    if (this.#isInputDrained()) {
      this.#finishOrder(at);
      return;
    }
    const last = this.#before !== null && this.#before.orderIndex > this.orderIndex;
    const enough = this.#input !== null && this.#input.level >= RESTART_LOW * this.#input.capacity;
    if ((last || enough) && this.#available() > 0) this.#start(at);
  }

  #drawLife(at: number): number {
    const { failureLife } = this.#story.factorsAt(at);
    return this.#stops.weibull(this.#habits.failureShape, this.#habits.failureLifeMs) * failureLife;
  }
}
