/**
 * What a person enters about a span of a machine, and the corrections (TL-7) that say it. An entry keeps what the person saw
 * when it was made, so that nothing is overwritten that somebody else entered meanwhile. Pure; instants are epoch ms.
 */

/** The part of a stop that was on the screen when the entry was made. */
export interface Seen {
  readonly state: string;
  readonly reason: string | null;
  readonly correctedBy: string | null;
}

export interface Part {
  readonly from: number;
  /** `null`: as long as the stop lasts. */
  readonly to: number | null;
  readonly reason: string;
}

interface Entered {
  /** Of its corrections: `ID/0`, `ID/1` … One that is sent again changes nothing (CN-4). */
  readonly id: string;
  readonly machine: string;
  readonly stop: string;
  readonly from: number;
  /** `null`: the stop went on when the entry was made. */
  readonly to: number | null;
  /** What the span had before. */
  readonly seen: Seen;
  /** When it was made, by the server's clock. */
  readonly at: number;
  readonly by: string;
}

/** A reason, or, in several parts, a split. */
export interface ReasonEntry extends Entered {
  readonly kind: "reason";
  readonly parts: readonly Part[];
  readonly note: string | null;
}

/** Gives the span back what it had before another entry. */
export interface UndoEntry extends Entered {
  readonly kind: "undo";
  /** Id of the other entry; `null`: a correction that was not entered here. */
  readonly of: string | null;
  /** What it said, and who. */
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

/** `end`: where the stop ended, or, of one that goes on, up to when the correction reaches ahead of now. */
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

/** What brings back how a span was: nothing but the machine's own word, or an earlier correction said again. */
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

/** A segment as the API has it now. */
export interface Segment extends Seen {
  readonly stop: string;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
}

export type Standing =
  /** Nobody changed what the person saw. */
  | { readonly kind: "free" }
  /** It stands there already: an answer was lost on its way. */
  | { readonly kind: "said" }
  /** Somebody else entered something else. */
  | { readonly kind: "changed"; readonly now: Segment }
  /** There is no stop any more: late events tell of something else. */
  | { readonly kind: "gone" };

/** Compares what a person saw with the segments that the machine has now, by time. */
export function standingOf(entry: Entry, segments: readonly Segment[]): Standing {
  const reach = entry.to ?? Number.POSITIVE_INFINITY;
  // Of a span that goes on, only the stop it was entered for.
  const inside = segments.filter(
    ({ from, to, stop }) => from < reach && to > entry.from && (entry.to !== null || stop === entry.stop),
  );
  if (inside.length === 0) return { kind: "gone" };
  const changed = inside.find((segment) => !isSeen(entry, segment) && !isSaid(entry, segment));
  if (changed !== undefined) return { kind: "changed", now: changed };
  return inside.every((segment) => isSaid(entry, segment)) ? { kind: "said" } : { kind: "free" };
}

/** What the person had before their eyes: of an undo, what the entry that it takes back said. */
function isSeen(entry: Entry, segment: Segment): boolean {
  return entry.kind === "undo" ? isOneOf(entry, segment) : sameAs(entry.seen, segment);
}

function isSaid(entry: Entry, segment: Segment): boolean {
  return entry.kind === "undo" ? sameAs(entry.seen, segment) : isOneOf(entry, segment);
}

function sameAs(seen: Seen, { reason, correctedBy }: Segment): boolean {
  return seen.reason === reason && seen.correctedBy === correctedBy;
}

/** Whether a segment is what one of the parts says of its time. */
function isOneOf(entry: Entry, segment: Segment): boolean {
  const parts: readonly SaidPart[] = entry.parts;
  const by = entry.kind === "undo" ? entry.saidBy : entry.by;
  const within = (part: SaidPart): boolean => part.from <= segment.from && segment.to <= (part.to ?? Infinity);
  return segment.correctedBy === by && parts.some((part) => part.reason === segment.reason && within(part));
}
