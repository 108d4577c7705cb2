/**
 * What the audit cannot be told of is not done: the line is written first, so that a process that is killed between line and deed
 * leaves no deed without a line. Here the log takes no line, and then no topic has more than before.
 */
import { type EventLog, openMemoryLog, topics } from "@oee/event-log";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FILLER, HOUR, MINUTE, openGateway, openTestStore, START } from "../../test/gateway-fixture.ts";
import { startSigned } from "../../test/signed-in.ts";
import { type AuditLine, lineIn } from "./audit-line.ts";

const TOPICS = topics("test.", 2);
const POST = "POST";

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());

/** A log that takes no line of the audit while `isFull`. */
function logWithoutAudit(): EventLog & { isFull: boolean } {
  const log = openMemoryLog();
  const append = log.append.bind(log);
  const told = Object.assign(log, { isFull: false });
  told.append = async (topic, records) => {
    if (told.isFull && topic === TOPICS.audit.name) throw new Error("the topic takes nothing");
    return append(topic, records);
  };
  return told;
}

/** How many records topics have, by name. */
async function extent(log: EventLog): Promise<Record<string, number>> {
  const names = [TOPICS.events.name, TOPICS.entries.name, TOPICS.access.name];
  const ends = await Promise.all(names.map(async (name) => [name, await log.endsOf(name)] as const));
  return Object.fromEntries(ends.map(([name, of]) => [name, of.reduce((sum, { endOffset }) => sum + endOffset, 0)]));
}

const ACTION = {
  ...{ type: "action", id: "a7", rev: 1, by: "ben", scope: "berlin/packing/l1", title: "New belt guide" },
  ...{ addresses: "reason:mechanical/jam", opened: "2026-03-02" },
};
const BASELINE = {
  ...{ type: "baseline", id: "b", rev: 1, by: "ben", scope: "berlin", from: "2025-01-01", to: "2025-02-01" },
  ...{ source: "books", figures: { kpis: { oee: 0.6 } } },
};
const CORRECTION = { machine: FILLER, from: START, to: START + MINUTE, reason: "mechanical/jam", by: "anna" };
const CHANGES: readonly (readonly [string, unknown])[] = [
  ["/api/v1/entries", ACTION],
  ["/api/v1/entries", [ACTION, { ...ACTION, id: "a8" }]],
  ["/api/v1/entries", BASELINE],
  ["/api/v1/corrections", CORRECTION],
  ["/api/v1/events", [{ ...CORRECTION, id: "c", type: "correction", at: START + HOUR }]],
];

test("entries, corrections and events with corrections are not taken, and are taken once the audit is told", async () => {
  const log = logWithoutAudit();
  const gateway = await openGateway(store, { log });
  const statuses = (): Promise<readonly number[]> =>
    Promise.all(
      CHANGES.map(async ([path, body]) => {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${gateway.url}${path}`, { method: POST, headers, body: JSON.stringify(body) });
        await answer.text();
        return answer.status;
      }),
    );
  const before = await extent(log);
  log.isFull = true;
  expect((await statuses()).filter((status) => status < 500)).toEqual([]);
  expect(await extent(log)).toEqual(before);
  log.isFull = false;
  expect(await statuses()).toEqual(CHANGES.map(() => 202));
  expect(await extent(log)).toMatchObject({ [TOPICS.events.name]: 2, [TOPICS.entries.name]: 3 });
  await gateway.close();
});

test("tokens, displays and sessions are not made and not ended", async () => {
  const log = logWithoutAudit();
  const gateway = await startSigned(store, { root: ["admin"], eva: ["viewer"] }, { log });
  await gateway.cookieOf("eva");
  const made = JSON.stringify({ name: "line 1", scopes: ["*"], may: ["read"] });
  const token = await gateway.as("root", "/api/v1/tokens", { method: POST, body: made });
  const { id } = (await token.json()) as { readonly id: string };
  const sessions = (await (await gateway.as("root", "/api/v1/sessions")).json()) as { readonly id: string }[];
  const eva = gateway.users.get("eva")?.id ?? "";
  const { code } = (await (await gateway.as(null, "/api/v1/displays/pairings", { method: POST })).json()) as {
    readonly code: string;
  };
  const before = await extent(log);
  log.isFull = true;
  const display = JSON.stringify({ code, name: "hall", scopes: ["*"] });
  const asked = await Promise.all([
    gateway.as("root", "/api/v1/tokens", { method: POST, body: made }),
    gateway.as("root", `/api/v1/tokens/${id}`, { method: "DELETE" }),
    gateway.as("root", `/api/v1/sessions/${sessions[0]?.id}`, { method: "DELETE" }),
    gateway.as("root", `/api/v1/people/${eva}`, { method: "DELETE" }),
    gateway.as("root", `/api/v1/people/${eva}/sessions`, { method: "DELETE" }),
    gateway.as("root", "/api/v1/displays", { method: POST, body: display }),
    gateway.as("eva", "/api/v1/session", { method: "DELETE" }),
  ]);
  expect(asked.map(({ status }) => status).filter((status) => status < 500)).toEqual([]);
  expect(await extent(log)).toEqual(before);
  expect((await gateway.as("eva", "/api/v1/plant")).status).toBe(200);
  await gateway.close();
});

test("of an array of which one is refused, the audit has those that came in", async () => {
  const gateway = await openGateway(store);
  const body = JSON.stringify([
    { ...ACTION, id: "z1" },
    { ...ACTION, id: "z2", rev: 4 },
  ]);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${gateway.url}/api/v1/entries`, { method: POST, headers, body });
  expect(answer.status).toBe(409);
  const lines: AuditLine[] = [];
  const follower = gateway.log.followKeyed({
    topic: gateway.topics.audit.name,
    onBatch: (batch) => {
      for (let i = 0; i < batch.length; i++) lines.push(lineIn(batch.valueAt(i)) as AuditLine);
    },
  });
  const told = (): readonly string[] => lines.map(({ what }) => what).filter((what) => /z\d$/.test(what));
  await expect.poll(told).toEqual(["action/z1"]);
  await follower.close();
  await gateway.close();
});
