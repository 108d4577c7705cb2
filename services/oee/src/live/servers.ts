/**
 * Makes the options of Kafka's and ClickHouse's clients from the settings: addresses, TLS and sign-in. A sign-in
 * without its user or its password is refused here, with what is missing; no message holds a password.
 */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { KafkaLogOptions } from "@oee/event-log/kafka";
import type { ServerTls, StoreOptions } from "@oee/store";
import { reasonOf, UsageError } from "../failure.ts";
import type { LogSettings, StoreSettings } from "./settings.ts";

type KafkaClient = KafkaLogOptions["client"];

/** Throws `UsageError`. */
export function kafkaClientOf(settings: LogSettings, brokers: string): KafkaClient {
  const { kafkaSsl = false, kafkaCa, kafkaCrl, kafkaCert, kafkaKey } = settings;
  const tls = tlsOf("kafka", { ca: kafkaCa, crl: kafkaCrl, cert: kafkaCert, key: kafkaKey });
  const sasl = saslOf(settings);
  return {
    clientId: "oee",
    brokers: brokersOf(brokers),
    ssl: tls === null ? kafkaSsl : tls,
    ...(sasl === null ? {} : { sasl }),
  };
}

/** kafkajs would try an address without a port for ever. */
function brokersOf(text: string): string[] {
  return text.split(",").map((part) => {
    const broker = part.trim();
    const port = Number(/^[^\s/]+:(\d+)$/.exec(broker)?.[1]);
    if (port >= 1 && port <= 65_535) return broker;
    throw new UsageError(`--kafka: found ${JSON.stringify(broker)}, expected HOST:PORT, several separated by commas`);
  });
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
  const { clickhouseCa, clickhouseCrl, clickhouseCert, clickhouseKey } = settings;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--clickhouse: found ${JSON.stringify(url)}, expected http://HOST:8123 or https://HOST:8443`);
  }
  const tls = tlsOf("clickhouse", {
    ca: clickhouseCa,
    crl: clickhouseCrl,
    cert: clickhouseCert,
    key: clickhouseKey,
  });
  if (tls !== null && url.startsWith("http:")) {
    throw new UsageError("--clickhouse-ca is for https://, found an http:// address in --clickhouse");
  }
  return {
    url,
    ...(clickhouseUser === undefined ? {} : { username: clickhouseUser }),
    ...(clickhousePassword === undefined ? {} : { password: clickhousePassword }),
    ...(tls === null ? {} : { tls }),
    ...(clickhouseCluster === undefined ? {} : { cluster: clickhouseCluster }),
  };
}

/** Paths of PEM files. */
interface TlsFiles {
  readonly ca: string | undefined;
  readonly crl: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * `null`: nothing is named. `crl` is read from its file each time, since an authority renews its list, and throws where that cannot be
 * read. Throws `UsageError` where a file cannot be read, the list is no list, or one goes without another.
 */
function tlsOf(server: string, { ca, crl, cert, key }: TlsFiles): ServerTls | null {
  if (ca === undefined && crl === undefined && cert === undefined && key === undefined) return null;
  if (ca === undefined || (cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      `expected --${server}-ca with --${server}-crl, and --${server}-cert and --${server}-key together or none of them`,
    );
  }
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new UsageError(`cannot read the certificate ${file}: ${reasonOf(error)}`, { cause: error });
    }
  };
  const tls = {
    ca: read(ca),
    ...(cert === undefined || key === undefined ? {} : { cert: read(cert), key: read(key) }),
  };
  try {
    createSecureContext(tls);
  } catch (error) {
    const files = [ca, cert, key].filter((file) => file !== undefined).join(", ");
    throw new UsageError(
      `--${server}-ca, --${server}-cert and --${server}-key: expected PEM: ${reasonOf(error)}: ${files}`,
      {
        cause: error,
      },
    );
  }
  if (crl === undefined) return tls;
  try {
    createSecureContext({ crl: read(crl) });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--${server}-crl: ${crl} is no list of revoked certificates (CRL, PEM): ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return Object.defineProperty(tls, "crl", { enumerable: true, get: () => read(crl) });
}
