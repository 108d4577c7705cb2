/**
 * A record batch that cannot be read. It is delivered as it is stored, in its place among the others, so that the consumer
 * decides what becomes of it, and nothing is skipped silently.
 */
export const UNREADABLE_REASONS = ["checksum", "format", "compression", "records"] as const;

/**
 * `checksum`: the bytes are not those that were written. `format`: not message format 2, or a header that cannot be true.
 * `compression`: a codec that is not known, or data that its codec cannot unpack. `records`: they do not fit the batch.
 */
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

export interface UnreadableBatch {
  readonly reason: UnreadableReason;
  /** What was found and what was expected. */
  readonly detail: string;
  /** Its first offset. */
  readonly offset: number;
  /** One past its last offset, as far as that can be believed. */
  readonly nextOffset: number;
  /** The batch as it is stored, header and all. */
  readonly bytes: Buffer;
}
