/**
 * Stops and failures (ST-1 to ST-6). A stop is judged whole, from its start to where knowledge ends;
 * what it adds to the rows can be taken back exactly, so that a later judgement can replace an earlier one.
 */
import { formatInstant, type JobEvent, parseInstant, type StopSegment } from "@oee/model";
import type { MachineModel } from "./machine-model.ts";
import type { RowBuilder } from "./row-builder.ts";
import { append, type Segment } from "./segments.ts";

export interface Stop {
  readonly from: number;
  readonly to: number;
  /**
   * Its segments by time. Of a stop that began long ago the older ones may be missing,
   * those before `runFrom` if it is given.
   */
  readonly segments: readonly Segment[];
  /** Start of the failure that was in force where the missing segments end; `null`: none was, or none is missing. */
  readonly runFrom: number | null;
  /** Scheduled time (ST-1); 0: it is none at all. */
  readonly lengthMs: number;
  /** Not minor (ST-2). */
  readonly unplanned: boolean;
  /** Whether it still lasts at `now`. */
  readonly open: boolean;
}

const NO_STOPS: readonly Stop[] = [];

/**
 * The stops among segments that cover `[…, now)` without gaps. `earlier` is a stop that ends where the
 * segments begin; it goes on if they begin with a stop, and is then the first of the result, as it is otherwise too.
 */
export function stopsOf(
  model: MachineModel,
  segments: readonly Segment[],
  earlier: Stop | null,
  now: number,
): readonly Stop[] {
  if (earlier === null && !segments.some((segment) => isStop(model, segment))) return NO_STOPS;
  const stops: Stop[] = [];
  let current: Segment[] = earlier === null ? [] : [...earlier.segments];
  let from = earlier?.from ?? 0;
  let runFrom = earlier?.runFrom ?? null;
  const close = (): void => {
    const last = current[current.length - 1];
    if (last !== undefined) stops.push(judge(model, from, current, runFrom, now));
    current = [];
    runFrom = null;
  };
  for (const segment of segments) {
    if (!isStop(model, segment)) {
      close();
      continue;
    }
    if (current.length === 0) from = segment.from;
    append(current, segment.from, segment.to, segment.state, segment.reason, segment.correction);
  }
  close();
  return stops;
}

function isStop({ classifier }: MachineModel, { state, reason }: Segment): boolean {
  return classifier.classOf(state, reason).category === "unplannedStop";
}

function judge(
  model: MachineModel,
  from: number,
  segments: readonly Segment[],
  runFrom: number | null,
  now: number,
): Stop {
  const to = (segments[segments.length - 1] as Segment).to;
  const lengthMs = model.clock.scheduledMs(from, to);
  const unplanned = lengthMs >= model.machine.minorStopThresholdMs;
  return { from, to, segments, runFrom, lengthMs, unplanned, open: to === now };
}

/** The part of a stop before an instant inside it, or at its end: what is left of it if all from there on is undone. */
export function stopUntil(stop: Stop, instant: number): Stop {
  const segments: Segment[] = [];
  for (const segment of stop.segments) {
    if (segment.from < instant) segments.push(segment.to > instant ? { ...segment, to: instant } : segment);
  }
  return { ...stop, to: instant, segments };
}

/**
 * Adds (`sign` 1) or takes back (−1) what a stop gives to the rows of `[low, high)`; unscheduled time before
 * `settledBefore` is left as it is.
 */
