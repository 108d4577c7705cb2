/** Entries over HTTP: one order, revisions, conflicts, repeats, and that they are there after a restart. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventLog, openEmbeddedLog, openMemoryLog, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SharedBroker, sharedBroker } from "../../../../tests/kafka/broker.ts";
import { openTestStore, startGateway, type TestGateway } from "../../test/gateway-fixture.ts";
import { saidBy, shownBy } from "../../../../tests/support/sign-in.ts";

const TARGET = { type: "target", id: "oee-26", rev: 1, ...saidBy("anna"), scope: "berlin", measure: "oee", value: 0.8 };
const ACTION = {
  type: "action",
  id: "a7",
  rev: 1,
  ...saidBy("ben"),
  scope: "berlin/packing/l1",
  title: "New belt guide",
  addresses: "reason:mechanical/jam",
  opened: "2026-03-02",
};

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());

async function post(gateway: TestGateway, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${gateway.url}/api/v1/entries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function list(gateway: TestGateway, query = ""): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${gateway.url}/api/v1/entries${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>[];
}

/** Of this process alone on the broker that files share. */
const TOPICS = topics(`entries-${process.pid}.`, 2);
const folders: string[] = [];
let broker: SharedBroker | undefined;
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Kinds of logs: each makes one that can be opened again after it was closed; `outlives`: it then still has its records. */
const LOGS: Readonly<Record<string, () => Promise<{ open: () => Promise<EventLog>; outlives: boolean }>>> = {
  memory: async () => ({ open: async () => openMemoryLog(), outlives: false }),
  embedded: async () => {
    const folder = await mkdtemp(join(tmpdir(), "oee-entries-"));
    folders.push(folder);
    return { open: async () => openEmbeddedLog({ folder }), outlives: true };
  },
  Kafka: async () => {
    broker ??= await sharedBroker();
    const { brokers } = broker;
    return { open: async () => openKafkaLog({ client: { brokers } }), outlives: true };
  },
};

