/**
 * `oee gateway --read-only` on a real broker, with a user that may describe and read topics and nothing else, and a store over HTTP.
 * It shows what a gateway of the site shows, the broker denied it nothing, and the store got no statement but SELECTs. The same
 * user is denied the requests of a gateway that writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { openKafkaLog } from "@oee/event-log/kafka";
import { openStore } from "@oee/store";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HttpFront, startHttpFront } from "../../packages/store/test/http-front.ts";
import { kafkaClientOf } from "../../services/oee/src/live/servers.ts";
import { FILLER, PLANT } from "../cli/oee.ts";
import { type SecureBroker, startSecureBroker } from "../kafka/broker.ts";
import { newFolder, oeeOutput, postLines, runOee, serve, type Served, until } from "../live/oee-process.ts";
import { type Certificates, makeCertificates } from "../tls/certificates.ts";

const USER = "reader";
const PASSWORD = "correct-horse-1";
const PEOPLE_PASSWORD = "a long pass phrase";
const PREFIX = "dmz.";

const folder = newFolder();
const [plant, users] = [folder.path("plant.yaml"), folder.path("users.json")];
const served: Served[] = [];
let certificates: Certificates;
let broker: SecureBroker;
let front: HttpFront;

/** Whether the broker is the tests' own, which has the listeners and rights that these tests need. */
const ours = (process.env["KAFKA_BROKERS"] ?? "") === "";

const denied = (): readonly string[] =>
  readFileSync(broker.logFile ?? "", "utf8")
    .split("\n")
    .filter((line) => /is Denied/.test(line));

