/** The stop segments that the engine last returned of one machine, by time; those of a sweep are compared with them (ST-5). */
import { listSegment, listsSame, type MachineModel, type Stop, stopId } from "@oee/engine";
import type { JobEvent, StopSegment } from "@oee/model";

interface Listed {
  readonly segment: StopSegment;
  /** Where its stop starts; `NaN`: it was listed under what may be another plant. */
  readonly stopFrom: number;
}

export class ListedStops {
  #listed: Listed[] = [];

  get segments(): readonly StopSegment[] {
    return this.#listed.map(({ segment }) => segment);
  }

  get(from: number): StopSegment | undefined {
    return this.#listed.find(({ segment }) => segment.from === from)?.segment;
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
    const listed = this.#listed;
    let kept = listed.length;
    while (kept > 0 && (listed[kept - 1] as Listed).segment.from >= reach) kept--;
    if (stops.length === 0 && kept === listed.length) return;
    const before = listed.splice(kept);
    let b = 0;
    for (const stop of stops) {
      if (stop.lengthMs === 0) continue;
      let id: string | null = null;
      for (const segment of stop.segments) {
        for (; b < before.length && fromOf(before[b]) < segment.from; b++) gone.push(fromOf(before[b]));
        const was = b < before.length && fromOf(before[b]) === segment.from ? (before[b++] as Listed) : null;
        if (was !== null && was.stopFrom === stop.from && listsSame(model, stop, segment, jobs, was.segment)) {
          listed.push(was);
          continue;
        }
        id ??= stopId(model.machine.id, stop.from);
        const now = listSegment(model, stop, id, segment, jobs);
        listed.push({ segment: now, stopFrom: stop.from });
        if (was === null || !sameSegment(was.segment, now)) changed.push(now);
      }
    }
    for (; b < before.length; b++) gone.push(fromOf(before[b]));
  }

  /** Forgets segments that ended before an instant and began before another. */
  forgetBefore(ended: number, began: number): void {
    const listed = this.#listed;
    let kept = 0;
    for (const entry of listed) {
      const { from, to } = entry.segment;
      if (to >= ended || from >= began) listed[kept++] = entry;
    }
    listed.length = kept;
  }

  static restore(segments: readonly StopSegment[]): ListedStops {
    const stops = new ListedStops();
    stops.#listed = segments
      .map((segment) => ({ segment, stopFrom: Number.NaN }))
      .sort((a, b) => fromOf(a) - fromOf(b));
    return stops;
  }
}

function fromOf(listed: Listed | undefined): number {
  return (listed as Listed).segment.from;
}

function sameSegment(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
