/**
 * Reasons of stops that go on. A correction has a span with an end (TL-7), and a stop that goes on has no end yet: its
 * correction reaches half an hour ahead of now, is extended while the stop lasts, and is taken back from the stop's end on,
 * so that it does not apply to the next stop. Pure; instants are epoch ms.
 */
import { type Correction, isFrom, ofStop, type Said, type Segment } from "./entry.ts";

export const AHEAD_MS = 30 * 60_000;

export interface Hold {
  /** Id of the entry that gave the reason. */
  readonly id: string;
  readonly machine: string;
  readonly stop: string;
  readonly from: number;
  readonly reason: string;
  readonly by: string;
  /** As whom it was extended, where that was somebody else: who is signed in at the tablet by then. */
  readonly extendedBy?: readonly string[];
  /** End of the correction so far. */
  readonly until: number;
}

export interface NextStep {
  readonly corrections: readonly Correction[];
  /** The hold from now on; `null`: it is over. */
  readonly hold: Hold | null;
}

/**
 * Corrections to send for a hold. `segments`: the machine's, from the hold's start until now; `said`: its corrections from there on, in
 * the order of the log, which count where the stop has ended. `sender`: as whose the server takes what is sent.
 */
export function nextStep(
  hold: Hold,
  segments: readonly Segment[],
  said: readonly Said[],
  now: number,
  sender: string,
): NextStep {
  const own = ofStop(hold, segments);
  const last = own[own.length - 1];
  const reach = (from: number, to: number, index: number): Correction => ({
    id: `${hold.id}/${from}-${index}`,
    machine: hold.machine,
    from,
    to,
    at: now,
    by: hold.by,
  });
  if (last?.open === true) {
    // Somebody else gave the stop another reason since, and their page extends that one.
    if (!isOf(hold, last)) return { corrections: [], hold: null };
    if (hold.until - now > AHEAD_MS / 2) return { corrections: [], hold };
    const until = now + AHEAD_MS;
    const { by, extendedBy = [] } = hold;
    const isNew = sender !== by && !extendedBy.includes(sender);
    return {
      corrections: [{ ...reach(hold.until, until, 0), reason: hold.reason }],
      hold: { ...hold, until, ...(isNew && { extendedBy: [...extendedBy, sender] }) },
    };
  }
  const end = last?.to ?? hold.from;
  const foreign = said
    .slice(said.findIndex((each) => isFrom(hold.id, each)) + 1)
    .filter((each) => each.to > end && !isFrom(hold.id, each))
    .sort((a, b) => a.from - b.from);
  const corrections: Correction[] = [];
  let at = end;
  for (const { from, to } of [...foreign, { from: hold.until, to: hold.until }]) {
    if (from > at) corrections.push({ ...reach(at, Math.min(from, hold.until), corrections.length), clear: true });
    at = Math.max(at, to);
  }
  return { corrections, hold: null };
}

/** A part of the machine's timeline, which has what is no stop, too. */
export interface TimelinePart {
  readonly from: number;
  readonly to: number;
  readonly state: string;
  readonly category: string;
  readonly reason: string | null;
}

/**
 * The hold's time as a segment where its reason made it no stop (TL-6), such as setup, so that stops do not list it; none where the
 * timeline, in order of time, does not show the reason there. `null`: the timeline does not tell, as that of a server that has just started.
 */
export function heldAside(hold: Hold, timeline: readonly TimelinePart[]): readonly Segment[] | null {
  const parts = timeline.filter(({ to }) => to > hold.from);
  const [first] = parts;
  if (first === undefined) return null;
  const { stop, from, reason, by } = hold;
  // A reason makes time neither production nor unknown.
  const over = parts.find((part) => ["production", "unknown"].includes(part.category) || part.reason !== reason);
  const to = over?.from ?? (parts[parts.length - 1] ?? first).to;
  // Of what came before the timeline's start nothing else is known.
  if (to <= from) return [];
  return [{ stop, from, to, open: over === undefined, state: first.state, reason, correctedBy: by }];
}

function isOf(hold: Hold, { reason, correctedBy }: Segment): boolean {
  return (
    reason === hold.reason &&
    (correctedBy === hold.by || (correctedBy !== null && hold.extendedBy?.includes(correctedBy) === true))
  );
}