export function applyStop(
  model: MachineModel,
  stop: Stop,
  rows: RowBuilder,
  sign: 1 | -1,
  low: number,
  high: number,
  settledBefore: number,
): void {
  const { clock, classifier } = model;
  for (const segment of stop.segments) {
    const { failure } = classifier.classOf(segment.state, segment.reason);
    rows.addStopTime(segment.from, segment.to, stop.unplanned, failure, sign, low, high, settledBefore);
  }
  if (stop.lengthMs === 0) return;
  const start = clock.firstScheduled(stop.from, stop.to);
  rows.addAt(start, stop.unplanned ? "stopCount" : "minorStopCount", sign, low, high);
  if (!stop.unplanned) return;
  for (const run of failuresOf(model, stop)) {
    const repairMs = clock.scheduledMs(run.from, run.to);
    if (repairMs === 0) continue;
    rows.addAt(clock.firstScheduled(run.from, run.to), "failureCount", sign, low, high);
    if (run.to === stop.to && stop.open) continue;
    const end = clock.lastScheduled(run.from, run.to);
    rows.addAt(end, "repairCount", sign, low, high);
    rows.addAt(end, "repairTime", sign * repairMs, low, high);
  }
}

/** ST-3: the maximal runs of failing segments. */
function failuresOf({ classifier }: MachineModel, stop: Stop): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  let runFrom = stop.runFrom;
  for (const segment of stop.segments) {
    const { failure } = classifier.classOf(segment.state, segment.reason);
    if (failure) runFrom ??= segment.from;
    else if (runFrom !== null) {
      runs.push({ from: runFrom, to: segment.from });
      runFrom = null;
    }
  }
  if (runFrom !== null) runs.push({ from: runFrom, to: stop.to });
  return runs;
}

/** ST-5: the rows that list a stop, one a segment; none of a stop without length. */
export function listStop(model: MachineModel, stop: Stop, jobs: readonly JobEvent[]): StopSegment[] {
  if (stop.lengthMs === 0) return [];
  const id = stopId(model.machine.id, stop.from);
  return stop.segments.map((segment) => listSegment(model, stop, id, segment, jobs));
}

/** The row that lists a segment of a stop. */
export function listSegment(
  model: MachineModel,
  stop: Stop,
  id: string,
  { from, to, state, reason, correction }: Segment,
  jobs: readonly JobEvent[],
): StopSegment {
  const { clock, classifier, machine } = model;
  const { category, failure } = classifier.classOf(state, reason);
  const scheduledAt = clock.firstScheduled(from, to);
  const shift = scheduledAt === null ? null : clock.spanAt(scheduledAt).shift;
  return {
    machine: machine.id,
    stop: id,
    from,
    to,
    state,
    reason,
    category,
    failure,
    minor: !stop.unplanned,
    duration: to - from,
    scheduledDuration: clock.scheduledMs(from, to),
    open: stop.open && to === stop.to,
    shift: shift?.name ?? null,
    shiftDate: shift?.date ?? null,
    crew: shift?.crew ?? null,
    product: productAt(jobs, scheduledAt ?? from),
    correctedBy: correction?.by ?? null,
  };
}

/** Whether a row that lists a segment of this stop would be made the same again, under the plant that it was made under. */
export function listsSame(
  model: MachineModel,
  stop: Stop,
  { from, to, state, reason, correction }: Segment,
  jobs: readonly JobEvent[],
  listed: StopSegment,
): boolean {
  return (
    listed.to === to &&
    listed.from === from &&
    listed.state === state &&
    listed.reason === reason &&
    listed.minor === !stop.unplanned &&
    listed.open === (stop.open && to === stop.to) &&
    listed.correctedBy === (correction?.by ?? null) &&
    listed.product === productAt(jobs, model.clock.firstScheduled(from, to) ?? from)
  );
}

/** Identifies a stop: stable over corrections that do not move its start. */
export function stopId(machine: string, from: number): string {
  return `${machine}@${formatInstant(from)}`;
}

/** When the stop of a segment began (epoch ms), as its id tells: segments before the period that was asked for are not at hand. */
export function startOfStop({ machine, stop, from }: Pick<StopSegment, "machine" | "stop" | "from">): number {
  return parseInstant(stop.slice(machine.length + 1)) ?? from;
}

/** The product (CN-3) of the job in force at an instant, or `null`. */
function productAt(jobs: readonly JobEvent[], instant: number): string | null {
  for (let i = jobs.length - 1; i >= 0; i--) {
    const job = jobs[i] as JobEvent;
    if (job.at <= instant) return job.product;
  }
  return null;
}
