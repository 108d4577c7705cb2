/**
 * Handing over events that lie in another partition than their machine's. The producer has another partitioner than Kafka's
 * default, or another key than the machine's id, or the topic was given more partitions.
 *
 * The worker that reads such an event appends it to the machine's partition before it commits the offset; a header says where
 * it was found. After a crash it may append it again, but always in the order of the partition where it was found. So the
 * machine's owner takes each event once and has to remember only the newest place of each partition.
 */
import { crc32 } from "node:zlib";
import { type AppendRecord, partitionOf, type RecordBatch } from "@oee/event-log";

/** Where an event was found: the number of its partition of the events topic, its record's offset, its place in it. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}

/** Header of a handed-over record: the place where it was found, as `PARTITION/OFFSET/INDEX`. */
export const FOUND_AT_HEADER = "oee-found-at";

const FOUND_AT = /^(\d{1,6})\/(\d{1,16})\/(\d{1,7})$/;

/** The place where a handed-over record was found; `null`: it was not handed over. */
export function foundAt(batch: RecordBatch, record: number): Place | null {
  if (!batch.hasHeaders(record)) return null;
  const match = FOUND_AT.exec(batch.headersAt(record)[FOUND_AT_HEADER]?.toString("latin1") ?? "");
  return match === null ? null : { partition: Number(match[1]), offset: Number(match[2]), index: Number(match[3]) };
}

/** The record that hands an event over to partition `home`; its value is the event's original bytes, one JSON object. */
export function handedOver(
  batch: RecordBatch,
  record: number,
  index: number,
  machine: string,
  event: Uint8Array,
  home: number,
): AppendRecord {
  const place = `${batch.partition}/${batch.offsetAt(record)}/${index}`;
  return { key: machine, value: event, headers: { [FOUND_AT_HEADER]: place }, partition: home };
}

/** The newest place of each partition from which events of a machine were handed over, as its checkpoint holds them. */
export type FoundPlaces = readonly (readonly [partition: number, offset: number, index: number])[];

/** Remembers which handed-over events of one machine were taken. */
export class TakenPlaces {
  readonly #newest: Map<number, readonly [offset: number, index: number]> = new Map();

  constructor(places: FoundPlaces = []) {
    for (const [partition, offset, index] of places) this.#newest.set(partition, [offset, index]);
  }

  /** Marks a place as taken; `false`: the event found there was taken before. */
  markTaken({ partition, offset, index }: Place): boolean {
    const newest = this.#newest.get(partition);
    if (newest !== undefined && (offset < newest[0] || (offset === newest[0] && index <= newest[1]))) return false;
    this.#newest.set(partition, [offset, index]);
    return true;
  }

  get places(): FoundPlaces {
    return Array.from(this.#newest, ([partition, [offset, index]]) => [partition, offset, index]);
  }
}

/**
 * Why an event was not in its machine's partition. `key`: its record has another key than the machine's id, or none;
 * `partitioner`: the producer's is not Kafka's default; `partitions`: the topic has more than machines are dealt over.
 */
export const MISPLACEMENTS = ["key", "partitioner", "partitions"] as const;

export type Misplacement = (typeof MISPLACEMENTS)[number];

/** `partitions` is the number that the events topic has, over which a correct producer spreads its keys. */
export function misplacementOf(key: Buffer | null, machine: string, found: number, partitions: number): Misplacement {
  if (key === null || !key.equals(Buffer.from(machine))) return "key";
  return partitionOf(machine, partitions) === found ? "partitions" : "partitioner";
}

/** What to change so that events come in their machine's partition, in a sentence. */
export function remedyOf(cause: Misplacement, machine: string, found: number, partitions: number): string {
  switch (cause) {
    case "key":
      return "give each record its machine's id as key";
    case "partitions":
      return "the topic has more partitions than machines are dealt over: see `oee topics`";
    case "partitioner":
      return `the key is right: let the producer put it into a partition as Kafka's own clients do: ${settingOf(machine, found, partitions)}`;
  }
}

function settingOf(machine: string, found: number, partitions: number): string {
  const librdkafka = "partitioner=murmur2_random (librdkafka: its clients for Python, .NET and Go, kcat)";
  const kafkaGo = "Balancer: kafka.Murmur2Balancer{} (kafka-go)";
  const sarama = "a partitioner with murmur2 (sarama has none of its own)";
  const key = Buffer.from(machine);
  if (crc32(key) % partitions === found) return librdkafka;
  if (Math.abs(fnv1a(key) % partitions) === found) return sarama;
  return [librdkafka, kafkaGo, sarama].join("; ");
}

/** FNV-1a as a signed 32-bit integer, as sarama's hash partitioner uses it. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
