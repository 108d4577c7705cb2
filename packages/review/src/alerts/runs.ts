/**
 * A condition that is looked at again and again (AL-1). It opens when every look for `forMs` found it met, and resolves when
 * every look for `forMs` found it over. Looks without a value (`null`) are passed over.
 */

/** What one look found: the condition met, over, or neither (between limit and `clear`). */
export type Found = "met" | "over" | "neither";

export interface Look {
  /** Epoch ms. */
  readonly at: number;
  /** `null`: the look has no value, as where nothing was planned. */
  readonly found: Found | null;
}

export interface Run {
  readonly opens: number;
  readonly resolves: number | null;
}

/**
 * The runs that open at `from` or later, and the one that was open at `from`, which opened at `openSince`. Looks must be in
 * order of time and begin `forMs` before `from` or earlier.
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
      // A run that opened before `from` is either the one of `openSince` or resolved before `from`.
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
