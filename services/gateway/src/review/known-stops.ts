/**
 * Stored segments of stops as they are known at an instant: what goes on lasts until then, what came later is left out, and
 * each has the length of its whole stop, by which stops are minor or need a reason.
 */
import type { PlantModel } from "@oee/engine";
import { parseInstant, type StopSegment } from "@oee/model";
import type { ListedSegment } from "@oee/review";
import type { GiveWay } from "@oee/pacing";
import { goingOn, type RecordOf } from "../answers/open-stops.ts";

/** `segments`: by machine and time. */
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

/** Of a stop of which some segments are at hand: what lies before them belongs to its length. */
function lengthOf(model: PlantModel, segments: readonly StopSegment[]): number {
  const [first] = segments;
  if (first === undefined) return 0;
  const machine = model.plant.machineById.get(first.machine);
  const began = parseInstant(first.stop.slice(first.machine.length + 1)) ?? first.from;
  const before =
    machine !== undefined && began < first.from ? model.machine(machine).clock.scheduledMs(began, first.from) : 0;
  return segments.reduce((sum, { scheduledDuration }) => sum + scheduledDuration, before);
}
