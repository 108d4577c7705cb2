/** Creates the product's topics on Kafka, and looks at those that are there already. */
import { retryForEver, sleepTimer } from "@oee/pacing";
import kafkajs, { type Admin, type ITopicConfig } from "kafkajs";
import { LogError } from "../error.ts";
import type { Logger, TopicSpec } from "../port.ts";
import { typeOf } from "./kafka-errors.ts";

/** A batch's and a record's own bytes around the largest record. */
const OVERHEAD_BYTES = 64 * 1024;
/** The broker's own setting. */
const BROKER_DEFAULT = -1;

const ENSURED_MAX = 6;
const ENSURED_AGAIN = { firstDelayMs: 200, delayMsMax: 1_000 };

export async function ensureKafkaTopics(
  admin: Admin,
  specs: readonly TopicSpec[],
  replicationFactor: number | undefined,
  logger: Logger,
): Promise<void> {
  // Of a topic that was just made not every broker knows at once.
  const onFailure = (error: unknown, _: number, attempts: number): void => {
    if (typeOf(error) !== "UNKNOWN_TOPIC_OR_PARTITION" || attempts >= ENSURED_MAX) throw error;
  };
  await retryForEver(() => ensureOnce(admin, specs, replicationFactor, logger), onFailure, sleepTimer, ENSURED_AGAIN);
}

async function ensureOnce(
  admin: Admin,
  specs: readonly TopicSpec[],
  replicationFactor: number | undefined,
  logger: Logger,
): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = specs.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) {
    try {
      await admin.createTopics({
        topics: missing.map((spec) => topicConfig(spec, replicationFactor ?? BROKER_DEFAULT)),
      });
    } catch (error) {
      // another process was first
      if (!alreadyExists(error)) throw error;
    }
  }
  await checkTopics(admin, specs, logger);
}

/** Gives a topic as many partitions, where it has less. */
export async function growKafkaTopic(admin: Admin, topic: string, partitions: number): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const has = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  if (has >= partitions) return;
  await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
}

function topicConfig(spec: TopicSpec, replicationFactor: number): ITopicConfig {
  const entries: Record<string, string> = {
    "cleanup.policy": spec.cleanup,
    "max.message.bytes": String(spec.recordBytesMax + OVERHEAD_BYTES),
  };
  if (spec.cleanup === "delete") {
    entries["retention.ms"] = String(spec.retentionMs ?? -1);
    entries["retention.bytes"] = String(spec.retentionBytes ?? -1);
  } else {
    // snapshots are replaced often: small segments and early cleaning keep restores short
    entries["segment.bytes"] = String(64 * 1024 * 1024);
    entries["min.cleanable.dirty.ratio"] = "0.2";
    entries["max.compaction.lag.ms"] = String(60 * 60 * 1000);
  }
  return {
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
  };
}

async function checkTopics(admin: Admin, specs: readonly TopicSpec[], logger: Logger): Promise<void> {
  const configNames = ["cleanup.policy", "max.message.bytes"];
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ name }) => ({ type, name, configNames })),
  });
  for (const spec of specs) {
    const entries = resources.find(({ resourceName }) => resourceName === spec.name)?.configEntries ?? [];
    const valueOf = (name: string) => entries.find(({ configName }) => configName === name)?.configValue;
    const policy = valueOf("cleanup.policy") ?? spec.cleanup;
    if (policy !== spec.cleanup) {
      const what = `topic ${spec.name} has the cleanup policy ${policy}, expected ${spec.cleanup}`;
      throw new LogError("OEE_LOG_TOPIC_MISMATCH", what);
    }
    const largest = Number(valueOf("max.message.bytes") ?? Number.POSITIVE_INFINITY);
    if (largest < spec.recordBytesMax) {
      logger.warn("a topic takes smaller records than the product may write", {
        topic: spec.name,
        maxMessageBytes: largest,
        recordBytesMax: spec.recordBytesMax,
      });
    }
  }
}

function alreadyExists(error: unknown): boolean {
  const { errors } = error as { errors?: readonly unknown[] };
  const all = errors ?? [error];
  return all.every((each) => typeOf(each) === "TOPIC_ALREADY_EXISTS");
}
