/**
 * Kafka by TLS with a sign-in, and ClickHouse by https, with the settings of docs/settings.md: right settings work, and wrong ones
 * give an error that says what is wrong and where to look. A password is in no message and in no line of the log.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { Writable } from "node:stream";
import { openKafkaLog } from "@oee/event-log/kafka";
import { openStore, type StoreOptions } from "@oee/store";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HttpFront, startHttpFront } from "../../packages/store/test/http-front.ts";
import { connect } from "../../services/oee/src/live/connections.ts";
import { clickhouseOf, kafkaClientOf } from "../../services/oee/src/live/servers.ts";
import type { CommonSettings } from "../../services/oee/src/live/settings.ts";
import { type SecureBroker, startSecureBroker } from "../kafka/broker.ts";
import { type Certificates, makeCertificates } from "../tls/certificates.ts";
import { instant, PLANT } from "./history.ts";
import { getJson, newFolder, oeeOutput, serve, type Served, until } from "./oee-process.ts";

const USER = "oee";
const PASSWORD = "correct-horse-1";
const WRONG = "battery-staple-2";
const FILLER = "berlin/packing/l1/filler";

const TOPIC = {
  partitions: 2,
  cleanup: "delete",
  retentionMs: null,
  retentionBytes: null,
  recordBytesMax: 1_000,
} as const;

const folder = newFolder();
const served: Served[] = [];
let certificates: Certificates;
let broker: SecureBroker;
let front: HttpFront;

/** Whether the broker is the tests' own, which has the listeners that these tests need. */
const ours = (process.env["KAFKA_BROKERS"] ?? "") === "";

