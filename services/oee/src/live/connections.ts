/** The log and the store of a process, as its settings say: embedded in the data folder, or Kafka and ClickHouse. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  allTopics,
  type EventLog,
  type Logger as LogLogger,
  openEmbeddedLog,
  type Topics,
  topics,
} from "@oee/event-log";
import { openStore, type Store } from "@oee/store";
import pino, { type Logger } from "pino";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { sourceStack } from "../output/source-stack.ts";
import { folderFailure, makeDataFolder } from "./data-folder.ts";
import { isEmbedded, isOnKafka, matchEventsTopic, matchLogAndStore } from "./log-and-store.ts";
import { endAtOnce } from "./running.ts";
import { clickhouseOf, kafkaClientOf } from "./servers.ts";
import { type CommonSettings, daysOf, type LogSettings, storeRetention } from "./settings.ts";

const DAY_MS = 24 * 3_600_000;
/** So long (ms) brokers may say nothing while a process ends: a request that waits for them is answered before the gateway cuts it off (`lastAnswersMs`). */
const BROKERS_SILENT_MS = 3_000;

export function loggerOf({ logLevel }: CommonSettings): Logger {
  const level = logLevel ?? (process.stderr.isTTY ? "warn" : "info");
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: toldError } },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** An error in the log names places in our sources. */
function toldError(error: Error): object {
  const told = pino.stdSerializers.err(error);
  return typeof told.stack === "string" ? Object.assign(told, { stack: sourceStack(told.stack) }) : told;
}

export interface Connections {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  /** What it is, for people. */
  readonly logName: string;
  readonly storeName: string;
  /** The number of the store's newest migration. */
  readonly schema: number;
  close(): Promise<void>;
}

/** The process is told to end: brokers that do not answer are not waited for. */
export function endSoon(log: EventLog): void {
  if (isOnKafka(log)) log.endSoon(BROKERS_SILENT_MS);
}

export function usesDataFolder(settings: CommonSettings): boolean {
  return settings.kafka === undefined || settings.clickhouse === undefined;
}

/** Opens both, makes topics and tables, unless they are only read. Throws `Failure` with what to do. */
export async function connect(
  settings: CommonSettings,
  logger: Logger,
  now: () => number,
  readOnly = false,
): Promise<Connections> {
  const data = resolve(settings.data);
  if (usesDataFolder(settings)) makeDataFolder(data);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const { log, topics: of } = await openLogOf(settings, logger, now, readOnly);
    opened.push(log);
    const store = await openStoreOf(settings, data, readOnly);
    opened.push(store);
    const { current: schema } = await store.migrate(readOnly ? {} : { retention: storeRetention(settings) });
    if (isEmbedded(log)) await matchLogAndStore(log, of, store, logger);
    if (isOnKafka(log)) await matchEventsTopic(log, of, store, logger, readOnly);
    return {
      log,
      topics: of,
      store,
      schema,
      logName: settings.kafka === undefined ? `embedded log in ${join(data, "log")}` : `Kafka at ${settings.kafka}`,
      storeName:
        settings.clickhouse === undefined
          ? `embedded ClickHouse in ${join(data, "store")}`
          : `ClickHouse at ${new URL(settings.clickhouse).origin}`,
      close: async () => {
        await log.close();
        await store.close();
      },
    };
  } catch (error) {
    for (const one of opened.toReversed()) await one.close().catch(() => undefined);
    if (error instanceof UsageError) throw error;
    const unusable = folderFailure(data, error);
    if (unusable !== null) throw unusable;
    if (error instanceof Error && "code" in error)
      throw new Failure(`${String(error.code)}: ${error.message}`, { cause: error });
    throw new Failure(reasonOf(error), { cause: error });
  }
}

/** The log alone, with its topics. */
export async function openLogOf(
  settings: CommonSettings,
  logger: Logger,
  now: () => number = Date.now,
  readOnly = false,
): Promise<Pick<Connections, "log" | "topics">> {
  const { topicPrefix, partitions, retentionLog } = settings;
  const days = retentionLog === undefined ? undefined : daysOf(retentionLog);
  const of = topics(topicPrefix, partitions, typeof days === "number" ? days * DAY_MS : days);
  const log = await openLog(settings, resolve(settings.data), logger, now, readOnly);
  try {
    await log.ensureTopics(allTopics(of));
  } catch (error) {
    await log.close().catch(() => undefined);
    throw error;
  }
  return { log, topics: of };
}

/** What the log says of itself, in the process's log. */
export function bridgeTo(logger: Logger): LogLogger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

export async function openLog(
  settings: LogSettings & Pick<CommonSettings, "retentionLog">,
  data: string,
  logger: Logger,
  now: () => number,
  readOnly = false,
): Promise<EventLog> {
  const bridge = bridgeTo(logger);
  if (settings.kafka === undefined) {
    const retentionFollows = settings.retentionLog !== undefined;
    const folder = join(data, "log");
    return openEmbeddedLog({ folder, logger: bridge, now, retentionFollows, onMemoryDamaged: endAtOnce });
  }
  const { kafkaSessionTimeout: sessionTimeoutMs } = settings;
  // A process without Kafka does not load its client.
  const { openKafkaLog } = await import("@oee/event-log/kafka");
  const client = kafkaClientOf(settings, settings.kafka);
  return openKafkaLog({
    client,
    logger: bridge,
    readOnly,
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
  });
}

/** For commands that ask what is stored: a folder that they made themselves would only hide that its name is wrong. */
export function expectDataFolder(settings: CommonSettings): void {
  const data = resolve(settings.data);
  if (usesDataFolder(settings) && !existsSync(data)) {
    throw new Failure(`there is no folder ${data}; expected --data to name one that oee start has filled`);
  }
}

/** The store alone. */
export async function openStoreOf(
  settings: CommonSettings,
  data: string = resolve(settings.data),
  readOnly = false,
): Promise<Store> {
  if (settings.clickhouse === undefined) makeDataFolder(data);
  const where =
    settings.clickhouse === undefined
      ? { embedded: { path: join(data, "store") } }
      : clickhouseOf(settings, settings.clickhouse);
  return openStore({ ...where, readOnly });
}
