/** The log and the store of a process, as its settings say: embedded in the data folder, or Kafka and ClickHouse. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  allTopics,
  type EventLog,
  type Logger as LogLogger,
  openEmbeddedLog,
  type KafkaLogOptions,
  openKafkaLog,
  type Topics,
  topics,
} from "@oee/event-log";
import { openStore, type Store } from "@oee/store";
import pino, { type Logger } from "pino";
import { Failure, reasonOf } from "../failure.ts";
import { type CommonSettings, daysOf, storeRetention } from "./settings.ts";

const DAY_MS = 24 * 3_600_000;

export function loggerOf({ logLevel }: CommonSettings): Logger {
  const level = logLevel ?? (process.stderr.isTTY ? "warn" : "info");
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

export interface Connections {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  /** What it is, for people. */
  readonly logName: string;
  readonly storeName: string;
  close(): Promise<void>;
}

export function usesDataFolder(settings: CommonSettings): boolean {
  return settings.kafka === undefined || settings.clickhouse === undefined;
}

/** Opens both, makes topics and tables. Throws `Failure` with what to do. */
export async function connect(settings: CommonSettings, logger: Logger, now: () => number): Promise<Connections> {
  const data = resolve(settings.data);
  if (usesDataFolder(settings)) mkdirSync(data, { recursive: true });
  const opened: { close(): Promise<void> }[] = [];
  try {
    const log = await openLog(settings, data, logger, now);
    opened.push(log);
    const { topicPrefix, partitions, retentionLog } = settings;
    const days = retentionLog === undefined ? undefined : daysOf(retentionLog);
    const of = topics(topicPrefix, partitions, typeof days === "number" ? days * DAY_MS : days);
    await log.ensureTopics(allTopics(of));
    const store = await openStoreOf(settings, data);
    opened.push(store);
    await store.migrate({ retention: storeRetention(settings) });
    return {
      log,
      topics: of,
      store,
      logName: settings.kafka === undefined ? `embedded log in ${join(data, "log")}` : `Kafka at ${settings.kafka}`,
      storeName:
        settings.clickhouse === undefined
          ? `embedded ClickHouse in ${join(data, "store")}`
          : `ClickHouse at ${settings.clickhouse}`,
      close: async () => {
        await log.close();
        await store.close();
      },
    };
  } catch (error) {
    for (const one of opened.toReversed()) await one.close().catch(() => undefined);
    if (error instanceof Error && "code" in error)
      throw new Failure(`${String(error.code)}: ${error.message}`, { cause: error });
    throw new Failure(reasonOf(error), { cause: error });
  }
}

async function openLog(settings: CommonSettings, data: string, logger: Logger, now: () => number): Promise<EventLog> {
  const bridge: LogLogger = {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
  if (settings.kafka === undefined) {
    const retentionFollows = settings.retentionLog !== undefined;
    return openEmbeddedLog({ folder: join(data, "log"), logger: bridge, now, retentionFollows });
  }
  const sasl = saslOf(settings);
  return openKafkaLog({
    client: {
      clientId: "oee",
      brokers: settings.kafka.split(",").map((broker) => broker.trim()),
      ssl: settings.kafkaSsl ?? false,
      ...(sasl === null ? {} : { sasl }),
    },
    logger: bridge,
  });
}

function saslOf({ kafkaSaslMechanism: mechanism, kafkaUsername, kafkaPassword }: CommonSettings): KafkaSasl | null {
  if (mechanism === undefined) return null;
  return { mechanism, username: kafkaUsername ?? "", password: kafkaPassword ?? "" } as KafkaSasl;
}

type KafkaSasl = NonNullable<KafkaLogOptions["client"]["sasl"]>;

/** The store alone, for the commands that ask it. */
export async function openStoreOf(settings: CommonSettings, data: string = resolve(settings.data)): Promise<Store> {
  if (settings.clickhouse === undefined) return openStore({ embedded: { path: join(data, "store") } });
  return openStore({
    url: settings.clickhouse,
    ...(settings.clickhouseUser === undefined ? {} : { username: settings.clickhouseUser }),
    ...(settings.clickhousePassword === undefined ? {} : { password: settings.clickhousePassword }),
    ...(settings.clickhouseCluster === undefined ? {} : { cluster: settings.clickhouseCluster }),
  });
}
