/**
 * Offsets of a topic that is deleted and made anew begin at 0 again. Here they are counted on: how often it was made anew times 10^13,
 * more records than a partition ever gets, and to the end still the broker's own number for people to read. So each offset lies
 * behind all of the topic before, in checkpoints, in stored events and in what was committed.
 */
const OFFSETS_OF_ONE = 1e13;

/** Where the offsets of a topic begin that was made anew so often. */
export function firstOffsetAfter(renewals: number): number {
  return renewals * OFFSETS_OF_ONE;
}

/** How often the topic was made anew before it had this offset. */
export function renewalsBefore(offset: number): number {
  return Math.floor(Math.max(0, offset) / OFFSETS_OF_ONE);
}
