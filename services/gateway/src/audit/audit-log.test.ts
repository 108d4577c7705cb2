/**
 * The topic of the audit and the store's table hold the same lines. The loss of lines by one of them is reported, and no second
 * chain is begun: on a real broker whose topic is deleted while gateways run, and with a store that is new or lacks a line.
 */
import { Writable } from "node:stream";
import { allTopics, type EventLog, openMemoryLog, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { AUDIT_ROWS_MAX, type AuditRow, type Store } from "@oee/store";
import kafkajs from "kafkajs";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SharedBroker, sharedBroker } from "../../../../tests/kafka/broker.ts";
import { FILLER, MINUTE, openGateway, openTestStore, START, type TestGateway } from "../../test/gateway-fixture.ts";
import { auditOn, openMemoryTopics, valuesOn } from "../../test/memory-topics.ts";
import { type AuditFacts, bytesOfLine, CHAIN_START, chained, lineIn } from "./audit-line.ts";
import { putBack, restoreAudit } from "./restore-audit.ts";
import { type AuditVerdict, verifyAudit } from "./verify-audit.ts";

const POLL = { interval: 100 };
const TOPICS = topics(`audit-log-${process.pid}.`, 2);
const AUDIT = TOPICS.audit.name;

let store: Store;
let closeStore: () => Promise<void>;
let broker: SharedBroker;
let logged = "";
const logger = pino(
  { level: "warn" },
  new Writable({
    write(chunk: Buffer, _, done) {
      logged += chunk.toString();
      done();
    },
  }),
);

beforeAll(async () => {
  [{ store, close: closeStore }, broker] = await Promise.all([openTestStore(), sharedBroker()]);
});
afterAll(async () => {
  await closeStore();
});

const fix = (minute: number): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    ...{ machine: FILLER, from: START + minute * MINUTE, to: START + (minute + 1) * MINUTE },
    ...{ reason: "mechanical/jam", by: "anna" },
  }),
});

async function correct(gateway: TestGateway, minute: number): Promise<readonly [number, string | undefined]> {
  const answer = await fetch(`${gateway.url}/api/v1/corrections`, fix(minute));
  return [answer.status, ((await answer.json()) as { readonly code?: string }).code];
}

async function endOf(log: EventLog, topic: string): Promise<number> {
  return (await log.endsOf(topic)).reduce((sum, { endOffset }) => sum + endOffset, 0);
}

const RESTORER = { who: "root", from: "here", at: START };

const verdictOf = (log: EventLog, of: Store): Promise<AuditVerdict> =>
  verifyAudit(log, AUDIT, (offset) => of.auditRows({ offset, limit: AUDIT_ROWS_MAX }), null);

test("each line names the newest one that its writer had read, by offset and hash", async () => {
  const on = await openMemoryTopics();
  const audit = auditOn(on, () => START);
  const facts: AuditFacts = {
    ...{ who: "p", kind: "sign-in", what: "", scope: "*", from: "10.0.0.7" },
    ...{ before: null, after: null },
  };
  await audit.write(facts, { ...facts, kind: "correction" });
  await audit.stored();
  await audit.write({ ...facts, kind: "sign-out" });
  const values = await valuesOn(on.log, on.topics.audit.name);
  const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = null] = values;
  // The two that were written together had nothing before them.
  expect(first).toEqual(bytesOfLine({ ...facts, at: START, seen: null }));
  expect(lineIn(second)).toMatchObject({ kind: "correction", seen: null });
  const seen = { offset: 1, hash: chained(chained(CHAIN_START, first), second) };
  expect(lineIn(third)).toEqual({ ...facts, kind: "sign-out", at: START, seen });
});

