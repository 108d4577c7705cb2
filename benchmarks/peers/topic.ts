/** Fills the topic that all contestants read, and computes the sums that each must give. */
import type { AppendRecord, KafkaEventLog } from "@oee/event-log";
import { loadEvents } from "@oee/simulator";

const MINUTE_MS = 60_000;
const APPEND_AT_ONCE = 20_000;
const STATES = { running: true, idle: false, down: false } as const;

export interface Filling {
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
  readonly machine: string;
  readonly at: number;
  readonly good?: number;
  readonly state?: keyof typeof STATES;
}

/** Appends one JSON event a record, with the machine's id as key; each machine sends one count a second. The sums are computed from the same lines. */
export async function fill(log: KafkaEventLog, topic: string, { machines, seconds, from }: Filling): Promise<Filled> {
  const to = Math.floor((from + (seconds - 1) * 1000) / MINUTE_MS) * MINUTE_MS;
  const since = new Map<string, number>();
  let [events, good, runMs] = [0, 0, 0];
  let records: AppendRecord[] = [];
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
      records.push({ key: line.machine, value: Buffer.from(text) });
      if (records.length < APPEND_AT_ONCE) continue;
      await log.append(topic, records);
      records = [];
    }
  }
  if (records.length > 0) await log.append(topic, records);
  for (const began of since.values()) runMs += Math.max(0, to - began);
  return { events, to, sums: { good, runMs } };
}
