/**
 * Settings of the long-running commands: options, environment variables and a settings file, in this order of
 * precedence. A file is YAML with the options' names as keys, written as on the command line or in camel case.
 */
import { existsSync, readFileSync } from "node:fs";
import { type KeeperOptions, LOOK_EVERY_MS, TOO_LATE_MS } from "@oee/gateway/keeper/options";
import type { Retention } from "@oee/store";
import { WORKER_DEFAULTS, type WorkerSettings } from "@oee/worker/settings";
import { Command, Option } from "commander";
import type { Logger } from "pino";
import { parse } from "yaml";
import { reasonOf, UsageError } from "../failure.ts";
import { durationOption, type Keep, keepOption } from "../option-values.ts";
import { accessOptions, readOnlyOption } from "./access-settings.ts";
import { listenTokenOption } from "./guarded.ts";
import { addressesOf } from "./roles-file.ts";
import { type EndSettings, endWithinOption } from "./running.ts";
import { wholeNumber } from "./whole-number.ts";
import { type ZoneSettings, zoneOption } from "../zone-folder.ts";

/** Read when it is there and no other is named. */
const DEFAULT_FILE = "oee.settings.yaml";

export interface LogSettings {
  readonly kafka?: string;
  readonly kafkaSsl?: boolean;
  readonly kafkaCa?: string;
  readonly kafkaCrl?: string;
  readonly kafkaCert?: string;
  readonly kafkaKey?: string;
  readonly kafkaSaslMechanism?: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly kafkaUsername?: string;
  readonly kafkaPassword?: string;
  /** ms once parsed. */
  readonly kafkaSessionTimeout?: number;
  readonly topicPrefix: string;
  readonly partitions: number;
}

export interface StoreSettings {
  readonly clickhouse?: string;
  readonly clickhouseUser?: string;
  readonly clickhousePassword?: string;
  readonly clickhouseCa?: string;
  readonly clickhouseCrl?: string;
  readonly clickhouseCert?: string;
  readonly clickhouseKey?: string;
  readonly clickhouseCluster?: string;
}

/** How long what is kept. What is not named stays as it is. */
export interface RetentionSettings {
  readonly retentionEvents?: Keep;
  readonly retentionMinutes?: Keep;
  readonly retentionStops?: Keep;
  readonly retentionLog?: Keep;
}

export interface CommonSettings extends LogSettings, StoreSettings, RetentionSettings, ZoneSettings {
  readonly data: string;
  readonly logLevel?: string;
  readonly settings?: string;
}

/** Of Kafka. */
export function kafkaOptions(command: Command): Command {
  return command
    .addOption(new Option("--kafka <brokers>", "HOST:PORT,… instead of the embedded log").env("OEE_KAFKA"))
    .addOption(new Option("--kafka-ssl", "TLS to the brokers").env("OEE_KAFKA_SSL"))
    .addOption(new Option("--kafka-ca <file>", "who signed their certificate (PEM)").env("OEE_KAFKA_CA"))
    .addOption(new Option("--kafka-crl <file>", "which of these were revoked (CRL, PEM)").env("OEE_KAFKA_CRL"))
    .addOption(new Option("--kafka-cert <file>", "certificate to show them (PEM)").env("OEE_KAFKA_CERT"))
    .addOption(new Option("--kafka-key <file>", "its key (PEM)").env("OEE_KAFKA_KEY"))
    .addOption(
      new Option("--kafka-sasl-mechanism <name>", "how to sign in to the brokers")
        .env("OEE_KAFKA_SASL_MECHANISM")
        .choices(["plain", "scram-sha-256", "scram-sha-512"]),
    )
    .addOption(new Option("--kafka-username <name>", "who signs in").env("OEE_KAFKA_USERNAME"))
    .addOption(new Option("--kafka-password <text>", "better as environment variable").env("OEE_KAFKA_PASSWORD"))
    .addOption(
      new Option("--kafka-session-timeout <duration>", "a worker silent for longer loses its partitions (default: 10s)")
        .env("OEE_KAFKA_SESSION_TIMEOUT")
        .argParser(durationOption),
    )
    .addOption(
      new Option("--topic-prefix <text>", "what all topics begin with").env("OEE_TOPIC_PREFIX").default("oee."),
    )
    .addOption(
      new Option("--partitions <number>", "of new topics")
        .env("OEE_PARTITIONS")
        .argParser(wholeNumber(1, 1024))
        .default(8),
    );
}

