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

  /** The stops take the place of all that is listed from `reach` on; says which segments changed and which are gone. */
  replace(
    model: MachineModel,
    stops: readonly Stop[],
    jobs: readonly JobEvent[],
    reach: number,
    changed: StopSegment[],
    gone: number[],
  ): void {
    const segments = this.#segments;
    const stopFroms = this.#stopFroms;
    let kept = segments.length;
    while (kept > 0 && (segments[kept - 1] as StopSegment).from >= reach) kept--;
    if (stops.length === 0 && kept === segments.length) return;
    const before = segments.splice(kept);
    const stopFromsBefore = stopFroms.splice(kept);
    let b = 0;
    for (const stop of stops) {
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

function sameSegment(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
