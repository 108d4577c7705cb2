/**
 * Alerts from stored stops to the people who own them: found, sent by mail and by signed webhook, acknowledged, withdrawn,
 * and never sent twice, whichever gateway looks.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openMemoryLog, type EventLog } from "@oee/event-log";
import { formatInstant } from "@oee/model";
import { boundOfBucket, bucketOf } from "@oee/review";
import type { LiveElement, LiveMessage } from "@oee/protocol";
import type { Store } from "@oee/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  eventAt,
  FILLER,
  HOUR,
  LABELLER,
  liveRecord,
  MINUTE,
  openTestStore,
  plantOf,
  PLANT_TEXT,
  recordsOf,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { type Mail, startMailServer, type TestMailServer } from "../../test/mail-server.ts";
import { startSigned } from "../../test/signed-in.ts";
import type { Keeper } from "./keeper.ts";
import type { Receiver } from "./options.ts";
import { signatureOf } from "./send.ts";
import { keptBy, saidBy } from "../../../../tests/support/sign-in.ts";

/** The fixture's plant with rules of more kinds; the rule `long` is for stops of 20 min. */
const RULES = plantOf(
  PLANT_TEXT.replace(
    "alerts: [{",
    `alerts:
  - { id: quiet, kind: silent, scope: berlin/packing/l1/labeller, for: 15m, chain: none }
  - { id: low, kind: kpi, scope: berlin/packing/l1/filler, measure: availability, window: 1h, below: 0.5, for: 5m, clear: 0.1, chain: none }
  - { id: slow, kind: late, scope: berlin/packing/l1, hop: log, p95: 2s, for: 2m, chain: none }
  - {`,
  )
    .replace("for: 20m, chain: stop }]", "for: 20m, chain: stop }")
    // No role is `consulted`: a step to it is left out.
    .replace("chains: {", "chains: { none: [{ after: 0, to: consulted }],"),
);

