/** The newest segments of one machine for displays: what each sweep of the engine says replaces what was known. */
import type { MachineModel, Segment, Stop } from "@oee/engine";
import type { TimelineSegment } from "@oee/protocol";

const SPAN_MS = 12 * 3_600_000;

export class Timeline {
  readonly #model: MachineModel;
  readonly #segmentsMax: number;
  #segments: TimelineSegment[] = [];
  #changed = false;

  constructor(model: MachineModel, segmentsMax: number) {
    this.#model = model;
    this.#segmentsMax = segmentsMax;
  }

  /** At most so many, of the last 12 hours, by time; the last one goes on. */
  get segments(): readonly TimelineSegment[] {
    return this.#segments;
  }

  /** Whether a segment began, ended or was rejudged since the last call. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  restore(segments: readonly TimelineSegment[]): void {
    this.#segments = [...segments];
    this.#changed = true;
  }

  take(swept: readonly Segment[], stops: readonly Stop[], now: number): void {
    const first = swept[0];
    if (first === undefined) return;
    const kept = this.#segments;
    let end = kept.length;
    while (end > 0 && (kept[end - 1] as TimelineSegment).from >= first.from) end--;
    const before = kept.slice(end);
    kept.length = end;
    for (const { from, to, state, reason } of swept) {
      const { category } = this.#model.classifier.classOf(state, reason);
      const stop = category === "unplannedStop" ? stops.find((s) => s.from <= from && from < s.to) : undefined;
      const minor = stop !== undefined && !stop.unplanned;
      const last = kept[kept.length - 1];
      if (last !== undefined && last.to >= from && last.state === state && last.reason === reason) {
        kept[kept.length - 1] = { ...last, to, category, minor };
      } else {
        if (last !== undefined && last.to > from) kept[kept.length - 1] = { ...last, to: from };
        kept.push({ from, to, state, category, minor, reason });
      }
    }
    // A stop that began before the sweep may have been judged anew.
    const judged = stops[0];
    for (let i = end - 1; i >= 0 && judged !== undefined; i--) {
      const segment = kept[i] as TimelineSegment;
      if (segment.to <= judged.from) break;
      if (segment.from >= judged.from && segment.minor === judged.unplanned && segment.category === "unplannedStop") {
        kept[i] = { ...segment, minor: !judged.unplanned };
        this.#changed = true;
      }
    }
    let drop = Math.max(0, kept.length - this.#segmentsMax);
    while (drop < kept.length && (kept[drop] as TimelineSegment).to < now - SPAN_MS) drop++;
    if (drop > 0) kept.splice(0, drop);
    const made = kept.slice(-Math.max(1, kept.length - end));
    this.#changed ||= before.length !== made.length || made.some((segment, i) => !alike(segment, before[i]));
  }
}

/** But for the end, which moves with time. */
function alike(a: TimelineSegment, b: TimelineSegment | undefined): boolean {
  return b !== undefined && a.from === b.from && a.state === b.state && a.reason === b.reason && a.minor === b.minor;
}
