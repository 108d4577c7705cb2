/**
 * The timeline of one machine for displays: its segments of the last 12 hours, at most `segmentsMax`. The segments of each
 * sweep of the engine replace those of the same time.
 */
import type { MachineModel, Segment, Stop } from "@oee/engine";
import type { TimelineSegment } from "@oee/protocol";

const SPAN_MS = 12 * 3_600_000;

type Kept = { -readonly [K in keyof TimelineSegment]: TimelineSegment[K] };

export class ShownTimeline {
  readonly #model: MachineModel;
  readonly #segmentsMax: number;
  #segments: Kept[] = [];
  #changed = false;

  constructor(model: MachineModel, segmentsMax: number) {
    this.#model = model;
    this.#segmentsMax = segmentsMax;
  }

  /** By time; the last one goes on, and its end is moved in place. */
  get segments(): readonly TimelineSegment[] {
    return this.#segments;
  }

  /** Whether a segment began, ended or was judged anew since the last call; resets that. */
  drainChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  restore(segments: readonly TimelineSegment[]): void {
    this.#segments = [...segments];
    this.#changed = true;
  }

  /** Replaces the segments from the first swept one on; `stops` are those among them. `now` in epoch ms. */
  take(swept: readonly Segment[], stops: readonly Stop[], now: number): void {
    const first = swept[0];
    if (first === undefined) return;
    const kept = this.#segments;
    let end = kept.length;
    while (end > 0 && (kept[end - 1] as Kept).from >= first.from) end--;
    if (!this.#goesOn(swept, end, stops)) this.#replace(swept, end, stops);
    this.#rejudge(end, stops[0]);
    let drop = Math.max(0, kept.length - this.#segmentsMax);
    while (drop < kept.length && (kept[drop] as Kept).to < now - SPAN_MS) drop++;
    if (drop > 0) kept.splice(0, drop);
  }

  /** Nearly always all that happened: the last segment lasts longer. The first may have begun before the sweep. */
  #goesOn(swept: readonly Segment[], end: number, stops: readonly Stop[]): boolean {
    const kept = this.#segments;
    const base = kept.length - swept.length;
    if (base < 0 || base < end - 1 || base > end) return false;
    for (let i = 0; i < swept.length; i++) {
      const segment = swept[i] as Segment;
      const was = kept[base + i] as Kept;
      if (was.state !== segment.state || was.reason !== segment.reason) return false;
      if (base + i < end ? was.to < segment.from : was.from !== segment.from) return false;
      if (i < swept.length - 1 && was.to !== segment.to) return false;
      if (was.minor !== this.#isMinor(segment, stops)) return false;
    }
    (kept[kept.length - 1] as Kept).to = (swept[swept.length - 1] as Segment).to;
    return true;
  }

  #replace(swept: readonly Segment[], end: number, stops: readonly Stop[]): void {
    const kept = this.#segments;
    const joined = kept[end - 1];
    const before = kept.splice(end);
    for (const segment of swept) {
      const { from, to, state, reason } = segment;
      const { category } = this.#model.classifier.classOf(state, reason);
      const minor = this.#isMinor(segment, stops);
      const last = kept[kept.length - 1];
      if (last !== undefined && last.to >= from && last.state === state && last.reason === reason) {
        kept[kept.length - 1] = { ...last, to, category, minor };
      } else {
        if (last !== undefined && last.to > from) kept[kept.length - 1] = { ...last, to: from };
        kept.push({ from, to, state, category, minor, reason });
      }
    }
    this.#changed ||=
      before.length !== kept.length - end ||
      !alike(joined, kept[end - 1]) ||
      before.some((segment, i) => !alike(segment, kept[end + i]));
  }

  /** A stop that began before the sweep may have been judged anew. */
  #rejudge(end: number, judged: Stop | undefined): void {
    if (judged === undefined) return;
    const kept = this.#segments;
    for (let i = end - 1; i >= 0; i--) {
      const segment = kept[i] as Kept;
      if (segment.to <= judged.from) break;
      if (segment.from >= judged.from && segment.minor === judged.unplanned && segment.category === "unplannedStop") {
        kept[i] = { ...segment, minor: !judged.unplanned };
        this.#changed = true;
      }
    }
  }

  #isMinor({ from, state, reason }: Segment, stops: readonly Stop[]): boolean {
    if (stops.length === 0) return false;
    if (this.#model.classifier.classOf(state, reason).category !== "unplannedStop") return false;
    const stop = stops.find((of) => of.from <= from && from < of.to);
    return stop !== undefined && !stop.unplanned;
  }
}

/** Whether two segments are the same but for the end, which moves with time. */
function alike(a: TimelineSegment | undefined, b: TimelineSegment | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.from === b.from && a.state === b.state && a.reason === b.reason && a.minor === b.minor;
}
