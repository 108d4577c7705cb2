/**
 * The plant of benchmarks/sustained.ts, as a process of its own: appends events of all machines in turn to a topic at a steady rate,
 * each a record with the instant at which it is sent, and says each minute how many it has sent and how late it was.
 */
import { type AppendRecord, partitionOf, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { loadMachineId } from "@oee/simulator";

export interface Plant {
  readonly brokers: string[];
  readonly prefix: string;
  readonly machines: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Sent {
  readonly events: number;
  /** How far it was behind its rate at most (ms). */
  readonly behindMs: number;
}

const TICK_MS = 50;
/** A machine's turns between two states. */
const STATE_EVERY = 60;

process.once("message", (plant: Plant) => void send(plant).then(() => process.disconnect()));

async function send({ brokers, prefix, machines, perSecond, seconds }: Plant): Promise<void> {
  const log = openKafkaLog({ client: { brokers } });
  const { name, partitions } = topics(prefix).events;
  const each = Array.from({ length: machines }, (_, i) => {
    const id = loadMachineId(i);
    return { key: id, partition: partitionOf(id, partitions), begins: `{"machine":"${id}","at":` };
  });
  const began = Date.now();
  let events = 0;
  let behindMs = 0;
  let toldAt = began;
  while (Date.now() - began < seconds * 1000) {
    const due = Math.floor(((Date.now() - began) * perSecond) / 1000);
    const records: AppendRecord[] = [];
    for (; events < due; events++) {
      const of = each[events % machines];
      if (of === undefined) break;
      const turn = Math.floor(events / machines);
      const rest =
        turn % STATE_EVERY === 0
          ? `,"type":"state","state":"${turn % (2 * STATE_EVERY) === 0 ? "running" : "idle"}"}`
          : ',"type":"count","good":1}';
      records.push({ key: of.key, partition: of.partition, value: Buffer.from(`${of.begins}${Date.now()}${rest}`) });
    }
    const sentAt = Date.now();
    if (records.length > 0) await log.append(name, records);
    const took = Date.now() - sentAt;
    behindMs = Math.max(behindMs, took - TICK_MS);
    if (Date.now() - toldAt >= 60_000) {
      toldAt += 60_000;
      process.send?.({ events, behindMs } satisfies Sent);
      behindMs = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, TICK_MS - took)));
  }
  process.send?.({ events, behindMs } satisfies Sent);
  await log.close();
}
