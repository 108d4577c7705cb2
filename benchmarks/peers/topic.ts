/** Fills the topic that all contestants read, and computes the sums that each must give. */
import { type AppendRecord, partitionOf } from "@oee/event-log";
import type { KafkaEventLog } from "@oee/event-log/kafka";
import { loadEvents } from "@oee/simulator";
import { Int64, Table, tableToIPC, TimestampMillisecond, Utf8, vectorFromArray } from "apache-arrow";

const MINUTE_MS = 60_000;
/** Events that are appended at once. */
const APPEND_AT_ONCE = 20_000;
const ARROW = { "content-type": "application/vnd.apache.arrow.stream" };
const STATES = { running: true, idle: false, down: false } as const;

/** How events lie in records: one JSON event each, so many of one partition as a JSON array, or as an Arrow stream. */
export interface Packing {
  readonly perRecord: number;
  readonly arrow: boolean;
  readonly partitions: number;
}

export interface Filling extends Packing {
  readonly machines: number;
  readonly seconds: number;
  readonly from: number;
}

/** Sums over all minutes that end before the last event of each machine. */
export interface Sums {
  readonly good: number;
  readonly runMs: number;
}

export interface Filled {
  readonly events: number;
  readonly to: number;
  readonly sums: Sums;
}

interface Line {
  readonly type: string;
  readonly machine: string;
  readonly at: number;
  readonly good?: number;
  readonly state?: keyof typeof STATES;
}

/**
 * Appends events, with a machine's id as key of each record; each machine sends one count a second. The sums are computed from the
 * same lines.
 */
export async function fill(log: KafkaEventLog, topic: string, filling: Filling): Promise<Filled> {
  const { machines, seconds, from } = filling;
  const to = Math.floor((from + (seconds - 1) * 1000) / MINUTE_MS) * MINUTE_MS;
  const since = new Map<string, number>();
  let [events, good, runMs] = [0, 0, 0];
  const packer = new Packer(filling);
  // Enough for whole rounds of all machines: the generator adds about one state to sixty counts.
  const asked = Math.floor(machines * seconds * (1 + 1 / 60));
  for (const chunk of loadEvents({ machines, events: asked, from, countEverySeconds: 1 })) {
    for (const text of chunk.toString().trimEnd().split("\n")) {
      const line = JSON.parse(text) as Line;
      events++;
      if (line.at < to) good += line.good ?? 0;
      if (line.state !== undefined) {
        const began = since.get(line.machine);
        if (began !== undefined) runMs += Math.max(0, Math.min(line.at, to) - began);
        if (STATES[line.state]) since.set(line.machine, line.at);
        else since.delete(line.machine);
      }
      packer.add(line, text);
      if (packer.packed >= APPEND_AT_ONCE) await log.append(topic, packer.take());
    }
  }
  packer.end();
  const rest = packer.take();
  if (rest.length > 0) await log.append(topic, rest);
  for (const began of since.values()) runMs += Math.max(0, to - began);
  return { events, to, sums: { good, runMs } };
}

/** Packs events of one partition into records. */
class Packer {
  readonly #packing: Packing;
  readonly #open = new Map<number, { readonly line: Line; readonly text: string }[]>();
  #records: AppendRecord[] = [];
  #packed = 0;

  constructor(packing: Packing) {
    this.#packing = packing;
  }

  /** Events in the records that `take` gives. */
  get packed(): number {
    return this.#packed;
  }

  add(line: Line, text: string): void {
    const partition = partitionOf(line.machine, this.#packing.partitions);
    const events = this.#open.get(partition) ?? [];
    if (events.push({ line, text }) < this.#packing.perRecord) this.#open.set(partition, events);
    else this.#close(partition, events);
  }

  /** Closes records that are not full. */
  end(): void {
    for (const [partition, events] of [...this.#open]) this.#close(partition, events);
  }

  take(): AppendRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#packed = 0;
    return records;
  }

  #close(partition: number, events: readonly { readonly line: Line; readonly text: string }[]): void {
    this.#open.delete(partition);
    this.#packed += events.length;
    const key = events[0]?.line.machine ?? null;
    if (this.#packing.arrow) {
      this.#records.push({ key, value: streamOf(events.map(({ line }) => line)), headers: ARROW });
      return;
    }
    const texts = events.map(({ text }) => text);
    this.#records.push({
      key,
      value: Buffer.from(this.#packing.perRecord === 1 ? texts.join("") : `[${texts.join()}]`),
    });
  }
}

function streamOf(lines: readonly Line[]): Uint8Array {
  const texts = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
  const columns = {
    type: texts(lines.map(({ type }) => type)),
    machine: texts(lines.map(({ machine }) => machine)),
    at: vectorFromArray(
      lines.map(({ at }) => at),
      new TimestampMillisecond(),
    ),
    state: texts(lines.map(({ state }) => state ?? null)),
    good: vectorFromArray(
      lines.map(({ good }) => (good === undefined ? null : BigInt(good))),
      new Int64(),
    ),
  };
  return tableToIPC(new Table(columns), "stream");
}
