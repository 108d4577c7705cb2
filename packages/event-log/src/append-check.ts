/** What an append must be before any of it is written: the same rules for every adapter. */
import { LogError } from "./error.ts";
import type { AppendRecord, TopicSpec } from "./port.ts";
import { recordBytes } from "./record-encoding.ts";

/** The longest key of a compacted topic; other keys are bounded by the record's size alone. */
export const KEYED_KEY_BYTES_MAX = 1024;

export type AppendRules = Pick<TopicSpec, "name" | "cleanup" | "partitions" | "recordBytesMax">;

/** Throws the first thing wrong with the records; `partitions` is how many the topic has. */
export function checkAppend(records: readonly AppendRecord[], rules: AppendRules): void {
  for (const [index, record] of records.entries()) checkRecord(record, index, rules);
}

function checkRecord(record: AppendRecord, index: number, rules: AppendRules): void {
  const where = `record ${index} of an append to ${rules.name}`;
  const { partition } = record;
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0 && partition < rules.partitions)) {
    throw new LogError(
      "OEE_LOG_UNKNOWN_PARTITION",
      `${where} names partition ${partition}, expected 0 to ${rules.partitions - 1}`,
    );
  }
  const bytes = recordBytes(record);
  if (bytes > rules.recordBytesMax) {
    throw new LogError(
      "OEE_LOG_RECORD_TOO_LARGE",
      `${where} has ${bytes} bytes, expected at most ${rules.recordBytesMax}`,
    );
  }
  if (rules.cleanup !== "compact") return;
  if (record.key === null) {
    throw new LogError("OEE_LOG_KEY_MISSING", `${where} has no key, but the topic keeps the newest record of each key`);
  }
  const keyBytes = Buffer.byteLength(record.key);
  if (keyBytes > KEYED_KEY_BYTES_MAX) {
    throw new LogError(
      "OEE_LOG_RECORD_TOO_LARGE",
      `${where} has a key of ${keyBytes} bytes, expected at most ${KEYED_KEY_BYTES_MAX}`,
    );
  }
}