describe.skipIf(!ours)("a read-only gateway", () => {
  beforeAll(async () => {
    certificates = makeCertificates();
    const { pem, ca } = certificates;
    [broker, front] = await Promise.all([
      startSecureBroker({ pem, ca, user: USER, password: PASSWORD, authorized: true }),
      startHttpFront(folder.path("clickhouse")),
    ]);
    const admin = new kafkajs.Kafka({ brokers: [broker.open], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const { AclOperationTypes: may, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
    const topics = {
      ...{ resourceType: AclResourceTypes.TOPIC, resourceName: PREFIX, host: "*", principal: `User:${USER}` },
      ...{ resourcePatternType: ResourcePatternTypes.PREFIXED, permissionType: AclPermissionTypes.ALLOW },
    };
    await admin.createAcls({ acl: [may.READ, may.DESCRIBE].map((operation) => ({ ...topics, operation })) });
    await admin.disconnect();
    writeFileSync(plant, PLANT);
    const added = runOee(
      ["user", "add", "boss", "--users", users, "--role", "admin", "--password-stdin"],
      {},
      `${PEOPLE_PASSWORD}\n`,
    );
    expect((await added.ended).code).toBe(0);
  });

  afterAll(async () => {
    for (const one of served) await one.end("SIGKILL");
    await front?.close();
    await broker?.stop();
    certificates?.remove();
    folder.remove();
  });

  const shared = (): string[] => [
    "--plant",
    plant,
    "--clickhouse",
    front.url,
    "--topic-prefix",
    PREFIX,
    "--users",
    users,
  ];
  const asReader = (): string[] => [
    ...["--kafka", broker.secure, "--kafka-ca", certificates.ca, "--kafka-sasl-mechanism", "scram-sha-512"],
    ...["--kafka-username", USER],
  ];
  const secret = { OEE_KAFKA_PASSWORD: PASSWORD };

  test("that is started before anything of this version has run ends and says so", async () => {
    const { code, stderr } = await runOee(["gateway", ...shared(), ...asReader(), "--read-only", "--port", "0"], secret)
      .ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining("OEE_LOG_UNKNOWN_TOPIC")]);
    const store = await openStore({ url: front.url, readOnly: true });
    await expect(store.migrate()).rejects.toMatchObject({ code: "OEE_STORE_SCHEMA_OLDER" });
    await store.close();
    expect(front.changes()).toEqual([]);
  });

  test("shows what there is with rights to read alone, and asks for nothing else", async () => {
    const site = await serve(["gateway", ...shared(), "--kafka", broker.open]);
    served.push(site);
    const get = async (url: string, path: string): Promise<unknown> =>
      (await fetch(`${url}/api/v1${path}`, { headers: { authorization } })).json();
    const scopesOf = async (url: string): Promise<unknown> =>
      ((await get(url, "/plant")) as { scopes: unknown }).scopes;
    const as = { OEE_PASSWORD: PEOPLE_PASSWORD };
    const make = ["token", "create", "office", "--scope", "*", "--may", "read,events:write", "--never"];
    const token = (await oeeOutput([...make, "--url", site.url, "--user", "boss"], as)).trim();
    const authorization = `Bearer ${token}`;
    await until("the token to be known at the site", async () =>
      (await fetch(`${site.url}/api/v1/plant`, { headers: { authorization } })).ok ? true : undefined,
    );
    const scopes = await scopesOf(site.url);
    // What changes from here on nobody but the reader can have asked for.
    await site.end("SIGTERM");
    const before = { changes: front.changes().length, denied: denied().length };

    const reader = await serve(["gateway", ...shared(), ...asReader(), "--read-only"], secret);
    served.push(reader);
    await until("the token to be known", async () => {
      const { status } = await fetch(`${reader.url}/api/v1/plant`, { headers: { authorization } });
      return status === 200 ? true : undefined;
    });
    for (const path of [
      "/live?scope=*",
      "/stops?scope=*&from=2026-03-02T06:00:00Z&to=2026-03-02T07:00:00Z",
      "/entries",
      "/kpis?scope=*&from=2026-03-02T06:00:00Z&to=2026-03-02T07:00:00Z",
    ]) {
      const { status } = await fetch(`${reader.url}/api/v1${path}`, { headers: { authorization } });
      expect([path, status]).toEqual([path, 200]);
    }
    expect(await scopesOf(reader.url)).toEqual(scopes);
    const checkOfLog = async (): Promise<unknown> => {
      const ready = (await (await fetch(`${reader.url}/health/ready`)).json()) as { checks: { name: string }[] };
      return ready.checks.find(({ name }) => name === "log");
    };
    await expect.poll(checkOfLog).toMatchObject({ ok: true });
    const line = JSON.stringify({ machine: FILLER, type: "state", at: Date.now(), state: "running" });
    expect((await postLines(reader.url, [line])).status).toBe(403);
    const signIn = { name: "boss", password: PEOPLE_PASSWORD };
    const headers = { "content-type": "application/json" };
    const asked = await fetch(`${reader.url}/api/v1/session`, {
      method: "POST",
      headers,
      body: JSON.stringify(signIn),
    });
    expect(asked.status).toBe(403);
    await reader.end("SIGTERM");
    expect(denied().slice(before.denied)).toEqual([]);
    expect(front.changes().slice(before.changes)).toEqual([]);
  });

  test("has a log that cannot write, whatever asks it to", async () => {
    const client = kafkaClientOf({ topicPrefix: PREFIX, partitions: 1 }, broker.open);
    const log = openKafkaLog({ client, readOnly: true });
    const topic = `${PREFIX}events`;
    const refused = { code: "OEE_LOG_READ_ONLY" };
    await expect(log.append(topic, [{ key: "a", value: Buffer.from("b") }])).rejects.toMatchObject(refused);
    await expect(log.grow(topic, 100)).rejects.toMatchObject(refused);
    const consuming = { onAssigned: async () => {}, onRevoked: async () => {}, onBatch: async () => {} };
    expect(() => log.consume({ groupId: "g", topics: [topic], ...consuming })).toThrow(/read alone/);
    expect((await log.endsOf(topic)).every(({ endOffset }) => endOffset === 0)).toBe(true);
    await log.close();
    const store = await openStore({ url: front.url, readOnly: true });
    await expect(store.savePlant({ version: "v", loadedAt: 0, text: "" })).rejects.toMatchObject({
      code: "OEE_STORE_READ_ONLY",
    });
    await store.close();
  });

  test("the same user is denied what a gateway that writes asks for: the broker would have told", async () => {
    const before = denied().length;
    const { code, stderr } = await runOee(["gateway", ...shared(), ...asReader(), "--port", "0"], secret).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining("OEE_LOG_ACCESS_DENIED")]);
    await expect.poll(() => denied().length).toBeGreaterThan(before);
  });

  test("a write that the broker denies that user is refused with what to look at", async () => {
    const log = openKafkaLog({
      client: {
        brokers: [broker.secure],
        ssl: { ca: [readFileSync(certificates.ca, "utf8")] },
        sasl: { mechanism: "scram-sha-512", username: USER, password: PASSWORD },
      },
    });
    const denial = { code: "OEE_LOG_ACCESS_DENIED", message: expect.stringContaining("what the user is allowed") };
    const append = log.append(`${PREFIX}shown`, [{ key: "a", value: Buffer.from("b") }]);
    await expect(append).rejects.toMatchObject(denial);
    await log.close();
  });
});
