/**
 * A person's entry about a span of a machine's time, and the corrections (TL-7) that it is sent as. An entry keeps what the person
 * saw when it was made, so that it does not overwrite what somebody else entered meanwhile. Pure; instants are epoch ms.
 */

/** The part of a stop that was on the screen when the entry was made. */
export interface Seen {
  readonly state: string;
  readonly reason: string | null;
  readonly correctedBy: string | null;
}

export interface Part {
  readonly from: number;
  /** End of the part; `null`: the end of the stop, which still goes on. */
  readonly to: number | null;
  readonly reason: string;
}

interface Entered {
  /** The corrections of the entry have the ids `ID/0`, `ID/1` …; one that is sent again changes nothing (CN-4). */
  readonly id: string;
  readonly machine: string;
  readonly stop: string;
  readonly from: number;
  /** End of the span; `null`: the stop still went on when the entry was made. */
  readonly to: number | null;
  /** State and reason of the span when the entry was made. */
  readonly seen: Seen;
  /** When the entry was made, by the server's clock. */
  readonly at: number;
  readonly by: string;
}

/** An entry that gives a stop a reason, or, split by time, each part its own. */
export interface ReasonEntry extends Entered {
  readonly kind: "reason";
  readonly parts: readonly Part[];
  readonly note: string | null;
}

/** An entry that takes another one back: the span gets the reason and state that it had before. */
export interface UndoEntry extends Entered {
  readonly kind: "undo";
  /** Id of the entry that is taken back; `null`: a correction that was not entered in this browser. */
  readonly of: string | null;
  /** The parts of what is taken back, as they were entered. */
  readonly parts: readonly SaidPart[];
  readonly saidBy: string;
}

interface SaidPart extends Omit<Part, "reason"> {
  readonly reason: string | null;
}

export type Entry = ReasonEntry | UndoEntry;

/** The body of `POST /corrections`. */
export interface Correction {
  readonly id: string;
  readonly machine: string;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly by: string;
  readonly reason?: string;
  readonly state?: string;
  readonly clear?: true;
  readonly note?: string;
}

/** The corrections of an entry. `end`: the end of the stop; of one that goes on, the end of the correction, which lies ahead of now. */
export function correctionsOf(entry: Entry, end: number): readonly Correction[] {
  const { id, machine, at, by } = entry;
  const head = (index: number, from: number, to: number): Correction => ({
    id: `${id}/${index}`,
    machine,
    from,
    to,
    at,
    by,
  });
  if (entry.kind === "undo") return [{ ...head(0, entry.from, entry.to ?? end), ...restoring(entry.seen) }];
  return entry.parts.map((part, index) => ({
    ...head(index, part.from, part.to ?? end),
    reason: part.reason,
    ...(entry.note === null ? {} : { note: entry.note }),
  }));
}

/** The part of a correction that gives a span its earlier state: the machine's own by `clear`, or an earlier correction repeated. */
function restoring(before: Seen): Pick<Correction, "clear" | "reason" | "state"> {
  if (before.correctedBy === null) return { clear: true };
  return before.reason === null ? { state: before.state } : { reason: before.reason };
}

export function undoOf(entry: ReasonEntry, at: number): UndoEntry {
  const { machine, stop, from, to, seen, by, parts } = entry;
  return {
    kind: "undo",
    id: `${entry.id}-undo`,
    of: entry.id,
    machine,
    stop,
    from,
    to,
    seen,
    parts,
    saidBy: by,
    at,
    by,
  };
}

/** A segment of a stop, as the API answers it now. */
export interface Segment extends Seen {
  readonly stop: string;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
}

/** What an entry's span is now, compared with what the person saw. */
export type SpanNow =
  /** As the person saw it. */
  | { readonly kind: "unchanged" }
  /** Already as the entry makes it: it was sent before, and the answer was lost. */
  | { readonly kind: "in effect" }
  /** Somebody else changed the span; `now` is the changed segment. */
  | { readonly kind: "changed"; readonly now: Segment }
  /** There is no stop in the span any more, because of late events. */
  | { readonly kind: "gone" };

/** Compares what a person saw with the machine's segments of now, given in order of time. */
export function spanNow(entry: Entry, segments: readonly Segment[]): SpanNow {
  const reach = entry.to ?? Number.POSITIVE_INFINITY;
  // Where the stop went on, only segments of that stop count.
  const inside = segments.filter(
    ({ from, to, stop }) => from < reach && to > entry.from && (entry.to !== null || stop === entry.stop),
  );
  if (inside.length === 0) return { kind: "gone" };
  const changed = inside.find((segment) => !isSeen(entry, segment) && !isSaid(entry, segment));
  if (changed !== undefined) return { kind: "changed", now: changed };
  return inside.every((segment) => isSaid(entry, segment)) ? { kind: "in effect" } : { kind: "unchanged" };
}

/** Whether a segment is as the person saw it; of an undo, as the entry that it takes back made it. */
function isSeen(entry: Entry, segment: Segment): boolean {
  return entry.kind === "undo" ? isOneOf(entry, segment) : sameAs(entry.seen, segment);
}

function isSaid(entry: Entry, segment: Segment): boolean {
  return entry.kind === "undo" ? sameAs(entry.seen, segment) : isOneOf(entry, segment);
}

function sameAs(seen: Seen, { reason, correctedBy }: Segment): boolean {
  return seen.reason === reason && seen.correctedBy === correctedBy;
}

/** Whether a segment lies within one of the entry's parts, with the reason of the part and the same `by`. */
function isOneOf(entry: Entry, segment: Segment): boolean {
  const parts: readonly SaidPart[] = entry.parts;
  const by = entry.kind === "undo" ? entry.saidBy : entry.by;
  const within = (part: SaidPart): boolean => part.from <= segment.from && segment.to <= (part.to ?? Infinity);
  return segment.correctedBy === by && parts.some((part) => part.reason === segment.reason && within(part));
}