describe.skipIf(!ours)("TLS", () => {
  beforeAll(async () => {
    certificates = makeCertificates();
    const { pem, ca, cert, key } = certificates;
    const secrets = { user: USER, password: PASSWORD };
    const door = { cert: readFileSync(cert), key: readFileSync(key), clientCa: readFileSync(ca), ...secrets };
    [broker, front] = await Promise.all([
      startSecureBroker({ pem, ca, ...secrets }),
      startHttpFront(folder.path("clickhouse"), door),
    ]);
  });

  afterAll(async () => {
    for (const one of served) await one.end("SIGKILL");
    await front?.close();
    await broker?.stop();
    certificates?.remove();
    folder.remove();
  });

  /** The right settings of both. */
  const right = (): CommonSettings => ({
    data: folder.path("unused"),
    topicPrefix: "tls.",
    partitions: 2,
    kafka: broker.secure,
    kafkaCa: certificates.ca,
    kafkaSaslMechanism: "scram-sha-512",
    kafkaUsername: USER,
    kafkaPassword: PASSWORD,
    clickhouse: front.url,
    clickhouseCa: certificates.ca,
    clickhouseUser: USER,
    clickhousePassword: PASSWORD,
  });

  /** The error of an attempt with changed settings, and all that was logged meanwhile. */
  async function attempt(change: Partial<CommonSettings>): Promise<{ readonly said: string; readonly logged: string }> {
    let logged = "";
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        logged += chunk.toString();
        done();
      },
    });
    const logger = pino({ level: "trace" }, sink);
    try {
      const connections = await connect({ ...right(), ...change }, logger, Date.now);
      await connections.close();
      return { said: "connected", logged };
    } catch (error) {
      return { said: error instanceof Error ? `${error.name}: ${error.message}` : String(error), logged };
    }
  }

  test("a worker reads, computes and stores through both; nothing that it prints has a password", async () => {
    writeFileSync(folder.path("plant.yaml"), PLANT);
    const kafka = ["--kafka", broker.secure, "--kafka-ca", certificates.ca, "--kafka-sasl-mechanism", "scram-sha-256"];
    const clickhouse = ["--clickhouse", front.url, "--clickhouse-ca", certificates.ca, "--topic-prefix", "tls-worker."];
    const outside = [...kafka, "--kafka-username", USER, ...clickhouse, "--clickhouse-user", USER];
    const secrets = { OEE_KAFKA_PASSWORD: PASSWORD, OEE_CLICKHOUSE_PASSWORD: PASSWORD };
    const args = ["worker", "--plant", folder.path("plant.yaml"), ...outside, "--log-level", "trace"];
    const worker = await serve(args, secrets);
    served.push(worker);
    await until("a ready worker", async () =>
      (await getJson<{ ready: boolean }>(worker.url, "/health/ready")).body.ready ? true : undefined,
    );

    const log = openKafkaLog({ client: kafkaClientOf(right(), broker.secure) });
    const at = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 60_000;
    const running = { type: "state", machine: FILLER, at: instant(at), state: "EXECUTE" };
    await log.append("tls-worker.events", [{ key: FILLER, value: Buffer.from(JSON.stringify(running)) }]);
    await log.close();
    const csv = await until("a row in the store", async () => {
      const stored = ["export", "--plant", folder.path("plant.yaml"), ...outside, "--table", "events"];
      const text = await oeeOutput(stored, secrets);
      return text.includes(FILLER) ? text : undefined;
    });
    expect(csv).toContain("EXECUTE");
    const { code, stdout, stderr } = await worker.end("SIGTERM");
    expect(code, stderr).toBe(0);
    expect(stderr.length).toBeGreaterThan(100);
    expect(stdout + stderr).not.toContain(PASSWORD);
  });

  test.each(["plain", "scram-sha-256", "scram-sha-512"] as const)("Kafka by TLS, sign-in by %s", async (mechanism) => {
    expect(await attempt({ kafkaSaslMechanism: mechanism })).toMatchObject({ said: "connected" });
  });

  test("Kafka that requires a client's certificate accepts one that its authority signed, and refuses a client without", async () => {
    const { ca, cert, key } = certificates;
    const settings: CommonSettings = { data: "", topicPrefix: "mtls.", partitions: 1, kafkaCa: ca };
    const reach = async (more: Partial<CommonSettings>): Promise<number> => {
      const log = openKafkaLog({ client: kafkaClientOf({ ...settings, ...more }, broker.certified) });
      try {
        await log.ensureTopics([{ ...TOPIC, name: "mtls", partitions: 3 }]);
        return await log.partitionsOf("mtls");
      } finally {
        await log.close();
      }
    };
    expect(await reach({ kafkaCert: cert, kafkaKey: key })).toBe(3);
    await expect(reach({})).rejects.toMatchObject({ code: "OEE_LOG_TLS_FAILED" });
  });

  interface Wrong {
    readonly what: string;
    readonly change: () => Partial<CommonSettings>;
    readonly said: RegExp;
  }

  const wrongs: readonly Wrong[] = [
    {
      what: "a wrong password of Kafka, by SCRAM",
      change: () => ({ kafkaPassword: WRONG }),
      said: /^Failure: OEE_LOG_ACCESS_DENIED: .*authentication failed.*look at the user, the password, the SASL mechanism/,
    },
    {
      what: "a wrong password of Kafka, by PLAIN",
      change: () => ({ kafkaPassword: WRONG, kafkaSaslMechanism: "plain" }),
      said: /^Failure: OEE_LOG_ACCESS_DENIED: .*authentication failed.*look at the user, the password, the SASL mechanism/,
    },
    {
      what: "an unknown user of Kafka",
      change: () => ({ kafkaUsername: "stranger" }),
      said: /^Failure: OEE_LOG_ACCESS_DENIED: /,
    },
    {
      what: "an authority that did not sign the broker's certificate",
      change: () => ({ kafkaCa: certificates.strangerCa }),
      said: /^Failure: OEE_LOG_TLS_FAILED: .*look at the authority that signed the brokers' certificate/,
    },
    {
      what: "TLS to a port of Kafka without it",
      change: () => ({ kafka: broker.open }),
      said: /^Failure: OEE_LOG_TLS_FAILED: .*whether this port speaks TLS/,
    },
    {
      what: "a wrong password of ClickHouse",
      change: () => ({ clickhousePassword: WRONG }),
      said: /^Failure: OEE_STORE_ACCESS_DENIED: .*password is incorrect/,
    },
    {
      what: "no user of ClickHouse",
      change: () => ({ clickhouseUser: "default" }),
      said: /^Failure: OEE_STORE_ACCESS_DENIED: /,
    },
    {
      what: "an authority that did not sign the server's certificate",
      change: () => ({ clickhouseCa: certificates.strangerCa }),
      said: /^Failure: OEE_STORE_TLS_FAILED: .*look at the authority that signed the server's certificate/,
    },
    {
      what: "a certificate of Kafka that its authority revoked",
      change: () => ({ kafkaCrl: certificates.revoked(true) }),
      said: /^Failure: OEE_LOG_TLS_FAILED: .*certificate revoked/,
    },
    {
      what: "a certificate of ClickHouse that its authority revoked",
      change: () => ({ clickhouseCrl: certificates.revoked(true) }),
      said: /^Failure: OEE_STORE_TLS_FAILED: .*certificate revoked/,
    },
    {
      what: "a list of another authority's revoked certificates",
      change: () => ({ kafkaCa: certificates.strangerCa, kafkaCrl: certificates.revoked(false) }),
      said: /^Failure: OEE_LOG_TLS_FAILED: /,
    },
    {
      what: "a file that is no list of revoked certificates",
      change: () => ({ kafkaCrl: certificates.ca }),
      said: /^UsageError: --kafka-crl: .* is no list of revoked certificates \(CRL, PEM\): /,
    },
    {
      what: "a list of revoked certificates without its authority",
      change: () => ({ clickhouseCa: undefined, clickhouseCrl: certificates.revoked(false) }) as never,
      said: /^UsageError: expected --clickhouse-ca with --clickhouse-crl/,
    },
    {
      what: "half of a sign-in",
      change: () => ({ kafkaPassword: "" }),
      said: /^UsageError: expected --kafka-sasl-mechanism, --kafka-username and --kafka-password/,
    },
    {
      what: "a certificate that is not there",
      change: () => ({ kafkaCa: folder.path("none.pem") }),
      said: /^UsageError: cannot read the certificate .*none\.pem: no such file/,
    },
    {
      what: "an authority for http",
      change: () => ({ clickhouse: "http://127.0.0.1:8123" }),
      said: /^UsageError: --clickhouse-ca is for https:\/\/, found an http:\/\/ address/,
    },
    {
      what: "no address of ClickHouse",
      change: () => ({ clickhouse: "localhost:8123" }),
      said: /^UsageError: --clickhouse: found "localhost:8123", expected http:\/\/HOST:8123/,
    },
  ];

  test.each(wrongs)("the error for $what says where to look, and has no password", async ({ change, said }) => {
    const found = await attempt(change());
    expect(found.said).toMatch(said);
    expect(found.said + found.logged).not.toContain(WRONG);
    expect(found.said + found.logged).not.toContain(PASSWORD);
  });

  test("servers whose certificates are in no list of revoked ones are taken, until a renewed list names them", async () => {
    const list = folder.path("revoked.pem");
    copyFileSync(certificates.revoked(false), list);
    const settings = { ...right(), kafkaCrl: list, clickhouseCrl: list };
    const { cert, key } = certificates;
    // A client of each, made once; each question after the renewal needs a connection of its own.
    const client = kafkaClientOf(settings, broker.secure);
    const topics = async (): Promise<number> => {
      const log = openKafkaLog({ client });
      await log.ensureTopics([{ ...TOPIC, name: "crl" }]).catch(async (error: unknown) => {
        await log.close();
        throw error;
      });
      return log.partitionsOf("crl").finally(() => log.close());
    };
    const bySomeCertificate = { ...settings, clickhousePassword: "", clickhouseCert: cert, clickhouseKey: key };
    const stores = [clickhouseOf(settings, front.url), clickhouseOf(bySomeCertificate, front.url)];
    const ping = async (options: StoreOptions): Promise<void> => {
      const store = await openStore(options);
      await store.ping().finally(() => store.close());
    };
    expect(await topics()).toBe(2);
    for (const options of stores) await ping(options);

    copyFileSync(certificates.revoked(true), list);
    await expect(topics()).rejects.toMatchObject({ code: "OEE_LOG_TLS_FAILED" });
    for (const options of stores) await expect(ping(options)).rejects.toMatchObject({ code: "OEE_STORE_TLS_FAILED" });
  });

  test("the error without TLS at a port that expects it asks for TLS", async () => {
    const { kafkaCa: _, ...settings } = right();
    const log = openKafkaLog({ client: kafkaClientOf(settings, broker.secure) });
    await expect(log.ensureTopics([{ ...TOPIC, name: "x" }])).rejects.toMatchObject({
      code: "OEE_LOG_UNAVAILABLE",
      message: expect.stringContaining("does the broker expect TLS, or a sign-in?"),
    });
    await log.close();
  });

  test("a certificate that ClickHouse knows is accepted in place of a password; another one is not", async () => {
    const { cert, key, strangerCa, strangerKey } = certificates;
    const { clickhousePassword: _, ...settings } = right();
    const reach = async (more: Partial<CommonSettings>): Promise<void> => {
      const store = await openStore(clickhouseOf({ ...settings, ...more }, front.url));
      await store.ping().finally(() => store.close());
    };
    await reach({ clickhouseCert: cert, clickhouseKey: key });
    const denied = { code: "OEE_STORE_ACCESS_DENIED" };
    await expect(reach({})).rejects.toMatchObject(denied);
    await expect(reach({ clickhouseCert: strangerCa, clickhouseKey: strangerKey })).rejects.toMatchObject(denied);
  });

  test("a password within the address of ClickHouse is not shown either", async () => {
    const { clickhouseUser: _, clickhousePassword: __, ...settings } = right();
    const url = front.url.replace("//", `//${USER}:${PASSWORD}@`);
    expect(clickhouseOf(settings, url)).toMatchObject({ url });
    const connections = await connect({ ...settings, clickhouse: url }, pino({ level: "silent" }), Date.now);
    expect(connections.storeName).toBe(`ClickHouse at ${front.url}`);
    await connections.close();
  });
});
