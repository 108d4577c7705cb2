/** Raw events in `events`, keyed by machine, instant and place in the log. */
import type { PlantEvent } from "@oee/model";
import type { EventBatch } from "./event-batch.ts";
import type { EventRecord } from "./event-record.ts";
import { type BatchColumn, bytesOf, textsOrNone, wordsOf } from "./native-column.ts";

const [INTEGER, INSTANT] = ["Int64", "DateTime64(3, 'UTC')"];

export const EVENT_COLUMNS: readonly BatchColumn<EventBatch>[] = [
  wordsOf("machine", ({ machines }) => machines),
  wordsOf("type", ({ types }) => types),
  bytesOf("at", INSTANT, (batch) => batch.numbersAt(0)),
  wordsOf("topic", ({ topics }) => topics),
  bytesOf("partition", INTEGER, (batch) => batch.numbersAt(1)),
  bytesOf("offset", INTEGER, (batch) => batch.numbersAt(2)),
  bytesOf("record_index", INTEGER, (batch) => batch.numbersAt(3)),
  bytesOf("received_at", INSTANT, (batch) => batch.numbersAt(4)),
  textsOrNone("id", ({ ids }) => ids),
  bytesOf("is_repeat", "Bool", ({ repeats }) => repeats),
  bytesOf("raw", "String", ({ raw }) => raw),
];

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