interface Post {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let opened: { readonly store: Store; readonly close: () => Promise<void> };
let log: EventLog;
let smtp: TestMailServer;
let hook: Server;
let mails: readonly Mail[];
let posts: Post[];
let hookStatus: number;
const gateways: TestGateway[] = [];

beforeEach(async () => {
  opened = await openTestStore();
  log = openMemoryLog();
  [posts, hookStatus] = [[], 200];
  smtp = await startMailServer();
  ({ mails } = smtp);
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString("utf8")));
    request.on("end", () => {
      if (hookStatus < 300) posts.push({ headers: request.headers, body });
      response.writeHead(hookStatus).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.app.close();
  await log.close();
  await smtp.close();
  await new Promise((resolve) => hook.close(resolve));
  await opened.close();
});

function receivers(): ReadonlyMap<string, readonly Receiver[]> {
  const { port } = hook.address() as AddressInfo;
  return new Map<string, readonly Receiver[]>([
    [
      "fitter",
      [
        { by: "email", to: "fitter@example.org" },
        { by: "webhook", to: `http://127.0.0.1:${port}/fitter`, secret: "s3cret" },
      ],
    ],
    ["boss", [{ by: "email", to: "boss@example.org" }]],
  ]);
}

/** A worker speaks of all machines, the next time within months. */
function speakOfAll({ live }: TestGateway): void {
  const record = { since: null, lastEventAt: null, nextWithinMs: 100 * 24 * HOUR };
  for (const { id } of RULES.plant.machines) live.publish(liveRecord(id, START, record));
}

/** `spokenOf`: whether a worker speaks of the machines. */
async function gatewayAt(now: number, spokenOf = true): Promise<TestGateway & { readonly keeper: Keeper }> {
  const { mail } = smtp;
  const gateway = await startGateway(opened.store, {
    log,
    keeper: {
      addresses: () => ({ roles: receivers(), mail, url: "https://oee.example.org" }),
      tooLateMs: HOUR,
      lookEveryMs: null,
    },
  });
  gateway.now = now;
  gateway.plant = RULES;
  gateways.push(gateway);
  if (spokenOf) speakOfAll(gateway);
  const { keeper } = gateway.app;
  if (keeper === null) throw new Error("no keeper");
  return Object.assign(gateway, { keeper });
}

/** Waits until the gateway is on duty, and has its keeper look for alerts. */
async function look({ keeper }: { readonly keeper: Keeper }): Promise<void> {
  await expect.poll(() => keeper.isOnDuty).toBe(true);
  await keeper.look();
}

async function get(gateway: TestGateway, path: string): Promise<unknown> {
  return (await fetch(`${gateway.url}/api/v1${path}`)).json();
}

/** The filler runs, then stands still from 07:00 local on. */
const STOPPED = [
  eventAt(FILLER, 0, { type: "state", state: "running" }),
  eventAt(FILLER, 60, { type: "state", state: "down", reason: "mechanical/jam" }),
];
const TICKET = `long/${FILLER}@${formatInstant(START + HOUR)}`;
let version = 1n;

async function store(events: readonly object[], now: number): Promise<void> {
  await storeHistory(opened.store, events, now, ++version);
}

/** Stores raw events of the labeller. */
function storeEvents(...events: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  return opened.store.insertEvents(
    events.map((event, offset) => {
      const at = Date.parse(String(event["at"]));
      const place = { topic: "test.events", partition: 0, offset, index: 0, receivedAt: at };
      return { machine: LABELLER, type: "state", at, ...place, id: null, repeat: false, raw: JSON.stringify(event) };
    }),
  );
}

test("AL-1, AL-3, AL-4: a stop reaches its first step by mail and signed webhook, is acknowledged, and goes no further", async () => {
  const opens = START + HOUR + 20 * MINUTE;
  await store(STOPPED, opens - MINUTE);
  const gateway = await gatewayAt(opens - MINUTE);
  await look(gateway);
  expect(mails).toEqual([]);
  await store(STOPPED, opens + MINUTE);
  gateway.now = opens + MINUTE;
  await gateway.keeper.look();
  await gateway.keeper.look();
  expect(mails.map(({ to }) => to)).toEqual(["fitter@example.org"]);
  const text = mails[0]?.text ?? "";
  expect(text).toContain("Subject: [OEE] Filler stands still, since 2026-03-02 07:20 (Europe/Berlin)");
  expect(text).toContain(TICKET);
  expect(text).toContain(`https://oee.example.org/wall/${FILLER}`);

  const [post, ...more] = posts;
  expect(more).toEqual([]);
  if (post === undefined) throw new Error("no post");
  const { headers, body } = post;
  const key = `${TICKET}#0#step`;
  expect(JSON.parse(body)).toMatchObject({
    key,
    kind: "step",
    roles: ["fitter"],
    alert: { ticket: TICKET, kind: "stop" },
  });
  expect(decodeURIComponent(String(headers["oee-key"]))).toBe(key);
  expect(headers["oee-timestamp"]).toBe(String(Math.floor(gateway.now / 1000)));
  expect(headers["oee-signature"]).toBe(signatureOf("s3cret", String(headers["oee-timestamp"]), body));

  const shown = await get(gateway, "/live?scope=berlin/packing/l1");
  expect(shown).toMatchObject({ elements: [{ alerts: [{ ticket: TICKET, state: "open", owner: "boss" }] }] });

  const path = `/alerts/${encodeURIComponent(TICKET)}`;
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...saidBy("fred"), note: "on the way" }),
  };
  expect((await fetch(`${gateway.url}/api/v1${path}/acknowledgements`, init)).status).toBe(202);
  gateway.now = opens + 2 * HOUR;
  await store(STOPPED, gateway.now);
  await gateway.keeper.look();
  // The second step, after an hour, is not due: the alert was acknowledged.
  expect(mails).toHaveLength(1);
  const answer = await get(gateway, path);
  expect(answer).toMatchObject({
    ticket: TICKET,
    kind: "stop",
    state: "acknowledged",
    opens: formatInstant(opens),
    withdrawn: null,
    messages: [
      { key, state: "sent", why: null, deliveries: [{ by: "email", to: "fitter@example.org" }, { by: "webhook" }] },
    ],
  });
  // The address of a webhook may be a secret.
  expect(JSON.stringify(answer)).not.toContain('/fitter"');
  expect(await get(gateway, `/alerts?scope=berlin&from=${START}&state=acknowledged`)).toEqual([answer]);
});

