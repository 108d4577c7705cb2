/** Facts of machines that follow from their calendars alone, wherever rows and stops come from. */
import type { CalendarClock } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import type { Machine, Plant, StopSegment } from "@oee/model";
import type { Facts } from "./facts.ts";

/** A machine without scheduled time in the next 400 days counts as one without any. */
const LOOK_AHEAD_MS = 400 * 24 * 3_600_000;

export abstract class CalendarFacts
  implements Pick<Facts, "now" | "plant" | "lastScheduled" | "afterScheduled" | "shiftStart">
{
  readonly now: number;
  protected readonly model: PlantModel;

  constructor(model: PlantModel, now: number) {
    this.model = model;
    this.now = now;
  }

  get plant(): Plant {
    return this.model.plant;
  }

  lastScheduled(machine: Machine, { from, to }: StopSegment): ReturnType<Facts["lastScheduled"]> {
    const { clock } = this.model.machine(machine);
    const at = clock.lastScheduled(from, to);
    return at === null ? null : { at, shiftEnd: clock.spanAt(at).shift?.to ?? null };
  }

  afterScheduled(machine: Machine, from: number, scheduledMs: number): number {
    return afterScheduledTime(this.model.machine(machine).clock, from, scheduledMs);
  }

  shiftStart(machine: Machine, at: number): number | null {
    return this.model.machine(machine).clock.spanAt(at).shift?.from ?? null;
  }
}

/** The first instant by which `scheduledMs` of scheduled time have passed since `from`; Infinity if they never do. */
function afterScheduledTime(clock: CalendarClock, from: number, scheduledMs: number): number {
  let left = scheduledMs;
  let at = from;
  while (left > 0) {
    const next = clock.firstScheduled(at, at + LOOK_AHEAD_MS);
    if (next === null) return Infinity;
    const { to } = clock.spanAt(next);
    if (to - next >= left) return next + left;
    left -= to - next;
    at = to;
  }
  return at;
}
