/** Checks the records of an append before any is written, by the same rules for every adapter: sizes, keys, partitions. */
import { LogError, type LogErrorCode } from "./error.ts";
import type { AppendRecord, TopicSpec } from "./port.ts";
import { recordBytes } from "./record-encoding.ts";

/** The longest key of a compacted topic; other keys are bounded by the record's size alone. */
export const KEYED_KEY_BYTES_MAX = 1024;

export type AppendRules = Pick<TopicSpec, "name" | "cleanup" | "partitions" | "recordBytesMax">;

/** Throws for the first record that breaks a rule. */
export function checkAppend(records: readonly AppendRecord[], rules: AppendRules): void {
  records.forEach((record, index) => {
    const wrong = wrongWith(record, rules);
    if (wrong === null) return;
    throw new LogError(wrong.code, `record ${index} of an append to ${rules.name} ${wrong.what}`);
  });
}

interface Wrong {
  readonly code: LogErrorCode;
  readonly what: string;
}

function wrongWith(record: AppendRecord, rules: AppendRules): Wrong | null {
  const { partition, key } = record;
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0 && partition < rules.partitions)) {
    return {
      code: "OEE_LOG_UNKNOWN_PARTITION",
      what: `names partition ${partition}, expected 0 to ${rules.partitions - 1}`,
    };
  }
  const bytes = recordBytes(record);
  if (bytes > rules.recordBytesMax) {
    return { code: "OEE_LOG_RECORD_TOO_LARGE", what: `has ${bytes} bytes, expected at most ${rules.recordBytesMax}` };
  }
  if (rules.cleanup !== "compact") return null;
  if (key === null) {
    return { code: "OEE_LOG_KEY_MISSING", what: "has no key, but the topic keeps the newest record of each key" };
  }
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes <= KEYED_KEY_BYTES_MAX) return null;
  return {
    code: "OEE_LOG_RECORD_TOO_LARGE",
    what: `has a key of ${keyBytes} bytes, expected at most ${KEYED_KEY_BYTES_MAX}`,
  };
}