export function commonOptions(command: Command): Command {
  return clickhouseOptions(
    kafkaOptions(
      command.addOption(new Option("--data <folder>", "embedded log and store").env("OEE_DATA").default("oee-data")),
    ).addOption(new Option("--clickhouse <url>", "a server instead of the embedded store").env("OEE_CLICKHOUSE")),
  )
    .addOption(zoneOption())
    .addOption(
      new Option("--log-level <level>", "of the structured log on standard error (default: info, warn on a terminal)")
        .env("OEE_LOG_LEVEL")
        .choices(["trace", "debug", "info", "warn", "error", "silent"]),
    )
    .addOption(
      new Option("--settings <file>", `settings (default: ${DEFAULT_FILE} if it is there)`).env("OEE_SETTINGS"),
    );
}

/** How a ClickHouse server is spoken to, wherever it is. */
export function clickhouseOptions(command: Command): Command {
  return command
    .addOption(new Option("--clickhouse-user <name>", "who signs in").env("OEE_CLICKHOUSE_USER"))
    .addOption(
      new Option("--clickhouse-password <text>", "better as environment variable").env("OEE_CLICKHOUSE_PASSWORD"),
    )
    .addOption(new Option("--clickhouse-ca <file>", "who signed its certificate (PEM)").env("OEE_CLICKHOUSE_CA"))
    .addOption(new Option("--clickhouse-crl <file>", "whether it was revoked (CRL, PEM)").env("OEE_CLICKHOUSE_CRL"))
    .addOption(new Option("--clickhouse-cert <file>", "certificate to show it (PEM)").env("OEE_CLICKHOUSE_CERT"))
    .addOption(new Option("--clickhouse-key <file>", "its key (PEM)").env("OEE_CLICKHOUSE_KEY"))
    .addOption(new Option("--clickhouse-cluster <name>", "tables on all its nodes").env("OEE_CLICKHOUSE_CLUSTER"));
}

export function networkOptions(command: Command, port = 8080): Command {
  return command
    .addOption(new Option("--host <address>", "where to listen").env("OEE_HOST").default("127.0.0.1"))
    .addOption(
      new Option("--port <number>", "where to listen; 0 for any")
        .env("OEE_PORT")
        .argParser(wholeNumber(0, 65_535))
        .default(port),
    )
    .addOption(
      new Option("--allowed-hosts <names>", "names it may be called by, a,b besides IP addresses; * for any")
        .env("OEE_ALLOWED_HOSTS")
        .argParser((text) => text.split(",").map((name) => name.trim())),
    )
    .addOption(endWithinOption());
}

/** Where roles are reached, and how late is too late to page them (AL-4); durations in ms once parsed. */
export interface AlertSettings {
  readonly roles?: string;
  readonly alertTooLate: number;
}

export function alertOptions(command: Command): Command {
  return command
    .addOption(new Option("--roles <file>", "where roles are reached: mail, webhooks (YAML)").env("OEE_ROLES"))
    .addOption(
      new Option("--alert-too-late <duration>", "a step of an alert that was due longer ago pages no one")
        .env("OEE_ALERT_TOO_LATE")
        .argParser(durationOption)
        .default(TOO_LATE_MS, "1h"),
    );
}

