/**
 * Assigns partitions to the members of a group: as evenly as possible, and as far as that allows each member keeps its
 * partitions, which then need no restore. A pure function of its arguments, so that any leader decides alike.
 */

export interface Claim {
  readonly memberId: string;
  /** What the member had until now. */
  readonly owned: readonly string[];
}

/** The partitions of each member. Numbers differ by one at most. */
export function assignSticky(partitions: readonly string[], claims: readonly Claim[]): Map<string, string[]> {
  const assigned = new Map<string, string[]>(byId(claims).map((claim) => [claim.memberId, []]));
  if (claims.length === 0) return assigned;
  const least = Math.floor(partitions.length / claims.length);
  let extras = partitions.length % claims.length;
  const free = new Set(partitions);

  const mostFirst = byId(claims).toSorted((a, b) => b.owned.length - a.owned.length);
  for (const { memberId, owned } of mostFirst) {
    const kept = assigned.get(memberId) ?? [];
    for (const partition of owned) {
      const room = kept.length < least || (kept.length === least && extras > 0);
      if (!room || !free.has(partition)) continue;
      if (kept.length === least) extras -= 1;
      free.delete(partition);
      kept.push(partition);
    }
  }
  const rest = [...free];
  for (const kept of assigned.values()) {
    while (kept.length < least) kept.push(rest.shift() as string);
  }
  for (const kept of assigned.values()) {
    if (kept.length === least && extras > 0) {
      extras -= 1;
      kept.push(rest.shift() as string);
    }
  }
  return assigned;
}

function byId(claims: readonly Claim[]): Claim[] {
  return claims.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
}
