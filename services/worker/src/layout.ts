/**
 * What belongs to the events topic for good, kept on the topic `oee.layout`.
 *
 * The number of partitions over which machines are dealt: the first worker writes it, and it stays when some tool adds
 * partitions to a topic, so that each machine keeps its partition, its checkpoint and the order of its events. Only
 * `oee topics` changes it, while no worker runs.
 *
 * Which topic on Kafka its offsets are counted of, and how often it was deleted and made anew before: the offsets of checkpoints,
 * commits and stored events of the one before mean nothing in this one, so its own are counted behind them.
 */
import { type EventLog, firstOffsetAfter, LogError, renewalsBefore, type Topics } from "@oee/event-log";
import type { KafkaEventLog } from "@oee/event-log/kafka";
import type { Store } from "@oee/store";

const KEY = "machines";
const EVENTS_KEY = "events";

interface Layout {
  readonly partitions: number;
}

interface EventsTopic {
  /** The id that Kafka gave it. */
  readonly id: string;
  /** How often it was made anew. */
  readonly renewals: number;
}

/**
 * Has the offsets of the events topic counted as those that were read before; of one that was made anew, behind them. Answers whether
 * it is another one than was known. `writes`: what is found is kept for all. Throws `LogError` and `StoreError`.
 */
export async function countEvents(
  log: KafkaEventLog,
  topics: Topics,
  store: Pick<Store, "storedPositions">,
  writes: boolean,
): Promise<boolean> {
  const { name } = topics.events;
  const found = await log.topicId(name);
  const layout = await log.readKeyed(topics.layout.name);
  const record = layout.get(EVENTS_KEY)?.value;
  const known = record === undefined ? null : eventsTopicIn(record);
  if (record !== undefined && known === null) {
    const what = `the record ${EVENTS_KEY} of ${topics.layout.name} cannot be read`;
    throw new LogError("OEE_LOG_TOPIC_MISMATCH", `${what}: write it again: {"id":"${found}","renewals":N}`);
  }
  // Brokers before 2.8 give topics no ids.
  const id = found ?? known?.id;
  if (id === undefined) return false;
  if (known?.id === id) {
    log.countFrom(name, id, firstOffsetAfter(known.renewals));
    return false;
  }
  const { renewals, isNew } = known === null ? await unknownTopic(log, topics, store, layout.size > 0) : renewed(known);
  const now: EventsTopic = { id, renewals };
  if (writes) await log.append(topics.layout.name, [{ key: EVENTS_KEY, value: Buffer.from(JSON.stringify(now)) }]);
  log.countFrom(name, id, firstOffsetAfter(renewals));
  return isNew;
}

interface Found {
  readonly renewals: number;
  /** Whether it is another one than was read before. */
  readonly isNew: boolean;
}

function renewed({ renewals }: EventsTopic): Found {
  return { renewals: renewals + 1, isNew: true };
}

/** A topic of which no record says what was before: a release before this one has read it, all topics are new, or `layout` alone was deleted. */
async function unknownTopic(
  log: EventLog,
  topics: Topics,
  store: Pick<Store, "storedPositions">,
  isDealtOver: boolean,
): Promise<Found> {
  const next = isDealtOver ? 0 : Math.max(0, ...(await store.storedPositions(topics.events.name)).values());
  if (next === 0) return { renewals: 0, isNew: false };
  const checkpoints = await log.endsOf(topics.checkpoints.name);
  const isNew = checkpoints.every(({ endOffset }) => endOffset === 0);
  return { renewals: renewalsBefore(next - 1) + (isNew ? 1 : 0), isNew };
}

/** Has the offsets of the events topic counted as workers do. Throws `LogError` where it was made anew since they ran. */
export async function countedEvents(log: KafkaEventLog, topics: Topics): Promise<void> {
  const { name } = topics.events;
  const record = (await log.readKeyed(topics.layout.name)).get(EVENTS_KEY)?.value;
  const known = record === undefined ? null : eventsTopicIn(record);
  if (known === null) return;
  log.countFrom(name, known.id, firstOffsetAfter(known.renewals));
  const replaced = await log.replaced(name);
  if (replaced !== null) throw new LogError("OEE_LOG_TOPIC_REPLACED", replaced);
}

/** `null`: the bytes name no topic. */
function eventsTopicIn(bytes: Buffer): EventsTopic | null {
  try {
    const { id, renewals } = (JSON.parse(bytes.toString("utf8")) ?? {}) as Partial<EventsTopic>;
    if (typeof id !== "string" || typeof renewals !== "number") return null;
    return Number.isSafeInteger(renewals) && renewals >= 0 ? { id, renewals } : null;
  } catch {
    return null;
  }
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
  const way = `was it deleted and made anew with fewer? Give it as many: kafka-topics.sh --alter --partitions ${partitions}`;
  throw new LogError("OEE_LOG_TOPIC_MISMATCH", `${what}: ${way}`);
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
