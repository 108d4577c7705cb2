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
  const { parts, by: saidBy } = entry;
  return { ...enteredAgain(entry, at), kind: "undo", of: entry.id, seen: entry.seen, parts, saidBy };
}

/** The entry that gives back the reason which an undo took the place of. */
export function givingBack(undo: UndoEntry, reason: string, at: number): ReasonEntry {
  const { from, to, seen, by } = undo;
  const stands = { ...seen, correctedBy: seen.correctedBy === null ? null : by };
  return { ...enteredAgain(undo, at), kind: "reason", seen: stands, parts: [{ from, to, reason }], note: null };
}

function enteredAgain({ id, machine, stop, from, to, by }: Entry, at: number): Omit<Entered, "seen"> {
  return { id: `${id}${UNDO}`, machine, stop, from, to, at, by };
}

/** Ends the id of an entry that takes another one back. */
const UNDO = "-undo";

/** Whether an entry takes back another one of this browser. */
export function takesBack({ id }: Entry, other: Entry): boolean {
  return id === `${other.id}${UNDO}`;
}

/** The entry once more, made now by a person who has seen what stands: with an id of its own, since one that was sent stays a repeat (CN-4). */
export function againOf(entry: Entry, id: string, at: number, standing: Standing): Entry {
  return { ...overwriting(entry, standing), id, at };
}

/** The entry of a person who has seen what somebody else entered, which an undo then gives back. */
export function overwriting(entry: Entry, { state, reason, correctedBy }: Standing): Entry {
  return entry.kind === "undo" ? entry : { ...entry, seen: { state, reason, correctedBy } };
}

/** A segment of a stop, as the API answers it now. */
export interface Segment extends Seen {
  readonly stop: string;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
}

