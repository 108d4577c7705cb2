import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { UsageError } from "../failure.ts";
import { clickhouseOf, kafkaClientOf } from "./servers.ts";
import { tlsOf } from "./tls.ts";

const NO_PEM = fileURLToPath(import.meta.url);
const SETTINGS = { topicPrefix: "oee.", partitions: 8 };

test("brokers are HOST:PORT: an address without a port would be tried for ever", () => {
  const brokersOf = (text: string): unknown => kafkaClientOf(SETTINGS, text).brokers;
  expect(brokersOf("kafka-1:9092, [::1]:9093")).toEqual(["kafka-1:9092", "[::1]:9093"]);
  for (const found of ["kafka-2", "", "kafka-2:", "kafka-2:0", "kafka-2:65536", "http://kafka-2:9092"]) {
    expect(() => brokersOf(`kafka-1:9092,${found}`)).toThrow(
      new UsageError(`--kafka: found ${JSON.stringify(found)}, expected HOST:PORT, several separated by commas`),
    );
  }
});

test("certificates that are none are refused with the option and the file that names them", () => {
  const files = { tlsCert: NO_PEM, tlsKey: NO_PEM };
  expect(() => tlsOf(files)).toThrow(`--tls-cert ${NO_PEM} and --tls-key ${NO_PEM}: expected PEM: `);
  const shown = { kafkaCa: NO_PEM, kafkaCert: NO_PEM, kafkaKey: NO_PEM };
  expect(() => kafkaClientOf({ ...SETTINGS, ...shown }, "kafka:9092")).toThrow(
    `--kafka-ca, --kafka-cert and --kafka-key: expected PEM: `,
  );
  const store = { clickhouseCa: NO_PEM, clickhouseCert: NO_PEM, clickhouseKey: NO_PEM };
  expect(() => clickhouseOf(store, "https://clickhouse:8443")).toThrow(UsageError);
});