test("AL-4: a restart sends nothing twice, nor does a second gateway beside the first", async () => {
  const now = START + HOUR + 25 * MINUTE;
  await store(STOPPED, now);
  const first = await gatewayAt(now);
  await look(first);
  expect([mails.length, posts.length]).toEqual([1, 1]);
  const second = await gatewayAt(now + MINUTE);
  await second.keeper.look();
  expect(second.keeper.isOnDuty).toBe(false);
  // The second gateway shows what the one on duty has stored.
  expect(second.keeper.shown.map(({ ticket }) => ticket)).toEqual([TICKET]);
  await first.app.close();
  gateways.splice(gateways.indexOf(first), 1);
  await look(second);
  expect([mails.length, posts.length]).toEqual([1, 1]);
  second.now = now + 61 * MINUTE;
  await store(STOPPED, second.now);
  await second.keeper.look();
  expect(mails.map(({ to }) => to)).toEqual(["fitter@example.org", "boss@example.org"]);
});

test("AL-4: an import of old history sends no message, and the messages are recorded as not sent", async () => {
  const now = START + HOUR + 20 * MINUTE + 61 * MINUTE + HOUR;
  await store([...STOPPED, eventAt(FILLER, 90, { type: "state", state: "running" })], now);
  const gateway = await gatewayAt(now);
  await look(gateway);
  expect([mails, posts]).toEqual([[], []]);
  expect(await get(gateway, `/alerts/${encodeURIComponent(TICKET)}`)).toMatchObject({
    state: "resolved",
    messages: [{ key: `${TICKET}#0#step`, state: "not-sent", why: "too late", deliveries: [] }],
  });
});

test("AL-4: an alert whose condition late events take back is withdrawn, and its receivers get a message about that", async () => {
  const now = START + HOUR + 25 * MINUTE;
  await store(STOPPED, now);
  const gateway = await gatewayAt(now);
  await look(gateway);
  expect(mails).toHaveLength(1);
  // Late events show that the machine ran all the while.
  await opened.store.retractStops(
    { machine: FILLER, from: 0, to: now },
    { version: ++version, plantVersion: RULES.plant.version },
  );
  await store(STOPPED.slice(0, 1), now + MINUTE);
  gateway.now = now + MINUTE;
  await gateway.keeper.look();
  await gateway.keeper.look();
  expect(mails).toHaveLength(2);
  expect(mails[1]?.text).toContain("Subject: [OEE] Withdrawn: Filler stands still");
  expect(posts).toHaveLength(2);
  const answer = await get(gateway, `/alerts/${encodeURIComponent(TICKET)}`);
  expect(answer).toMatchObject({
    withdrawn: formatInstant(gateway.now),
    messages: [{ kind: "step" }, { kind: "withdrawal" }],
  });
  expect(await get(gateway, "/live?scope=berlin")).toMatchObject({ elements: [{ alerts: [] }] });
});

/** `long`, whose second step is due after 30 h, and missing reasons. */
const WHY = plantOf(
  PLANT_TEXT.replace("{ after: 1h, to: boss }", "{ after: 30h, to: boss }").replace(
    "alerts: [{",
    "alerts: [{ id: why, kind: no-reason, for: 10m, chain: stop }, {",
  ),
);

