/** Names of people are kept apart from what they did, for as long as `namesKeptMs` says, and with pseudonyms are in no answer. */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { formatInstant } from "@oee/model";
import type { Store } from "@oee/store";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FILLER, HOUR, openTestStore, START, storeHistory } from "../../test/gateway-fixture.ts";
import { AGREED, GOOD_REQUESTS, REVIEWED } from "../../test/requests.ts";
import { type SignedGateway, startSigned } from "../../test/signed-in.ts";
import { Access } from "./access.ts";

const DAY_MS = 86_400_000;
const NAME = "Zacharias";
const ROLES = { [NAME]: ["admin"] };
const FORMATS = ["application/json", "text/csv", "application/vnd.apache.arrow.stream"];
const NUMBERS = ["kpis", "losses", "pareto", "stops"].map((route) => `/api/v1/${route}?from=${START}&to=now`);

let store: Store;
let closeStore: () => Promise<void>;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, REVIEWED, START + 8 * HOUR, 1n);
});
afterAll(() => closeStore());

test("a name is erased when its time is over, and the audit has a line of it before", async () => {
  const log = openMemoryLog();
  const { access: topic, ...others } = topics("test.", 2);
  await log.ensureTopics(allTopics({ access: topic, ...others }));
  let now = START;
  const told: string[] = [];
  const access = new Access(
    { users: () => new Map(), namesKeptMs: 90 * DAY_MS, clock: () => now },
    {
      ...{ log, topic: topic.name, logger: pino({ level: "silent" }), readOnly: false },
      onNameOver: (person) => {
        told.push(`${person} ${access.names.of(person)}`);
        return Promise.resolve();
      },
    },
  );
  const [seldom, often] = ["person-aaaaaaaaaaaaaaaaaaaaaaaa", "person-bbbbbbbbbbbbbbbbbbbbbbbb"];
  try {
    await access.names.note(seldom, "Seldom");
    await access.names.note(often, "Often");
    now += 89 * DAY_MS;
    await access.names.note(often, "Often");
    await access.sweep();
    expect([told, access.names.shown(`${seldom} ${often}`)]).toEqual([[], "Seldom Often"]);
    now += DAY_MS;
    await access.sweep();
    expect(told).toEqual([`${seldom} Seldom`]);
    expect(access.names.shown(`${seldom} ${often}`)).toBe(`${seldom} Often`);
    // The topic does not hold the name any more either.
    const kept = await log.readKeyed(topic.name);
    expect([...kept.keys()]).toEqual([`person/${often}`]);
  } finally {
    await access.close();
    await log.close();
  }
});

/** A supervisor enters an action and a correction. */
async function acts(gateway: SignedGateway, id: string): Promise<void> {
  const action = { type: "action", id, rev: 1, scope: "berlin", title: "Guide", addresses: "oee" };
  const entered = await gateway.as(NAME, "/api/v1/entries", { method: "POST", body: JSON.stringify(action) });
  expect(entered.status).toBe(202);
  const fix = { machine: FILLER, from: START + HOUR, to: START + 2 * HOUR, reason: "mechanical/jam" };
  const fixed = await gateway.as(NAME, "/api/v1/corrections", { method: "POST", body: JSON.stringify(fix) });
  expect(fixed.status).toBe(202);
  const person = gateway.users.get(NAME)?.id ?? "";
  await expect.poll(() => store.auditRows({ who: person, kind: "correction", limit: 1 })).toHaveLength(1);
}

const textsOf = async (gateway: SignedGateway, urls: readonly string[]): Promise<string[]> =>
  Promise.all(urls.map(async (url) => (await gateway.as(NAME, url)).text()));

describe("a person who is erased", () => {
  test("leaves every number as it is, and what they did carries an identifier without a name", async () => {
    const gateway = await startSigned(store, { ...ROLES, root: ["admin"] });
    const person = gateway.users.get(NAME)?.id ?? "";
    const asRoot = (url: string): Promise<string> => gateway.as("root", url).then((answer) => answer.text());
    try {
      await acts(gateway, "erased");
      const numbers = await Promise.all(NUMBERS.map(asRoot));
      expect(await asRoot("/api/v1/entries")).toContain(NAME);
      expect((await gateway.as("root", `/api/v1/people/${person}`, { method: "DELETE" })).status).toBe(200);
      expect(await Promise.all(NUMBERS.map(asRoot))).toEqual(numbers);
      for (const url of ["/api/v1/entries?revisions=all", "/api/v1/audit", "/api/v1/people", "/api/v1/sessions"]) {
        const text = await asRoot(url);
        expect([url, text.includes(NAME)]).toEqual([url, false]);
        if (/entries|audit/.test(url)) expect([url, text.includes(person)]).toEqual([url, true]);
      }
    } finally {
      await gateway.close();
    }
  });
});

