/**
 * Makes records of the dead-letters topic: a letter above 1 MiB is cut into pieces, and a batch that cannot be read is put
 * in as it is stored, compressed or not.
 */
import type { AppendRecord, RecordBatch, UnreadableBatch } from "@oee/event-log";

const PIECE_BYTES = 1024 * 1024;
const KEY_BYTES_MAX = 32 * 1024;

/** The letter, or its pieces in order: each has the letter's headers, and `piece` such as `2/7`. A key above 32 KiB is cut. */
export function inPieces(letter: AppendRecord): AppendRecord[] {
  const { value } = letter;
  const key = letter.key === null ? null : Buffer.from(letter.key).subarray(0, KEY_BYTES_MAX);
  if (value === null || value.length <= PIECE_BYTES) return [{ ...letter, key }];
  const count = Math.ceil(value.length / PIECE_BYTES);
  return Array.from({ length: count }, (_, i) => ({
    key,
    value: value.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
    headers: { ...letter.headers, piece: `${i + 1}/${count}` },
  }));
}

/** The dead letter of a batch that cannot be read; its value is the stored bytes of the batch. */
export function letterOfUnreadable(
  { topic, partition, nextOffset }: RecordBatch,
  { reason, detail, offset, bytes }: UnreadableBatch,
): AppendRecord {
  return {
    key: null,
    value: bytes,
    headers: {
      error: "unreadable",
      detail: `${reason}: ${detail}; it covers offsets ${offset} to ${nextOffset - 1}`,
      topic,
      partition: String(partition),
      offset: String(offset),
    },
  };
}