describe.each(Object.entries(LOGS))("on the log %s", (_, opened) => {
  test("RE-1: revisions follow one another, the second of two people gets a conflict, and a restarted gateway has them", async () => {
    const { open, outlives } = await opened();
    const gateway = await startGateway(store, { log: await open(), topics: TOPICS });
    const first = await post(gateway, TARGET);
    expect([first.status, first.body]).toEqual([
      202,
      { accepted: 1, entries: [{ type: "target", id: "oee-26", rev: 1, at: "2026-03-02T13:00:00.000Z" }] },
    ]);
    // A sender that got no answer sends the entry again.
    expect((await post(gateway, TARGET)).status).toBe(202);
    expect(await list(gateway, "?revisions=all")).toHaveLength(1);
    const changed = { ...TARGET, rev: 2, value: 0.82, ...saidBy("ben") };
    expect((await post(gateway, changed)).status).toBe(202);
    const late = await post(gateway, { ...TARGET, rev: 2, value: 0.9, ...saidBy("cora") });
    expect(late).toMatchObject({
      status: 409,
      body: { code: "OEE_HTTP_CONFLICT", newest: { rev: 2, by: shownBy("ben"), value: 0.82 } },
    });
    expect(await list(gateway)).toMatchObject([{ rev: 2, value: 0.82, at: "2026-03-02T13:00:00.000Z" }]);
    expect((await post(gateway, { ...changed, rev: 3, withdrawn: true })).status).toBe(202);
    expect(await list(gateway)).toEqual([]);
    const trail = await list(gateway, "?revisions=all&id=oee-26");
    expect(trail.map(({ rev, by }) => [rev, by])).toEqual([
      [1, shownBy("anna")],
      [2, shownBy("ben")],
      [3, shownBy("ben")],
    ]);
    await gateway.close();
    if (!outlives) return;
    const again = await startGateway(store, { log: await open(), topics: TOPICS });
    expect(await list(again, "?revisions=all&id=oee-26")).toEqual(trail);
    await again.close();
  });

  test("RE-1: of two revisions that come at once at two gateways one is accepted, and both gateways agree which", async () => {
    const { open } = await opened();
    const log = await open();
    const gateways = await Promise.all([
      startGateway(store, { log, topics: TOPICS }),
      startGateway(store, { log, topics: TOPICS }),
    ]);
    const answers = await Promise.all(
      gateways.map((gateway, i) => post(gateway, { ...ACTION, title: `Title of ${i}`, ...saidBy(`person ${i}`) })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    const winner = answers.findIndex(({ status }) => status === 202);
    expect(answers[1 - winner]?.body).toMatchObject({ newest: { title: `Title of ${winner}` } });
    for (const gateway of gateways) expect(await list(gateway)).toMatchObject([{ title: `Title of ${winner}` }]);
    for (const gateway of gateways) await gateway.app.close();
    await log.close();
  });
});

describe("what is refused", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway(store);
  });
  afterAll(() => gateway.close());

  test.each([
    [{ ...TARGET, id: "x", measure: "luck" }, "unknown-measure"],
    [{ ...TARGET, id: "x", scope: "berlin/attic" }, "unknown-scope"],
    [{ ...TARGET, id: "x", baseline: "none" }, "unknown-entry"],
    [{ ...TARGET, id: "x", value: "+5" }, "invalid"],
    [{ ...TARGET, id: "x", at: "2026-03-09T00:00:00Z" }, "invalid"],
    [{ ...ACTION, id: "x", currency: "USD" }, "invalid"],
    [{ type: "wish", id: "x" }, "invalid"],
    [17, "invalid"],
  ])("RE-2: %j is %s, and nothing of it is kept", async (entry, code) => {
    expect(await post(gateway, entry)).toMatchObject({
      status: 422,
      body: { code: "OEE_HTTP_ENTRY_REFUSED", refusal: code },
    });
    expect(await list(gateway, "?revisions=all&id=x")).toEqual([]);
  });

  test("the entries of an array are written a hundred at a time, and so are their lines of the audit", async () => {
    const log = openMemoryLog();
    const appends: string[] = [];
    const counted = new Proxy(log, {
      get(target, name) {
        const own: unknown = Reflect.get(target, name, target);
        if (typeof own !== "function") return own;
        return (...args: unknown[]): unknown => {
          if (name === "append") appends.push(String(args[0]));
          return own.apply(target, args);
        };
      },
    });
    const own = await startGateway(store, { log: counted });
    const { entries, audit } = own.topics;
    appends.length = 0;
    const many = Array.from({ length: 300 }, (_, i) => ({ ...ACTION, id: `many-${i}` }));
    // A revision and a target that name an entry of the same array, and one that is sent twice: it is known.
    const baseline = { type: "baseline", id: "b", rev: 1, ...saidBy("anna"), scope: "berlin" };
    const figures = { from: "2025-01-01", to: "2025-02-01", source: "books", figures: { kpis: { oee: 0.6 } } };
    const more = [
      { ...baseline, ...figures },
      { ...TARGET, id: "of-b", baseline: "b", value: "+5pp" },
      { ...ACTION, id: "many-0", rev: 2, title: "Newer" },
      { ...ACTION, id: "many-1" },
    ];
    const answer = await post(own, [...many, ...more]);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 304 } });
    expect(appends.filter((topic) => topic === entries.name)).toHaveLength(4);
    expect(appends.filter((topic) => topic === audit.name)).toHaveLength(4);
    expect(await list(own, "?id=many-0&revisions=all")).toMatchObject([{ rev: 1 }, { rev: 2, title: "Newer" }]);
    expect(await list(own, "?revisions=all")).toHaveLength(303);
    const lines = await log.readKeyed(audit.name);
    expect([...lines.keys()]).toContain("entry");
    await own.close();
  });

  test("RE-1: arrays that come at once at two gateways: each entry is accepted once, and each answer says which", async () => {
    const log = openMemoryLog();
    const [first, second] = await Promise.all([startGateway(store, { log }), startGateway(store, { log })]);
    const gateways = [first, second];
    const arrayOf = (i: number): object[] =>
      Array.from({ length: 50 }, (_, n) => ({ ...ACTION, id: `at-once-${n}`, title: `Of ${i}`, ...saidBy(`p${i}`) }));
    const said = await Promise.all(gateways.map((each, i) => post(each, arrayOf(i))));
    const all = await list(first, "?revisions=all");
    expect(all).toHaveLength(50);
    for (const [i, { status, body }] of said.entries()) {
      const own = all.filter(({ title }) => title === `Of ${i}`).map(({ id }) => id);
      expect((body["entries"] as { id: string }[]).map(({ id }) => id)).toEqual(own);
      expect(status).toBe(own.length === 50 ? 202 : 409);
    }
    // The audit was told of all that were written, and of those that were refused after all.
    const told: { readonly kind: string; readonly what: string }[] = [];
    const follower = log.followKeyed({
      topic: first.topics.audit.name,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) told.push(JSON.parse(String(batch.valueAt(i))) as (typeof told)[number]);
      },
    });
    const count = (kind: string): number =>
      told.filter((line) => line.kind === kind && line.what.startsWith("action/at-once-")).length;
    await expect.poll(() => count("entry") - count("entry-refused")).toBe(50);
    await follower.close();
    for (const each of gateways) await each.app.close();
    await log.close();
  });

  test("RE-1: an id whose first revision is not 1 is a conflict", async () => {
    expect(await post(gateway, { ...TARGET, rev: 2 })).toMatchObject({ status: 409, body: { newest: null } });
  });

  test("the entries of an array are accepted one after the other, up to the first that is refused", async () => {
    const answer = await post(gateway, [ACTION, { ...ACTION, rev: 3 }, TARGET]);
    expect(answer).toMatchObject({ status: 409, body: { index: 1, entries: [{ id: "a7", rev: 1 }] } });
    expect(await list(gateway, "?scope=berlin/packing")).toMatchObject([{ id: "a7" }]);
    expect(await list(gateway, "?type=target")).toEqual([]);
  });

  test("RE-1: entries that other programs append to the topic have their place in the order, and records that are no entries are passed over", async () => {
    const { entries } = gateway.topics;
    const line = (value: string): { key: string; value: Buffer } => ({ key: "k", value: Buffer.from(value) });
    await gateway.log.append(entries.name, [
      line("no JSON"),
      line(JSON.stringify({ ...TARGET, id: "direct", rev: 2 })),
      line(JSON.stringify({ ...TARGET, id: "direct" })),
    ]);
    expect(await post(gateway, { ...TARGET, id: "direct", rev: 2, value: 0.7 })).toMatchObject({ status: 202 });
    expect(await list(gateway, "?id=direct")).toMatchObject([{ rev: 2, value: 0.7 }]);
  });
});
