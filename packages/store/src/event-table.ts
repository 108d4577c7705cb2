/** Raw events in `events`, keyed by machine, instant and place in the log. */
import type { PlantEvent } from "@oee/model";
import { type Column, flags, instants, integers, names, texts } from "./arrow-column.ts";

export interface EventRecord {
  readonly machine: string;
  readonly type: PlantEvent["type"];
  /** When it happened (epoch ms). */
  readonly at: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Place of the event in its record. */
  readonly index: number;
  /** When the log took it (epoch ms). */
  readonly receivedAt: number;
  readonly id: string | null;
  /** CN-4: its id had been seen, it counts for nothing. */
  readonly repeat: boolean;
  /** The event as received: one JSON object. */
  readonly raw: string;
}

export const EVENT_COLUMNS: readonly Column<EventRecord>[] = [
  names("machine", (event) => event.machine),
  names("type", (event) => event.type),
  instants("at", (event) => event.at),
  names("topic", (event) => event.topic),
  integers("partition", (event) => event.partition),
  integers("offset", (event) => event.offset),
  integers("record_index", (event) => event.index),
  instants("received_at", (event) => event.receivedAt),
  texts("id", (event) => event.id),
  flags("is_repeat", (event) => event.repeat),
  texts("raw", (event) => event.raw),
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
