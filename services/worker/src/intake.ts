/**
 * Records of the events topic to events: JSON (one or an array) or an Arrow stream, each judged on its own (DI-2).
 * What is refused goes to the dead letters with its original bytes; the rest of the batch goes on.
 */
import type { AppendRecord, RecordBatch } from "@oee/event-log";
import { type EventDecoder, isRefusal, type PlantEvent, type Refusal } from "@oee/model";
import { tableFromIPC } from "apache-arrow";

export const ARROW_CONTENT_TYPE = "application/vnd.apache.arrow.stream";

export interface DecodedEvent {
  readonly event: PlantEvent;
  /** Place in the record. */
  readonly index: number;
  /** One JSON object. */
  readonly raw: () => string;
}

export interface RefusedEvent {
  readonly refusal: Refusal;
  readonly letter: AppendRecord;
}

const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const DETAIL_MAX = 2_000;

export function decodeRecord(
  batch: RecordBatch,
  i: number,
  decoder: EventDecoder,
  nowMs: number,
  onEvent: (decoded: DecodedEvent) => void,
  onRefused: (refused: RefusedEvent) => void,
): void {
  const value = batch.valueAt(i);
  if (value === null) return;
  let index = 0;
  const refuse = (refusal: Refusal, bytes: Uint8Array): void => {
    index++;
    onRefused({ refusal, letter: deadLetter(batch, i, refusal, bytes) });
  };
  const first = value[0];
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY && isArrow(batch, i)) {
    let rows: readonly unknown[];
    try {
      rows = tableFromIPC(value)
        .toArray()
        .map((row: { toJSON(): unknown }) => row.toJSON());
    } catch (error) {
      refuse({ code: "malformed", detail: `not an Arrow stream: ${String(error)}` }, value);
      return;
    }
    for (const row of rows) {
      const decoded = decoder.decodeValue(row, nowMs);
      const raw = (): string =>
        JSON.stringify(row, (_, field: unknown) => (typeof field === "bigint" ? Number(field) : field));
      if (isRefusal(decoded)) refuse(decoded, Buffer.from(raw()));
      else onEvent({ event: decoded, index: index++, raw });
    }
    return;
  }
  decoder.decodeRecord(
    value,
    nowMs,
    (event, start, end) => onEvent({ event, index: index++, raw: () => value.toString("utf8", start, end) }),
    (refusal, start, end) => refuse(refusal, value.subarray(start, end)),
  );
}

function isArrow(batch: RecordBatch, i: number): boolean {
  return batch.headersAt(i)["content-type"]?.toString() === ARROW_CONTENT_TYPE;
}

/** The original key and bytes, with where they came from and why they were refused. */
export function deadLetter(batch: RecordBatch, i: number, refusal: Refusal, bytes: Uint8Array): AppendRecord {
  return {
    key: batch.keyAt(i),
    value: bytes,
    headers: {
      error: refusal.code,
      detail: refusal.detail.slice(0, DETAIL_MAX),
      topic: batch.topic,
      partition: String(batch.partition),
      offset: String(batch.offsetAt(i)),
    },
  };
}
