/**
 * Decodes the records of a batch of the events topic to events: JSON (one event or an array) or an Arrow stream. Each
 * event is checked on its own (DI-2): one that is refused becomes a dead letter with its original bytes, and the others of
 * its record go on.
 */
import { type AppendRecord, messageOf, type RecordBatch } from "@oee/event-log";
import { type EventDecoder, isRefusal, MAX_PAST_HEADER, maxPastOf, type PlantEvent, type Refusal } from "@oee/model";
import { arrowEvents } from "./arrow-events/arrow-events.ts";
import type { ArrowTexts } from "./arrow-events/arrow-texts.ts";
import { TextRoom } from "./arrow-events/text-room.ts";

export const ARROW_CONTENT_TYPE = "application/vnd.apache.arrow.stream";

/** Called with an event and its original bytes, one JSON object in `bytes[start, end)`. `index` counts the events of the record from 0. */
export type OnDecoded = (
  event: PlantEvent,
  record: number,
  index: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

export interface RefusedEvent {
  readonly refusal: Refusal;
  readonly letter: AppendRecord;
}

const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const DETAIL_MAX = 2_000;
const NO_VALUE: Refusal = { code: "malformed", detail: "a record without a value (a tombstone), expected an event" };

/**
 * Calls back for each event of the records of a batch from `begin` on, in order, until `isEnough` says so after a record, and
 * answers which record is next: `batch.length` where none is left. `nowMs` is the receiver's clock (epoch ms). Where the log
 * itself stamps records (`stampedByLog`), the age of an event (`past`) is measured at that stamp, so that a log read again
 * years later gives the same events. Originals that are made of Arrow lie in `texts`.
 */
export function decodeBatch(
  batch: RecordBatch,
  decoder: EventDecoder,
  nowMs: number,
  onDecoded: OnDecoded,
  onRefused: (refused: RefusedEvent) => void,
  stampedByLog: boolean = false,
  begin: number = 0,
  isEnough: () => boolean = () => false,
  texts: TextRoom = new TextRoom(),
): number {
  let record = begin;
  let index = 0;
  const { bytes } = batch;
  const onEvent = (event: PlantEvent, start: number, end: number): void =>
    onDecoded(event, record, index++, bytes, start, end);
  const refuse = (refusal: Refusal, original: Uint8Array): void => {
    index++;
    onRefused({ refusal, letter: deadLetter(batch, record, refusal, original) });
  };
  const onRefusal = (refusal: Refusal, start: number, end: number): void => refuse(refusal, bytes.subarray(start, end));
  for (; record < batch.length; record++) {
    if (record > begin && isEnough()) return record;
    const start = batch.valueStart(record);
    index = 0;
    if (start < 0) {
      index++;
      onRefused({ refusal: NO_VALUE, letter: deadLetter(batch, record, NO_VALUE, null) });
      continue;
    }
    const end = batch.valueEnd(record);
    const lain = stampedByLog ? Math.max(0, nowMs - batch.timestampAt(record)) : 0;
    const maxPastMs = (batch.hasHeaders(record) ? maxPastIn(batch, record) : null) ?? decoder.maxPastMs + lain;
    const first = start < end ? bytes[start] : undefined;
    if (first === OPEN_OBJECT || first === OPEN_ARRAY || !isArrow(batch, record)) {
      decoder.decodeRecord(bytes, nowMs, onEvent, onRefusal, start, end, maxPastMs);
      continue;
    }
    const value = bytes.subarray(start, end);
    const rows = rowsOf(value, texts);
    if (isRefusal(rows)) refuse(rows, value);
    else {
      for (let row = 0; row < rows.length; row++) {
        const [text, from, to] = [rows.bytesAt(row), rows.startAt(row), rows.endAt(row)];
        const plain = to === null ? null : decoder.decode(text, from, to, nowMs, maxPastMs);
        if (plain !== null && to !== null && !isRefusal(plain)) {
          onDecoded(plain, record, index++, text, from, to);
          continue;
        }
        const object = rows.rowAt(row);
        const decoded = decoder.decodeValue(object, nowMs, maxPastMs);
        const raw = Buffer.from(jsonOf(object));
        if (isRefusal(decoded)) refuse(decoded, raw);
        else onDecoded(decoded, record, index++, raw, 0, raw.length);
      }
    }
  }
  return record;
}

function rowsOf(stream: Uint8Array, texts: TextRoom): ArrowTexts | Refusal {
  try {
    const rows = arrowEvents(stream, texts);
    // apache-arrow reads bytes that are no stream as a stream without a schema.
    return rows ?? { code: "malformed", detail: "expected an Arrow stream, found no columns" };
  } catch (error) {
    return { code: "malformed", detail: `expected an Arrow stream: ${messageOf(error)}` };
  }
}

function jsonOf(row: unknown): string {
  return JSON.stringify(row, (_, field: unknown) => (typeof field === "bigint" ? Number(field) : field));
}

/** The `max-past` header of a record (ms); `null`: it has none that can be read. */
function maxPastIn(batch: RecordBatch, record: number): number | null {
  const named = batch.headersAt(record)[MAX_PAST_HEADER];
  return named === undefined ? null : maxPastOf(named.toString("latin1"));
}

/** Whether `Content-Type` says Arrow; name and media type in any case, with parameters or without, as in HTTP. */
function isArrow(batch: RecordBatch, i: number): boolean {
  let mediaType = "";
  for (const [name, value] of Object.entries(batch.headersAt(i))) {
    if (name.toLowerCase() === "content-type") mediaType = value.toString("utf8").split(";", 1)[0] ?? "";
  }
  return mediaType.trim().toLowerCase() === ARROW_CONTENT_TYPE;
}

/** The dead letter of a refused event: its original key and bytes, with headers that say where it lay and why it was refused. */
export function deadLetter(batch: RecordBatch, i: number, refusal: Refusal, bytes: Uint8Array | null): AppendRecord {
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