/** Stores raw events of the filler, which say when reasons were given (RS-2). */
function storeRaw(events: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  return opened.store.insertEvents(
    events.map((event, offset) => {
      const at = Date.parse(String(event["at"]));
      const place = { topic: "test.events", partition: 1, offset, index: 0, receivedAt: at };
      const type = event["type"] === "correction" ? "correction" : "state";
      return { machine: FILLER, type, at, ...place, id: null, repeat: false, raw: JSON.stringify(event) };
    }),
  );
}

async function restore(events: readonly Readonly<Record<string, unknown>>[], now: number): Promise<void> {
  const stamp = { version: ++version, plantVersion: WHY.plant.version };
  await opened.store.retractStops({ machine: FILLER, from: 0, to: now }, stamp);
  await store(events, now);
  await storeRaw(events);
}

test("AL-1, AL-4: a reason that is given, or taken back, weeks later changes the alert that is shown", async () => {
  const DAY = 24 * HOUR;
  const unexplained = [
    eventAt(FILLER, 0, { type: "state", state: "running" }),
    eventAt(FILLER, 60, { type: "state", state: "down" }),
    eventAt(FILLER, 90, { type: "state", state: "running" }),
    eventAt(FILLER, 120, { type: "state", state: "down" }),
    eventAt(FILLER, 150, { type: "state", state: "running" }),
    eventAt(FILLER, 180, { type: "state", state: "down" }),
    eventAt(FILLER, 210, { type: "state", state: "running" }),
  ];
  const now = START + 4 * HOUR;
  await restore(unexplained, now);
  const gateway = await gatewayAt(now);
  gateway.plant = WHY;
  await look(gateway);
  const shownOf = (rule: string): readonly unknown[] =>
    gateway.keeper.shown
      .filter((alert) => alert.rule === rule)
      .map(({ opens, resolves, withdrawn }) => [(opens - START) / MINUTE, resolves, withdrawn]);
  const open = [73, 133, 193].map((minute) => [minute, null, null]);
  expect(shownOf("why")).toEqual(open);
  // Nobody explains anything for twenty days.
  gateway.now = START + 20 * DAY;
  await gateway.keeper.look();
  expect(shownOf("why")).toEqual(open);
  // The first stop is explained; the second becomes time without orders, which needs no reason.
  const [minute, said] = [20 * 24 * 60, formatInstant(START + 20 * DAY)];
  const correct = (from: number, reason: string): ReturnType<typeof eventAt> => {
    const span = { from: formatInstant(START + from * MINUTE), to: formatInstant(START + (from + 30) * MINUTE) };
    return eventAt(FILLER, minute, { type: "correction", ...span, reason });
  };
  gateway.now += 2 * HOUR;
  await restore([...unexplained, correct(60, "mechanical/jam"), correct(120, "no-orders")], gateway.now);
  await gateway.keeper.look();
  expect(shownOf("why")).toEqual([
    [73, Date.parse(said), null],
    [133, null, gateway.now],
    [193, null, null],
  ]);
});

test("AL-4: an alert that is still open after more than a day is withdrawn where a correction shows that there was no stop", async () => {
  const now = START + 2 * HOUR;
  await restore(STOPPED, now);
  const gateway = await gatewayAt(now);
  gateway.plant = WHY;
  await look(gateway);
  const of = (): unknown => gateway.keeper.shown.map(({ ticket, withdrawn }) => [ticket, withdrawn]);
  expect(of()).toEqual([[TICKET, null]]);
  expect(mails).toHaveLength(1);
  gateway.now = START + 30 * HOUR;
  const span = { from: formatInstant(START + HOUR), to: formatInstant(gateway.now) };
  const correction = eventAt(FILLER, 29 * 60, { type: "correction", ...span, reason: "no-orders" });
  await restore([...STOPPED, correction], gateway.now);
  await gateway.keeper.look();
  expect(of()).toEqual([[TICKET, gateway.now]]);
  gateway.now = START + 32 * HOUR;
  await gateway.keeper.look();
  // The withdrawal, and not the step that would have been due after 30 h.
  expect(mails.map(({ text }) => /Subject: .*/.exec(text)?.[0]?.slice(0, 24))).toEqual([
    "Subject: [OEE] Filler st",
    "Subject: [OEE] Withdrawn",
  ]);
});

