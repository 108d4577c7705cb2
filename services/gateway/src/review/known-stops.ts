/**
 * Stored segments of stops as they are known at an instant: a segment that goes on ends there, one that began later is left
 * out, and each gets the scheduled time of its whole stop, which decides whether the stop is minor and needs a reason.
 */
import { type PlantModel, startOfStop } from "@oee/engine";
import type { StopSegment } from "@oee/model";
import type { ListedSegment } from "@oee/review";
import type { GiveWay } from "@oee/pacing";
import { goingOn, type RecordOf } from "../answers/open-stops.ts";

/** The segments as known at `now`; `segments` must be in order of machine and time. */
export async function knownAt(
  model: PlantModel,
  segments: readonly StopSegment[],
  now: number,
  recordOf: RecordOf,
  giveWay: GiveWay,
): Promise<readonly ListedSegment[]> {
  const known: StopSegment[] = [];
  for (const segment of segments) {
    if (giveWay.due) await giveWay.now();
    const machine = model.plant.machineById.get(segment.machine);
    if (machine === undefined || segment.from >= now) continue;
    if (segment.to <= now) {
      known.push(await goingOn(model, segment, now, recordOf, giveWay));
      continue;
    }
    const scheduledDuration = model.machine(machine).clock.scheduledMs(segment.from, now);
    known.push({ ...segment, to: now, duration: now - segment.from, scheduledDuration, open: true });
  }
  const byStop = new Map<string, StopSegment[]>();
  for (const segment of known) {
    const own = byStop.get(segment.stop);
    if (own === undefined) byStop.set(segment.stop, [segment]);
    else own.push(segment);
  }
  const lengths = new Map([...byStop].map(([stop, own]) => [stop, lengthOf(model, own)]));
  return known.map((segment): ListedSegment => {
    const stopMs = lengths.get(segment.stop) ?? segment.scheduledDuration;
    const threshold = model.plant.machineById.get(segment.machine)?.minorStopThresholdMs ?? 0;
    return { segment: stopMs < threshold && !segment.minor ? { ...segment, minor: true } : segment, stopMs };
  });
}

/** Scheduled time (ms) of the stop of some segments; where it began before the first of them, the time before is added from the calendar. */
function lengthOf(model: PlantModel, segments: readonly StopSegment[]): number {
  const [first] = segments;
  if (first === undefined) return 0;
  const machine = model.plant.machineById.get(first.machine);
  const began = startOfStop(first);
  const before =
    machine !== undefined && began < first.from ? model.machine(machine).clock.scheduledMs(began, first.from) : 0;
  return segments.reduce((sum, { scheduledDuration }) => sum + scheduledDuration, before);
}