test("every export of a table that names somebody is a line of the audit, whichever route gives it", async () => {
  const gateway = await startSigned(store, ROLES);
  const by = gateway.users.get(NAME)?.id;
  const half = HOUR / 2;
  // A reason, and a stop that still needs one: each names who corrected it.
  const corrected = [
    { type: "correction", machine: FILLER, from: START + HOUR, to: START + HOUR + half, reason: "mechanical", by },
    { type: "correction", machine: FILLER, from: START + 3 * HOUR, to: START + 3 * HOUR + half, state: "down", by },
  ];
  await storeHistory(
    store,
    [...REVIEWED, ...corrected.map((one) => ({ ...one, at: START + 7 * HOUR }))],
    START + 8 * HOUR,
    2n,
  );
  try {
    await acts(gateway, "told");
    const entries = [
      { type: "closing", id: "told", rev: 1, scope: "berlin", until: "2026-03-02" },
      { type: "action", id: "owned", rev: 1, scope: "berlin", title: "Guide", addresses: "oee", owner: NAME },
    ];
    const entered = await gateway.as(NAME, "/api/v1/entries", { method: "POST", body: JSON.stringify(entries) });
    expect(entered.status).toBe(202);
    const lines = async (): Promise<number> =>
      (await gateway.log.endsOf(gateway.topics.audit.name)).reduce((sum, { endOffset }) => sum + endOffset, 0);
    const naming: string[] = [];
    for (const [route, [url]] of Object.entries(GOOD_REQUESTS)) {
      if (!route.startsWith("get ")) continue;
      for (const accept of FORMATS.slice(1)) {
        const before = await lines();
        const answer = await gateway.as(NAME, url, { headers: { accept } });
        const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");
        const isTable = answer.headers.get("content-type")?.startsWith(accept) === true;
        if (!isTable || !/Zacharias|person-/.test(text)) continue;
        naming.push(route);
        expect([url, accept, await lines()]).toEqual([url, accept, before + 1]);
      }
    }
    expect([...new Set(naming)].toSorted()).toEqual([
      "get /api/v1/actions",
      "get /api/v1/audit",
      "get /api/v1/closings",
      "get /api/v1/reasons/missing",
      "get /api/v1/stops",
    ]);
    // A page that makes a CSV file itself reports it by POST /exports.
    const taken = { table: "withdrawn", scope: "berlin", format: "csv", from: START, to: START + HOUR };
    const body = JSON.stringify({ ...taken, from: formatInstant(taken.from), to: formatInstant(taken.to) });
    const before = await lines();
    expect((await gateway.as(NAME, "/api/v1/exports", { method: "POST", body })).status).toBe(202);
    expect(await lines()).toBe(before + 1);
    const told = async (): Promise<readonly string[]> =>
      (await store.auditRows({ kind: "personal-data-exported", limit: 1_000 })).map(
        ({ raw }) => (JSON.parse(raw) as { after: { table: string } }).after.table,
      );
    await expect
      .poll(told)
      .toEqual(expect.arrayContaining(["actions", "audit", "closings", "missing-reasons", "stops"]));
  } finally {
    await gateway.close();
  }
});

describe("with pseudonyms", () => {
  test("no answer names anybody, in any format, except that about oneself and the list of people, which the audit records", async () => {
    const gateway = await startSigned(store, ROLES, { signIn: { pseudonyms: true } });
    try {
      const entries = AGREED.map((entry) => ({ key: null, value: Buffer.from(JSON.stringify(entry)) }));
      await gateway.log.append(gateway.topics.entries.name, entries);
      await acts(gateway, "pseudonym");
      const urls = Object.entries(GOOD_REQUESTS).flatMap(([route, [url]]) => (route.startsWith("get ") ? [url] : []));
      for (const url of [...urls, "/api/v1/entries?revisions=all", "/api/v1/sessions", "/api/v1/tokens"]) {
        if (url.endsWith("/session")) continue;
        for (const accept of FORMATS) {
          const answer = await gateway.as(NAME, url, { headers: { accept } });
          const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");
          expect([url, accept, text.includes(NAME)]).toEqual([url, accept, false]);
        }
      }
      expect((await textsOf(gateway, ["/api/v1/session", "/api/v1/people"])).every((text) => text.includes(NAME))).toBe(
        true,
      );
      const people = async (): Promise<number> =>
        (await store.auditRows({ kind: "personal-data-exported", limit: 1_000 })).filter(({ raw }) =>
          raw.includes('"people"'),
        ).length;
      await expect.poll(people).toBeGreaterThan(0);
    } finally {
      await gateway.close();
    }
  });
});