test("AL-4: a receiver that refuses a message is tried again; receivers that took it do not get it again", async () => {
  const now = START + HOUR + 20 * MINUTE + 1_000;
  await store(STOPPED, now);
  hookStatus = 503;
  const gateway = await gatewayAt(now);
  await look(gateway);
  expect([mails.length, posts.length]).toEqual([1, 0]);
  const ticket = `/alerts/${encodeURIComponent(TICKET)}`;
  expect(await get(gateway, ticket)).toMatchObject({
    messages: [
      { state: "sending", why: expect.stringMatching(/^http:\/\/127.0.0.1:\d+\/#[0-9a-f]{8} answered 503$/) as string },
    ],
  });
  hookStatus = 200;
  // The pauses between tries grow.
  await gateway.keeper.look();
  expect(posts).toHaveLength(0);
  gateway.now += 6_000;
  await gateway.keeper.look();
  expect([mails.length, posts.length]).toEqual([1, 1]);
  expect(await get(gateway, ticket)).toMatchObject({ messages: [{ state: "sent", why: null }] });
});

test("an alert is told at once to screens of its scope and of those above, also in brief, and to who sees a part of the plant", async () => {
  const opens = START + HOUR + 20 * MINUTE;
  await store(STOPPED, opens - MINUTE);
  const keeping = {
    addresses: () => ({ roles: new Map(), mail: null, url: null }),
    tooLateMs: HOUR,
    lookEveryMs: null,
  };
  const gateway = await startSigned(
    opened.store,
    { anna: ["viewer@berlin/packing/l1"], root: ["admin"] },
    { log, keeper: keeping },
  );
  gateways.push(gateway);
  gateway.now = opens - MINUTE;
  const { keeper } = gateway.app;
  if (keeper === null) throw new Error("no keeper");
  speakOfAll(gateway);
  await look({ keeper });
  const asked = [
    ["anna", { scopes: ["*", FILLER, LABELLER], windows: [] }],
    ["root", { scopes: ["*", "berlin/packing/l2"], windows: [], machinesOf: ["berlin/packing/l1"] }],
  ] as const;
  const screens = [];
  for (const [name, request] of asked) {
    const socket = liveSocket(gateway.url, {
      extraHeaders: { cookie: await gateway.cookieOf(name) },
      reconnection: false,
    });
    const got: LiveElement[][] = [];
    for (const kind of ["snapshot", "update"]) socket.on(kind, ({ elements }: LiveMessage) => got.push([...elements]));
    socket.emit("subscribe", request);
    await expect.poll(() => got.length).toBe(1);
    screens.push({ socket, got });
  }
  await store(STOPPED, opens + MINUTE);
  gateway.now = opens + MINUTE;
  await keeper.look();
  for (const { socket, got } of screens) {
    await expect.poll(() => got.length).toBe(2);
    const alerts = got[1]?.map(({ scope, alerts: open = [] }) => [scope, ...open.map(({ ticket }) => ticket)]);
    expect(alerts).toEqual([
      ["*", TICKET],
      [FILLER, TICKET],
    ]);
    socket.disconnect();
  }
});

test("AL-1: a silent machine, a window below its limit and late events have alerts too", async () => {
  const now = START + 2 * HOUR + 20 * MINUTE;
  const labelled = eventAt(LABELLER, 100, { type: "state", state: "running" });
  await store([...STOPPED, labelled], now);
  await storeEvents(labelled);
  const gateway = await gatewayAt(now);
  const heardAt = START + 100 * MINUTE;
  gateway.live.publish(liveRecord(LABELLER, now, { lastEventAt: heardAt }));
  await look(gateway);
  const silent = `quiet/${LABELLER}@${formatInstant(heardAt)}`;
  const kinds = (): readonly string[] => gateway.keeper.shown.map(({ ticket, state }) => `${ticket} ${state}`);
  expect(kinds()).toContain(`${silent} open`);
  // The stop fills the window of an hour from 08:00 on; availability is below a half since 07:31, and has been for 5 minutes at 07:36.
  const low = `low/${FILLER}:availability:1h@${formatInstant(START + 96 * MINUTE)}`;
  expect(kinds()).toContain(`${low} open`);
  expect(await get(gateway, `/alerts?scope=${FILLER}&from=${START}`)).toMatchObject([
    { ticket: TICKET },
    { ticket: low, kind: "kpi" },
  ]);
  // AL-5: counted by rule, in the order of the plant file.
  expect(await get(gateway, `/alert-rules?from=${START}`)).toMatchObject([
    { rule: "quiet", alerts: 1, open: 1, withdrawn: 0, medianToResolve: null, steps: [] },
    { rule: "low", alerts: 1, open: 1 },
    { rule: "slow", alerts: 0, noise: false },
    { rule: "long", alerts: 1, open: 1, steps: [1, 1] },
  ]);

  // The machine sends events again; only its stored events say when the silence ended.
  const back = { ...eventAt(LABELLER, 139, { type: "state", state: "running" }) };
  await storeEvents(labelled, back);
  gateway.now += MINUTE;
  gateway.live.publish(liveRecord(LABELLER, gateway.now, { lastEventAt: START + 139 * MINUTE }));
  await gateway.keeper.look();
  expect(kinds()).toContain(`${silent} resolved`);

  // In each minute an event arrives that took 3 s to the log.
  const slow = (): boolean => gateway.keeper.shown.some(({ kind, state }) => kind === "late" && state === "open");
  for (let minute = 0; minute < 4; minute++) {
    const loggedAt = gateway.now;
    gateway.live.publish(
      liveRecord(FILLER, gateway.now, { latency: { eventAt: loggedAt - 3_000, loggedAt, computedAt: loggedAt } }),
    );
    gateway.now += MINUTE;
  }
  await gateway.keeper.look();
  expect(slow()).toBe(true);
  const counts = await opened.store.latencies({ machines: [FILLER], period: { from: START, to: START + 4 * HOUR } });
  expect(counts.find(({ hop }) => hop === "log")).toMatchObject({ count: 4 });

  // SC-3, TG-5: a latency is a measure that can have a target.
  const target = { type: "target", id: "fast", rev: 1, scope: FILLER, measure: "latency:log:95", value: 2_000 };
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(target) };
  expect((await fetch(`${gateway.url}/api/v1/entries`, init)).status).toBe(202);
  const bound = boundOfBucket(bucketOf(3_000));
  expect(await get(gateway, `/review?scope=${FILLER}&period=2026-03-02`)).toMatchObject({
    measures: { "latency:log:95": { goal: 2_000, achieved: bound, status: "missed", counts: true } },
  });
});

test("AL-1: a machine whose events are not computed up to now has no new alert, and keeps those it has", async () => {
  const now = START + 3 * HOUR;
  const heardAt = START + 139 * MINUTE;
  const gateway = await gatewayAt(now);
  const last = eventAt(LABELLER, 139, { type: "state", state: "running" });
  await storeEvents(last);
  // The worker was away for 40 minutes, and says what it knew when it began to catch up.
  gateway.live.publish(liveRecord(LABELLER, heardAt + 1_000, { lastEventAt: heardAt }));
  await look(gateway);
  const quiet = async (): Promise<readonly string[]> => {
    const live = gateway.keeper.shown.filter(({ rule }) => rule === "quiet").map(({ state }) => state);
    const ticket = `quiet/${LABELLER}@${formatInstant(heardAt)}`;
    const [one, all, counts] = await Promise.all(
      [`/alerts/${encodeURIComponent(ticket)}`, `/alerts?from=${START}`, `/alert-rules?from=${START}`].map((path) =>
        get(gateway, path),
      ),
    );
    expect(all).toEqual(live.length === 0 ? [] : [one]);
    expect(counts).toContainEqual(expect.objectContaining({ rule: "quiet", alerts: live.length }));
    return live;
  };
  expect(await quiet()).toEqual([]);
  gateway.live.publish(liveRecord(LABELLER, now, { lastEventAt: heardAt }));
  await gateway.keeper.look();
  expect(await quiet()).toEqual(["open"]);
  // Its worker is away again, while its next event is in the store already.
  await storeEvents(last, eventAt(LABELLER, 150, { type: "state", state: "running" }));
  gateway.now += HOUR;
  await gateway.keeper.look();
  expect(await quiet()).toEqual(["open"]);
});

test("AL-1: a machine of which no worker has spoken yet has no new alert, nor has a scope that it stands for", async () => {
  // The filler was down from 07:00 local on for half an hour, and what came after 08:30 is not computed yet.
  const events = [...STOPPED, eventAt(FILLER, 90, { type: "state", state: "running" })];
  await store([...events, eventAt(FILLER, 91, { type: "state", state: "down" })], START + 150 * MINUTE);
  await storeEvents(eventAt(LABELLER, 90, { type: "state", state: "running" }));
  await opened.store.insertEvents(recordsOf(events, { offset: 10, receivedAt: START }));
  const target = { type: "target", id: "av", rev: 1, scope: FILLER, measure: "availability", value: 0.99 };
  const gateway = await gatewayAt(START + 3 * HOUR, false);
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(target) };
  expect((await fetch(`${gateway.url}/api/v1/entries`, init)).status).toBe(202);
  await look(gateway);
  expect(gateway.keeper.shown).toEqual([]);
  // What is over needs no worker.
  expect(await get(gateway, `/alerts?from=${START}`)).toMatchObject([{ ticket: TICKET, state: "resolved" }]);
  speakOfAll(gateway);
  gateway.now += HOUR;
  await gateway.keeper.look();
  const rules = gateway.keeper.shown.map(({ rule, state }) => `${rule} ${state}`);
  expect(rules).toEqual(["long resolved", "quiet open", "long open", "low open"]);
});

