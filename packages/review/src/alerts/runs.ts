/**
 * A condition that is looked at again and again (AL-1): it opens when it has been met at every look for `forMs`, and
 * resolves when it has been over at every look for `forMs`. Looks that say nothing change nothing.
 */

/** What one look found: the condition met, over, or neither (between limit and `clear`). */
export type Found = "met" | "over" | "neither";

export interface Look {
  /** Epoch ms. */
  readonly at: number;
  /** `null`: it says nothing. */
  readonly found: Found | null;
}

export interface Run {
  readonly opens: number;
  readonly resolves: number | null;
}

/**
 * The runs that open at or after `from`, of looks in order of time that begin `forMs` before it or earlier; and the one
 * that was open then, which `openSince` names.
 */
export function runsOf(looks: Iterable<Look>, forMs: number, from: number, openSince: number | null): readonly Run[] {
  const runs: Run[] = [];
  let open = openSince;
  let since: number | null = null;
  for (const { at, found } of looks) {
    if (found === null || (open !== null && at <= open)) continue;
    const wanted: Found = open === null ? "met" : "over";
    since = found === wanted ? (since ?? at) : null;
    if (since === null || at - since < forMs) continue;
    if (open === null) {
      // What opened before `from` was open then, and is named by `openSince`, or is over.
      if (at < from) continue;
      open = at;
    } else {
      if (at < from) continue;
      runs.push({ opens: open, resolves: at });
      open = null;
    }
    since = null;
  }
  if (open !== null) runs.push({ opens: open, resolves: null });
  return runs;
}
