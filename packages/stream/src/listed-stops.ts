/** The stop segments that the engine last returned of one machine, by time; those of a sweep are compared with them (ST-5). */
import { listSegment, listsSame, type MachineModel, type Stop, stopId } from "@oee/engine";
import type { JobEvent, StopSegment } from "@oee/model";

export class ListedStops {
  #segments: StopSegment[] = [];
  /** Of each segment: where its stop starts; `NaN`: it was listed under what may be another plant. Beside them, so that none needs an object more. */
  #stopFroms: number[] = [];

  get segments(): readonly StopSegment[] {
    return this.#segments.slice();
  }

  get(from: number): StopSegment | undefined {
    return this.#segments.find((segment) => segment.from === from);
  }

  /**
   * The stops take the place of all that is listed from `sweptFrom` (epoch ms) on; says which segments changed and which are gone.
   * Those of stops that ended before `plantFrom` are another plant file's and stay (DI-3).
   */
  replace(
    model: MachineModel,
    stops: readonly Stop[],
    jobs: readonly JobEvent[],
    sweptFrom: number,
    plantFrom: number,
    changed: StopSegment[],
    gone: number[],
  ): void {
    const segments = this.#segments;
    const stopFroms = this.#stopFroms;
    let first = 0;
    while (first < stops.length && (stops[first] as Stop).to <= plantFrom) first++;
    const reach = Math.max(sweptFrom, Math.min(plantFrom, stops[first]?.segments[0]?.from ?? plantFrom));
    let kept = segments.length;
    while (kept > 0 && (segments[kept - 1] as StopSegment).from >= reach) kept--;
    const older = segments[kept - 1];
    if (older !== undefined && older.from >= sweptFrom && (older.open || older.to > reach)) {
      // It lasted at the change of the plant file, by which it is none.
      const ended = endedAt(model, older, reach);
      segments[kept - 1] = ended;
      changed.push(ended);
    }
    if (stops.length === first && kept === segments.length) return;
    const before = segments.splice(kept);
    const stopFromsBefore = stopFroms.splice(kept);
    let b = 0;
    for (let i = first; i < stops.length; i++) {
      const stop = stops[i] as Stop;
      if (stop.lengthMs === 0) continue;
      let id: string | null = null;
      for (const segment of stop.segments) {
        for (; b < before.length && fromOf(before[b]) < segment.from; b++) gone.push(fromOf(before[b]));
        const isListed = b < before.length && fromOf(before[b]) === segment.from;
        const was = isListed ? (before[b] as StopSegment) : null;
        const wasOf = isListed ? (stopFromsBefore[b++] as number) : Number.NaN;
        stopFroms.push(stop.from);
        if (was !== null && wasOf === stop.from && listsSame(model, stop, segment, jobs, was)) {
          segments.push(was);
          continue;
        }
        id ??= stopId(model.machine.id, stop.from);
        const now = listSegment(model, stop, id, segment, jobs);
        segments.push(now);
        if (was === null || !sameSegment(was, now)) changed.push(now);
      }
    }
    for (; b < before.length; b++) gone.push(fromOf(before[b]));
  }

  /** Forgets segments that ended before an instant and began before another. */
  forgetBefore(ended: number, began: number): void {
    const segments = this.#segments;
    const stopFroms = this.#stopFroms;
    let kept = 0;
    for (let i = 0; i < segments.length; i++) {
      const segment = segments[i] as StopSegment;
      if (segment.to < ended && segment.from < began) continue;
      segments[kept] = segment;
      stopFroms[kept++] = stopFroms[i] as number;
    }
    if (kept === segments.length) return;
    segments.length = kept;
    stopFroms.length = kept;
  }

  static restore(segments: readonly StopSegment[]): ListedStops {
    const stops = new ListedStops();
    stops.#segments = segments.toSorted((a, b) => a.from - b.from);
    stops.#stopFroms = segments.map(() => Number.NaN);
    return stops;
  }
}

function fromOf(segment: StopSegment | undefined): number {
  return (segment as StopSegment).from;
}

/** A listed segment that ends at an instant (epoch ms) and does not go on. */
function endedAt({ clock }: MachineModel, segment: StopSegment, to: number): StopSegment {
  const { from } = segment;
  return { ...segment, to, open: false, duration: to - from, scheduledDuration: clock.scheduledMs(from, to) };
}

function sameSegment(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