/** A correction in the log. */
export interface Said {
  readonly id: string | null;
  readonly by: string | null;
  /** When it was made. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string | null;
  readonly state: string | null;
  readonly clear: boolean;
}

/** What stands in an entry's span in place of the entry, and who made it so. */
export interface Standing extends Seen {
  /** Of a correction that was taken back, who did that; `null`: it is not known. */
  readonly by: string | null;
  /** When that was made; `null`: it is not known. */
  readonly at: number | null;
}

export function standingOf(said: Said, { state }: Seen): Standing {
  const { by, at, reason } = said;
  const known = { state: said.state ?? state, by, at };
  return said.clear ? { ...known, reason: null, correctedBy: null } : { ...known, reason, correctedBy: by };
}

/** What an entry's span is now, compared with what the person saw. */
export type SpanNow =
  /** As the person saw it. */
  | { readonly kind: "unchanged" }
  /** Already as the entry makes it: it was sent before, and the answer was lost. */
  | { readonly kind: "in effect" }
  /** Somebody else changed the span. */
  | { readonly kind: "changed"; readonly now: Standing }
  /** There is no stop in the span any more, because of late events. */
  | { readonly kind: "gone" };

/** Compares what a person saw with the machine's segments of now, given in order of time, and its corrections, in that of the log. */
export function spanNow(entry: Entry, segments: readonly Segment[], said: readonly Said[]): SpanNow {
  // Where the stop went on, only segments of that stop count.
  const inside =
    entry.to === null
      ? ofStop(entry, segments)
      : segments.filter(({ from, to }) => from < (entry.to ?? Infinity) && to > entry.from);
  if (inside.length === 0) return noStopNow(entry, said);
  const changed = inside.find((segment) => !isSeen(entry, segment) && !isSaid(entry, segment));
  if (changed !== undefined) {
    const { state, reason, correctedBy } = changed;
    const word = lastIn(said, Math.max(changed.from, entry.from), Math.min(changed.to, entry.to ?? Infinity));
    const who = word === undefined ? { by: correctedBy, at: null } : { by: word.by, at: word.at };
    return { kind: "changed", now: { state, reason, correctedBy, ...who } };
  }
  return inside.every((segment) => isSaid(entry, segment)) ? { kind: "in effect" } : { kind: "unchanged" };
}

/** Segments from an instant on of the stop that is known by its id, or that the instant lies in: a reason may part the stop's beginning from it. */
export function ofStop(
  { stop, from }: { readonly stop: string; readonly from: number },
  segments: readonly Segment[],
): readonly Segment[] {
  const there = segments.find((segment) => segment.from <= from && from < segment.to)?.stop;
  return segments.filter((segment) => segment.to > from && (segment.stop === stop || segment.stop === there));
}

/** What a span is now in which no stop is listed: a reason may have made it something else, such as setup (TL-6). */
function noStopNow(entry: Entry, said: readonly Said[]): SpanNow {
  const word = lastIn(said, entry.from, entry.to ?? entry.from + 1);
  if (word === undefined || word.clear) return { kind: "gone" };
  if (isFrom(entry.id, word)) return { kind: "in effect" };
  if (entry.kind === "undo" ? entry.of !== null && isFrom(entry.of, word) : isAsSeen(entry.seen, word))
    return { kind: entry.kind === "undo" ? "unchanged" : "gone" };
  return { kind: "changed", now: standingOf(word, entry.seen) };
}

/** The correction that stands in a span, or in the latest part of it that somebody spoke of. */
function lastIn(said: readonly Said[], from: number, to: number): Said | undefined {
  return last(said, (each) => each.from < to && each.to > from);
}

function last<T>(list: readonly T[], which: (each: T) => boolean): T | undefined {
  return list.filter(which).pop();
}

/** Whether a correction is of an entry, or of its hold. */
export function isFrom(entryId: string, { id }: Said): boolean {
  return id?.startsWith(`${entryId}/`) === true;
}

function isAsSeen(seen: Seen, { clear, reason, by }: Said): boolean {
  return clear ? seen.correctedBy === null : seen.correctedBy === by && seen.reason === reason;
}

/** Whether a correction is one of those that an undo takes back. */
function isTakenBack({ of, saidBy, parts }: UndoEntry, said: Said): boolean {
  return of === null ? said.by === saidBy && parts.some(({ reason }) => reason === said.reason) : isFrom(of, said);
}

/** What became of an entry that was sent. In the log one of two people who enter something at once comes first, and the later one counts (TL-7). */
export type Fate =
  /** The log is not known to have it yet. */
  | { readonly kind: "unknown" }
  /** `over`: what another person had entered before it, which nobody saw who made the entry; `null`: nothing. */
  | { readonly kind: "stands"; readonly over: Standing | null }
  /** Another person's came after it. */
  | { readonly kind: "replaced"; readonly now: Standing };

/** `said`: the machine's corrections in the order of the log. `own`: ids of this browser's entries, which replace one another knowingly. */
export function fateOf(entry: Entry, said: readonly Said[], own: readonly string[]): Fate {
  const ids = correctionsOf(entry, entry.from + 1).map(({ id }) => id);
  const isBase = ({ id }: Said): boolean => id !== null && ids.includes(id);
  const first = said.findIndex(isBase);
  if (first === -1) return { kind: "unknown" };
  const end = entry.to ?? reachOf(entry, said);
  const inSpan = ({ from, to }: Said): boolean => from < end && to > entry.from;
  const after = said.slice(said.lastIndexOf(last(said, isBase) as Said) + 1);
  const later = last(after, (each) => inSpan(each) && !isFrom(entry.id, each));
  if (later !== undefined && !own.some((id) => isFrom(id, later)) && !saysSame(entry, later)) {
    return { kind: "replaced", now: standingOf(later, entry.seen) };
  }
  const before = last(said.slice(0, first), inSpan);
  const isKnown =
    before === undefined ||
    before.clear ||
    own.some((id) => isFrom(id, before)) ||
    saysSame(entry, before) ||
    (entry.kind === "undo" ? isTakenBack(entry, before) : isAsSeen(entry.seen, before));
  return { kind: "stands", over: isKnown ? null : standingOf(before, entry.seen) };
}

/** How far the corrections of an entry about a stop that went on reach: to the stop's end, or ahead of now. */
export function reachOf({ id, from }: Pick<Entry, "id" | "from">, said: readonly Said[]): number {
  let reach = from;
  for (const each of said) {
    if (!isFrom(id, each) || each.from > reach || each.to <= from) continue;
    reach = each.clear ? Math.min(reach, each.from) : Math.max(reach, each.to);
  }
  return Math.max(reach, from + 1);
}

/** Whether a correction says of a span what an entry says. */
function saysSame(entry: Entry, { from, to, reason, clear }: Said): boolean {
  if (entry.kind === "undo") return entry.seen.correctedBy === null ? clear : !clear && entry.seen.reason === reason;
  const parts = entry.parts.filter((part) => part.from < to && (part.to ?? Infinity) > from);
  return !clear && parts.every((part) => part.reason === reason);
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