/** Throws `UsageError`. */
export function keeperOf({ roles, alertTooLate }: AlertSettings, logger: Logger): KeeperOptions {
  return { addresses: addressesOf(roles, logger), tooLateMs: alertTooLate, lookEveryMs: LOOK_EVERY_MS };
}

/** Of the tables of the store; with `log`, of the topics too. */
export function retentionOptions(command: Command, log: boolean): Command {
  const keep = (name: string, what: string): Option =>
    new Option(`--retention-${name} <days>`, `how long ${what} are kept: days, or forever (default: as it is)`)
      .env(`OEE_RETENTION_${name.toUpperCase()}`)
      .argParser(keepOption);
  command
    .addOption(keep("events", "raw events in the store"))
    .addOption(keep("minutes", "minute rows in the store"))
    .addOption(keep("stops", "stops in the store"));
  return log ? command.addOption(keep("log", "events and dead letters in the log")) : command;
}

/** Days by table of the store, `null` for ever. */
export function storeRetention({ retentionEvents, retentionMinutes, retentionStops }: RetentionSettings): Retention {
  const given = { events: retentionEvents, kpi_minutes: retentionMinutes, stops: retentionStops };
  return Object.fromEntries(
    Object.entries(given).flatMap(([table, keep]) => (keep === undefined ? [] : [[table, daysOf(keep)]])),
  );
}

/** `null`: for ever. */
export function daysOf(keep: Keep): number | null {
  return keep === "forever" ? null : keep;
}

/** How far from the receiver's clock an event may lie (DI-2); durations in ms once parsed. */
export interface ReceiverSettings {
  readonly maxFuture: number;
  readonly maxPast: number;
}

export interface IntakeSettings extends ReceiverSettings {
  readonly allowedLateness: number;
  readonly checkpointEvery: number;
  readonly unreadableBatches: WorkerSettings["unreadableBatches"];
}

/** What DI-1 leaves to the plant, and DI-2, durations in ms once parsed; and what becomes of what cannot be read. */
export function intakeOptions(command: Command): Command {
  return receiverOptions(
    command.addOption(
      new Option("--allowed-lateness <duration>", "an older event is recomputed from the store (DI-1)")
        .env("OEE_ALLOWED_LATENESS")
        .argParser(durationOption)
        .default(WORKER_DEFAULTS.allowedLatenessMs, "1h"),
    ),
  )
    .addOption(
      new Option("--checkpoint-every <duration>", "a restart reads so much of the log again")
        .env("OEE_CHECKPOINT_EVERY")
        .argParser(durationOption)
        .default(WORKER_DEFAULTS.checkpointEveryMs, "30s"),
    )
    .addOption(
      new Option(
        "--unreadable-batches <what>",
        "keep what cannot be read as a dead letter, or stop its partition there",
      )
        .env("OEE_UNREADABLE_BATCHES")
        .choices(["dead-letter", "stop"])
        .default(WORKER_DEFAULTS.unreadableBatches),
    );
}

export function receiverOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--max-future <duration>", "an event further ahead of the clock is refused (DI-2)")
        .env("OEE_MAX_FUTURE")
        .argParser(durationOption)
        .default(WORKER_DEFAULTS.maxFutureMs, "5m"),
    )
    .addOption(maxPastOption());
}

/** Of whoever takes events: one further behind its clock comes of a clock that was reset. */
export function maxPastOption(): Option {
  return new Option("--max-past <duration>", "an event further behind the clock is refused (DI-2)")
    .env("OEE_MAX_PAST")
    .argParser(durationOption)
    .default(WORKER_DEFAULTS.maxPastMs, "400d");
}

/** The part of an end that checkpoints may take: what is left stores, commits, and closes the rest. */
const CHECKPOINTS_SHARE = 0.5;

