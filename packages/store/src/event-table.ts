/** Raw events in `events`, keyed by machine, instant and place in the log. */
import type { PlantEvent } from "@oee/model";
import { type BatchColumn, flags, instantsOf, textsOf, textsOrNone, wholeNumbersOf, wordsOf } from "./arrow-column.ts";
import type { EventBatch } from "./event-batch.ts";
import type { EventRecord } from "./event-record.ts";

export const EVENT_COLUMNS: readonly BatchColumn<EventBatch>[] = [
  { name: "machine", fill: ({ machines, length }) => wordsOf(machines, length) },
  { name: "type", fill: ({ types, length }) => wordsOf(types, length) },
  { name: "at", fill: (batch) => instantsOf(batch.numbersAt(0)) },
  { name: "topic", fill: ({ topics, length }) => wordsOf(topics, length) },
  { name: "partition", fill: (batch) => wholeNumbersOf(batch.numbersAt(1)) },
  { name: "offset", fill: (batch) => wholeNumbersOf(batch.numbersAt(2)) },
  { name: "record_index", fill: (batch) => wholeNumbersOf(batch.numbersAt(3)) },
  { name: "received_at", fill: (batch) => instantsOf(batch.numbersAt(4)) },
  { name: "id", fill: ({ ids, length }) => textsOrNone(ids, length) },
  { name: "is_repeat", fill: ({ repeats }) => REPEATS.fill(repeats) },
  { name: "raw", fill: ({ raw }) => textsOf(raw.bytes, raw.ends) },
];

const REPEATS = flags<number>("is_repeat", (repeat) => repeat === 1);

export const EVENT_SELECTION: string =
  "machine, type, toUnixTimestamp64Milli(at) AS at_ms, topic, partition, offset, record_index, " +
  "toUnixTimestamp64Milli(received_at) AS received_ms, id, is_repeat, raw";

export interface EventJson {
  readonly machine: string;
  readonly type: PlantEvent["type"];
  readonly at_ms: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly record_index: number;
  readonly received_ms: string;
  readonly id: string;
  readonly is_repeat: boolean;
  readonly raw: string;
}

export function eventRecordOf(json: EventJson): EventRecord {
  return {
    machine: json.machine,
    type: json.type,
    at: Number(json.at_ms),
    topic: json.topic,
    partition: json.partition,
    offset: Number(json.offset),
    index: json.record_index,
    receivedAt: Number(json.received_ms),
    id: json.id || null,
    repeat: json.is_repeat,
    raw: json.raw,
  };
}
