/**
 * Makes the options of Kafka's and ClickHouse's clients from the settings: addresses, TLS and sign-in. A sign-in
 * without its user or its password is refused here, with what is missing; no message holds a password.
 */
import { readFileSync } from "node:fs";
import type { KafkaLogOptions } from "@oee/event-log";
import type { StoreOptions } from "@oee/store";
import { reasonOf, UsageError } from "../failure.ts";
import type { LogSettings, StoreSettings } from "./settings.ts";

type KafkaClient = KafkaLogOptions["client"];

/** Throws `UsageError`. */
export function kafkaClientOf(settings: LogSettings, brokers: string): KafkaClient {
  const { kafkaSsl = false, kafkaCa, kafkaCert, kafkaKey } = settings;
  const tls = tlsOf("kafka", kafkaCa, kafkaCert, kafkaKey);
  const sasl = saslOf(settings);
  return {
    clientId: "oee",
    brokers: brokers.split(",").map((broker) => broker.trim()),
    ssl: tls === null ? kafkaSsl : tls,
    ...(sasl === null ? {} : { sasl }),
  };
}

function saslOf({
  kafkaSaslMechanism,
  kafkaUsername,
  kafkaPassword,
}: LogSettings): NonNullable<KafkaClient["sasl"]> | null {
  if (!kafkaSaslMechanism && !kafkaUsername && !kafkaPassword) return null;
  if (!kafkaSaslMechanism || !kafkaUsername || !kafkaPassword) {
    throw new UsageError(
      "expected --kafka-sasl-mechanism, --kafka-username and --kafka-password (or OEE_KAFKA_PASSWORD) together",
    );
  }
  return { mechanism: kafkaSaslMechanism, username: kafkaUsername, password: kafkaPassword } as NonNullable<
    KafkaClient["sasl"]
  >;
}

/** Throws `UsageError`. */
export function clickhouseOf(settings: StoreSettings, url: string): StoreOptions {
  const { clickhouseUser, clickhousePassword, clickhouseCluster } = settings;
  const { clickhouseCa, clickhouseCert, clickhouseKey } = settings;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--clickhouse: found ${JSON.stringify(url)}, expected http://HOST:8123 or https://HOST:8443`);
  }
  const tls = tlsOf("clickhouse", clickhouseCa, clickhouseCert, clickhouseKey);
  if (tls !== null && url.startsWith("http:")) {
    throw new UsageError("--clickhouse-ca is for https://, found an http:// address in --clickhouse");
  }
  return {
    url,
    ...(clickhouseUser === undefined ? {} : { username: clickhouseUser }),
    ...(clickhousePassword === undefined ? {} : { password: clickhousePassword }),
    ...(tls === null
      ? {}
      : { tls: { caCert: tls.ca, ...(tls.cert && tls.key ? { cert: tls.cert, key: tls.key } : {}) } }),
    ...(clickhouseCluster === undefined ? {} : { cluster: clickhouseCluster }),
  };
}

interface Tls {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function tlsOf(server: string, ca?: string, cert?: string, key?: string): Tls | null {
  if (ca === undefined && cert === undefined && key === undefined) return null;
  if (ca === undefined || (cert === undefined) !== (key === undefined)) {
    throw new UsageError(`expected --${server}-ca, and --${server}-cert and --${server}-key together or none of them`);
  }
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new UsageError(`cannot read the certificate ${file}: ${reasonOf(error)}`, { cause: error });
    }
  };
  return { ca: read(ca), ...(cert === undefined || key === undefined ? {} : { cert: read(cert), key: read(key) }) };
}