/** The worker's settings with what was chosen. */
export function workerSettings(settings: IntakeSettings & EndSettings): WorkerSettings {
  const {
    allowedLateness: allowedLatenessMs,
    checkpointEvery: checkpointEveryMs,
    maxFuture: maxFutureMs,
    maxPast: maxPastMs,
    unreadableBatches,
  } = settings;
  const endWithinMs = settings.endWithin * CHECKPOINTS_SHARE;
  const chosen = { allowedLatenessMs, checkpointEveryMs, endWithinMs, maxFutureMs, maxPastMs, unreadableBatches };
  return { ...WORKER_DEFAULTS, ...chosen };
}

/** All that `start`, `worker` and `gateway` can be told. */
export function installation(): Command {
  const all = new Command()
    .option("--plant <file>")
    .option("--connections <file>")
    .option("--simulate")
    .option("--speed <factor>")
    .option("--seed <text>")
    .option("--simulated-past <duration>");
  const known = retentionOptions(alertOptions(intakeOptions(networkOptions(commonOptions(all)))), true);
  return accessOptions(known).addOption(readOnlyOption()).addOption(listenTokenOption());
}

function optionOf(command: Command, key: string): Option | undefined {
  return command.options.find((known) => known.attributeName() === key || known.long === `--${key}`);
}

/** Fills what neither the command line nor the environment gave from the settings file. Throws `UsageError`. */
export function applySettingsFile(command: Command): void {
  readFlagsOfEnvironment(command);
  const named = command.opts<{ settings?: string }>().settings;
  const file = named ?? DEFAULT_FILE;
  if (named === undefined && !existsSync(file)) return;
  let content: unknown;
  try {
    // Every value as the text that it is, as in the environment: a password of digits is no number.
    content = parse(readFileSync(file, "utf8"), { schema: "failsafe" });
  } catch (error) {
    throw new UsageError(`cannot read the settings ${file}: ${reasonOf(error)}`, { cause: error });
  }
  if (content === null || content === undefined) return;
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new UsageError(`${file}: found no mapping, expected option names with their values`);
  }
  for (const [key, value] of Object.entries(content)) {
    const option = optionOf(command, key);
    if (option === undefined || option.attributeName() === "settings") {
      // One file serves an installation: what another of its commands reads is none of this one's business.
      if (option === undefined && optionOf(installation(), key) !== undefined) continue;
      const known = command.options.map((candidate) => candidate.attributeName()).filter((name) => name !== "settings");
      throw new UsageError(`${file}: found ${JSON.stringify(key)}, expected one of ${known.join(", ")}`);
    }
    const source = command.getOptionValueSource(option.attributeName());
    if (source !== undefined && source !== "default") continue;
    if (typeof value !== "string" || value === "") {
      throw new UsageError(
        `${file}: ${key}: found ${value === "" ? "nothing" : JSON.stringify(value)}, expected a value`,
      );
    }
    const choices = option.argChoices;
    if (choices !== undefined && !choices.includes(value)) {
      throw new UsageError(`${file}: ${key}: found ${JSON.stringify(value)}, expected one of ${choices.join(", ")}`);
    }
    let parsed: unknown = option.isBoolean() ? flagOf(`${file}: ${key}`, value) : value;
    try {
      if (option.parseArg !== undefined && choices === undefined) parsed = option.parseArg(value, undefined);
    } catch (error) {
      throw new UsageError(`${file}: ${key}: found ${JSON.stringify(value)}. ${reasonOf(error)}`, { cause: error });
    }
    command.setOptionValueWithSource(option.attributeName(), parsed, "config");
  }
}

/** To commander a variable that is there turns its option on, whatever it says. */
function readFlagsOfEnvironment(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!option.isBoolean() || option.envVar === undefined || command.getOptionValueSource(name) !== "env") continue;
    command.setOptionValueWithSource(name, flagOf(option.envVar, process.env[option.envVar] ?? ""), "env");
  }
}

function flagOf(where: string, text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0" || text === "") return false;
  throw new UsageError(`${where}: found ${JSON.stringify(text)}, expected true or false`);
}
