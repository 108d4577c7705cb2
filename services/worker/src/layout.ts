/**
 * The number of partitions over which machines are dealt, kept on the topic `oee.layout`. The first worker writes it, and
 * it stays when some tool adds partitions to a topic, so that each machine keeps its partition, its checkpoint and the order
 * of its events. Only `oee topics` changes it, while no worker runs.
 */
import { type EventLog, LogError, type Topics } from "@oee/event-log";

const KEY = "machines";

interface Layout {
  readonly partitions: number;
}

/**
 * Reads the number of partitions over which machines are dealt; writes it where there is none yet. Throws `LogError` when
 * the log does not answer, or a topic has fewer partitions than that.
 */
export async function dealtOver(log: EventLog, topics: Topics): Promise<number> {
  const known = (await log.readKeyed(topics.layout.name)).get(KEY)?.value;
  const available = Math.min(
    await log.partitionsOf(topics.checkpoints.name),
    await log.partitionsOf(topics.events.name),
  );
  if (known === undefined) {
    await dealOver(log, topics, available);
    return available;
  }
  const partitions = partitionsIn(known);
  if (partitions === null) {
    const what = `the record ${KEY} of ${topics.layout.name} cannot be read`;
    const way = `write it again: {"partitions":N}, with the partitions that ${topics.events.name} had when machines were dealt`;
    throw new LogError("OEE_LOG_TOPIC_MISMATCH", `${what}: ${way}`);
  }
  if (partitions <= available) return partitions;
  const what = `${topics.layout.name} says that machines are dealt over ${partitions} partitions, but ${topics.events.name} or ${topics.checkpoints.name} has ${available}`;
  throw new LogError("OEE_LOG_TOPIC_MISMATCH", `${what}: was a topic deleted? Delete all of them, or use a new prefix`);
}

/** Writes the number of partitions over which machines are dealt. Throws `LogError`. */
export async function dealOver(log: EventLog, topics: Topics, partitions: number): Promise<void> {
  const layout: Layout = { partitions };
  await log.append(topics.layout.name, [{ key: KEY, value: Buffer.from(JSON.stringify(layout)) }]);
}

/** `null`: the bytes say no number of partitions. */
function partitionsIn(bytes: Buffer): number | null {
  try {
    const value = JSON.parse(bytes.toString("utf8")) as Partial<Layout> | null;
    const partitions = value?.partitions;
    return typeof partitions === "number" && Number.isSafeInteger(partitions) && partitions > 0 ? partitions : null;
  } catch {
    return null;
  }
}