test("RE-3, SC-1: entries, and machines that the plant lacks, are stored as they come from the log", async () => {
  const gateway = await gatewayAt(START + HOUR);
  await expect.poll(() => gateway.keeper.isOnDuty).toBe(true);
  const entry = { type: "target", id: "t", rev: 1, ...saidBy("anna"), scope: "berlin", measure: "oee", value: 0.7 };
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(entry) };
  expect((await fetch(`${gateway.url}/api/v1/entries`, init)).status).toBe(202);
  await expect.poll(() => opened.store.entriesEnd()).toBe(1);
  expect(await opened.store.storedEntries(0)).toMatchObject([
    { type: "target", id: "t", rev: 1, by: keptBy("anna"), refused: null },
  ]);
  const stranger = { type: "state", machine: "berlin/packing/l1/ghost", at: formatInstant(START), state: "running" };
  await log.append(gateway.topics.deadLetters.name, [
    { key: stranger.machine, value: Buffer.from(JSON.stringify(stranger)), headers: { error: "unknown-machine" } },
  ]);
  const undeclared = async (): Promise<unknown> =>
    (await opened.store.assetsSeen()).filter(({ declared }) => !declared);
  await expect
    .poll(undeclared)
    .toEqual([{ machine: stranger.machine, declared: false, first: START, last: START, events: 1 }]);
});