describe("a topic that was deleted on Kafka", () => {
  test("is reported, changes are refused until its lines are restored, and then the chain goes on", async () => {
    const { brokers } = broker;
    const log = openKafkaLog({ client: { brokers } });
    const gateway = await openGateway(store, { log, logger, topics: TOPICS });
    for (const minute of [0, 1, 2]) expect(await correct(gateway, minute)).toEqual([202, undefined]);
    await expect.poll(async () => (await store.auditExtent()).end, POLL).toBe(3);
    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [AUDIT] });
    await admin.disconnect();
    await expect.poll(() => log.ensureTopics(allTopics(TOPICS)).then(() => "made", String), POLL).toBe("made");
    // Checked at a gateway that is started now and at the one that has been running.
    const otherLog = openKafkaLog({ client: { brokers } });
    const other = await openGateway(store, { log: otherLog, logger, auditAsItIs: true, topics: TOPICS });
    await expect.poll(() => endOf(otherLog, AUDIT).catch(() => -1), POLL).toBe(0);
    const events = await endOf(log, TOPICS.events.name);
    for (const one of [other, gateway]) {
      await expect.poll(() => correct(one, 3), POLL).toEqual([503, "OEE_HTTP_AUDIT_LOST"]);
      const ready = await (await fetch(`${one.url}/health/ready`)).json();
      expect(JSON.stringify(ready)).toContain("oee audit restore");
    }
    expect(logged).toContain("OEE_AUDIT_LOST");
    expect(await endOf(otherLog, AUDIT)).toBe(0);
    expect(await restoreAudit(otherLog, AUDIT, store, RESTORER)).toBe(3);
    for (const one of [other, gateway]) await expect.poll(() => correct(one, 3), POLL).toEqual([202, undefined]);
    await expect.poll(async () => (await store.auditExtent()).end, POLL).toBe(await endOf(otherLog, AUDIT));
    expect((await verdictOf(otherLog, store)).faults).toEqual([]);
    const [told] = await store.auditRows({ offset: 3, limit: 1 });
    expect(told).toMatchObject({ kind: "audit-restored", who: "root", from: "here" });
    expect(JSON.parse(told?.raw ?? "")).toMatchObject({ after: { lines: 3 }, seen: { offset: 2 } });
    expect(await endOf(log, TOPICS.events.name)).toBeGreaterThan(events);
    await other.close();
    await gateway.close();
  });
});

describe("a store that lacks lines", () => {
  let rows: readonly AuditRow[];
  let log: EventLog;
  // A process can have one embedded store open.
  beforeAll(async () => {
    rows = await store.auditRows({ limit: AUDIT_ROWS_MAX });
    await closeStore();
    log = openMemoryLog();
    await log.ensureTopics(allTopics(TOPICS));
    await putBack(log, AUDIT, holding(rows));
  });
  afterAll(() => log.close());

  test.each([
    ["all of them is told, and has them again from the topic", () => [], "OEE_AUDIT_STORE_GAPS"],
    ["one of them is told, and has it again", () => rows.toSpliced(1, 1), "OEE_AUDIT_STORE_GAPS"],
    [
      "none, but its newest is another than the topic's, says so",
      () => [...rows].map(withOtherHash),
      "OEE_AUDIT_ALTERED",
    ],
  ])("%s", async (_, left, code) => {
    const other = await openTestStore();
    await other.store.insertAudit(left());
    logged = "";
    const gateway = await openGateway(other.store, { log, logger, topics: TOPICS });
    try {
      await expect.poll(() => logged, POLL).toContain(code);
      await expect.poll(async () => (await other.store.auditExtent()).lines, POLL).toBe(rows.length);
      const { faults } = await verdictOf(log, other.store);
      expect(faults.length).toBe(code === "OEE_AUDIT_ALTERED" ? rows.length : 0);
    } finally {
      await gateway.app.close();
      await other.close();
    }
  });
});

function withOtherHash(row: AuditRow): AuditRow {
  return { ...row, hash: row.hash.replace(/.$/, (last) => (last === "0" ? "1" : "0")) };
}

/** A store that has these lines. */
function holding(rows: readonly AuditRow[]): Pick<Store, "auditRows"> {
  return {
    auditRows: ({ offset = 0, limit }) => Promise.resolve(rows.filter((row) => row.offset >= offset).slice(0, limit)),
  };
}
