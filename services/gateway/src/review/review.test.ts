/** The review over HTTP says what the rules say of the same events read from files, figure by figure. */
import { checkPresented, exportPresented } from "../../../oee/src/review/presented.ts";
import { doubtsWithin, MachineHistory } from "@oee/engine";
import { formatInstant, type Machine, machinesIn, type Row, type ScopePolicy, scopePolicy } from "@oee/model";
import {
  actionDocument,
  alertDocuments,
  baselineDocument,
  benchmarkDocument,
  changeDocument,
  HistoryFacts,
  isEntryRefusal,
  measureNamed,
  paretoOf,
  periodNamed,
  periodOf,
  pilotDocument,
  Programme,
  readEntry,
  RecordedMachine,
  RecordedRefusals,
  presentedDocument,
  reviewDocument,
  scorecardDocument,
  scorecardOf,
  scorecardRows,
  targetDocument,
  withMoney,
} from "@oee/review";
import type { EventRecord, Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  decoded,
  FILLER,
  HOUR,
  liveRecord,
  MINUTE,
  openTestStore,
  PLANT_TEXT,
  plantOf,
  PRESS,
  SAW,
  START,
  startGateway,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { canonicalOf, digestOf } from "./presented.ts";
import { saidBy, shownBy } from "../../../../tests/support/sign-in.ts";

const DAYS = 112;
const DAY = 24 * HOUR;
/** 2026-06-22, in the second quarter. */
const NOW = START + DAYS * DAY;
const TEXT = PLANT_TEXT.replace("filler: { name: Filler,", "filler: { name: Filler, class: one, reasonAfter: 5m,")
  .replace("press: {", "press: { class: one,")
  .replace("saw: {", "saw: { class: one, maxRatePerHour: 3600,")
  .replace(
    "alerts: [",
    "alerts: [{ id: why, kind: no-reason, for: 10m, chain: stop }, { id: quiet, kind: silent, for: 2h, chain: stop }, ",
  );
const PLANT = plantOf(TEXT);
const { plant, model } = PLANT;

/** 1 June is day 91: the spikes of days 92 and 102, not 97 and 107, where the counter went on from there, and the last total of day 111. */
const DOUBTED_IN_JUNE = 3;

/** Runs that are repeated every day but not alike, with reasons given late, vague ones, corrections and silence. */
function history(): Readonly<Record<string, unknown>>[] {
  const events: Readonly<Record<string, unknown>>[] = [];
  let state = 7;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let day = 0; day < DAYS; day++) {
    for (const [i, machine] of [FILLER, PRESS, SAW].entries()) {
      if (day === 30 && i === 2) continue;
      const at = (minutes: number): string => formatInstant(START + day * DAY + Math.round(minutes * MINUTE));
      const add = (minutes: number, more: object): void => void events.push({ machine, at: at(minutes), ...more });
      add(1 + random(), { type: "job", product: day % 3 === 0 ? "cola" : "water", idealCycleSeconds: 1 + i / 10 });
      for (let minute = 2 + i; minute < 900; minute += 40 + 60 * random()) {
        add(minute, { type: "state", state: "running" });
        const length = 20 + 20 * random();
        add(minute + length / 2, { type: "count", good: Math.round(length * 40), scrap: Math.round(9 * random()) });
        const kind = random();
        if (kind < 0.2) add(minute + length, { type: "state", state: "idle" });
        else if (kind < 0.5) {
          add(minute + length, { type: "state", state: "down" });
          if (kind < 0.4) add(minute + length + 4, { type: "state", state: "down", reason: "mechanical/jam" });
        } else add(minute + length, { type: "state", state: "down", reason: kind < 0.8 ? "electrical" : "mechanical" });
      }
      // A counter that shows what cannot be (CN-8): once it is a spike, once it goes on from there; and none is settled at the end.
      if (machine === SAW && (day % 5 === 2 || day === DAYS - 1)) {
        const shown = [day * 1000, day * 1000 + 40, 5_000_000 + day, day % 2 === 0 ? day * 1000 + 90 : 5_000_050 + day];
        for (const [n, good] of shown.entries()) add(200 + 5 * n, { type: "count", total: { good } });
        if (day === DAYS - 1) add(230, { type: "count", total: { good: 9_999_999 } });
      }
      if (day % 7 === 3) {
        const from = at(100);
        const to = at(100 + 60 * random());
        const said = day % 3 === 0 ? { state: "cleaning" } : { reason: "mechanical/jam" };
        add(day % 2 === 0 ? 400 : 2000, { type: "correction", from, to, ...said, by: "anna" });
      }
    }
  }
  return events;
}

const EVENTS = history();
const REFUSALS = new RecordedRefusals();

/** What `oee review` makes of the events as files. */
function factsFromFiles(): HistoryFacts {
  const records = new Map<Machine, RecordedMachine>();
  const recordOf = (machine: Machine): RecordedMachine => {
    let record = records.get(machine);
    if (record === undefined) records.set(machine, (record = new RecordedMachine(model, machine)));
    return record;
  };
  for (const event of decoded(EVENTS, plant)) recordOf(event.machine).accept(event);
  return new HistoryFacts(model, NOW, recordOf, REFUSALS);
}

const ENTRIES = [
  { type: "baseline", id: "b", rev: 1, scope: "berlin", from: "2026-03-09", to: "2026-04-06" },
  { type: "target", id: "t", rev: 1, scope: "berlin/packing", measure: "oee", value: "+5%", due: "2026-09-01" },
  { type: "target", id: "r", rev: 1, scope: "berlin", measure: "reason:mechanical", value: "-10%" },
  {
    type: "pilot",
    id: "p",
    rev: 1,
    scopes: ["berlin/packing/l1"],
    controls: ["berlin/packing/l2/press", "berlin/packing/l2/saw"],
    start: "2026-04-20",
    warmUp: 0,
    before: 6,
    after: 8,
    measures: ["unplannedDowntimeShare", "oee"],
    investment: 1000,
  },
  {
    type: "action",
    id: "a",
    rev: 1,
    scope: "berlin/packing/l2",
    title: "New guide",
    addresses: "reason:mechanical",
    started: "2026-04-20",
    done: "2026-04-24",
    weeks: 6,
  },
  {
    type: "acknowledgement",
    id: "k",
    rev: 1,
    at: "2026-06-20T07:00:00Z",
    alert: `long/${FILLER}@2026-06-20T06:00:00.000Z`,
  },
];

const HOURS = Array.from({ length: DAYS * 24 + 1 }, (_, i) => START + i * HOUR);

let store: Store;
const rowsOf = new Map<string, readonly Row[]>();
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let facts: HistoryFacts;
let programme: Programme;

beforeAll(async () => {
  // Days are summed as they are asked for, so that they are asked both as minutes and as sums.
  ({ store, close: closeStore } = await openTestStore({ daySums: { restS: 0, paced: false } }));
  const histories = new Map<string, MachineHistory>();
  const records: EventRecord[] = [];
  for (const [offset, event] of decoded(EVENTS, plant).entries()) {
    const { machine, type, at } = event;
    let own = histories.get(machine.id);
    if (own === undefined) histories.set(machine.id, (own = new MachineHistory(model, machine)));
    own.accept(event);
    const raw = JSON.stringify(EVENTS[offset]);
    const place = { topic: "test.events", partition: 0, offset, index: 0, receivedAt: at, id: null, repeat: false };
    records.push({ machine: machine.id, type, at, ...place, raw });
  }
  const stamp = { version: 1n, plantVersion: plant.version };
  for (const [id, own] of histories) {
    // Hours stand for minutes: a sixtieth of the rows, and the same sums over hours.
    const { rows, stops, doubted } = own.evaluate({ from: HOURS[0] ?? 0, to: NOW, now: NOW, cuts: HOURS });
    await store.insertRows(rows, stamp);
    rowsOf.set(id, rows);
    await store.insertStops(stops, stamp);
    await store.insertDoubts(doubtsWithin(id, doubted, 0, NOW), stamp);
  }
  for (let i = 0; i < records.length; i += 10_000) await store.insertEvents(records.slice(i, i + 10_000));
  gateway = await startGateway(store);
  gateway.now = NOW;
  gateway.plant = PLANT;
  const response = await fetch(`${gateway.url}/api/v1/entries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(ENTRIES),
  });
  expect([response.status, await response.text()]).toEqual([202, expect.any(String)]);
  facts = factsFromFiles();
  programme = new Programme(plant, () => facts);
  for (const given of ENTRIES) {
    const entry = readEntry(plant, { at: formatInstant(NOW), ...given });
    if (isEntryRefusal(entry)) throw new Error(entry.detail);
    expect(programme.accept(entry)).toBeNull();
  }
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

async function get(path: string): Promise<unknown> {
  const response = await fetch(`${gateway.url}/api/v1${path}`);
  const body: unknown = await response.json();
  expect([path, response.status, body]).toEqual([path, 200, expect.anything()]);
  return body;
}

/** As it comes over the wire. */
function wired(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const scopeOf = (path: string) => {
  const scope = plant.scopes.get(path);
  if (scope === undefined) throw new Error(path);
  return scope;
};

describe.each(["*", "berlin", "berlin/packing/l1", FILLER])("of %s", (path) => {
  const scope = scopeOf(path);

  // Of one scope also periods that begin before the record does.
  test.each(["2026-06", "2026-06-12", ...(path === "berlin/packing/l1" ? ["2026-Q2", "2026-Q1"] : [])])(
    "RV-1: the review of %s is the one from files, to the last digit",
    async (name) => {
      const named = periodNamed(name, scope.periods);
      if (named === null) throw new Error(name);
      const answered = await get(`/review?scope=${path}&period=${name}`);
      expect(answered).toEqual(wired(withMoney(reviewDocument(facts, programme, scope, named, null, null), "EUR")));
    },
  );

  test("CN-8, RV-2: data quality tells doubted totals of the period, of machines that have them", async () => {
    const answered = await get(`/review?scope=${path}&period=2026-06`);
    const { doubtedTotals } = (answered as { quality: { doubtedTotals?: number } }).quality;
    expect(doubtedTotals).toBe(path === "*" || path === "berlin" ? DOUBTED_IN_JUNE : undefined);
  });

  test("SC-1, SC-2: so is the scorecard", async () => {
    const period = periodOf(scope.timezone, periodNamed("2026-06", scope.periods) as never);
    const answered = await get(`/scorecard?scope=${path}&period=2026-06`);
    const rows = scorecardRows(facts, programme, scope, periodNamed("2026-06", scope.periods) as never);
    expect(answered).toEqual(wired({ ...scorecardDocument(scorecardOf(facts, scope, period)), rows }));
    // SC-4: a quarter before is March; the baseline is of the site and below.
    const { coverage, reasonInTime } = scorecardOf(facts, scope, period);
    const march = periodOf(scope.timezone, periodNamed("2026-03", scope.periods) as never);
    const before = scorecardOf(facts, scope, march);
    const status = coverage === null ? "no-data" : coverage > 0.8 ? "met" : "missed";
    expect(rows[1]).toMatchObject({ measure: "coverage", now: coverage, before: before.coverage, goal: 0.8, status });
    expect(rows[3]).toMatchObject({ now: reasonInTime, before: before.reasonInTime, goal: null, status: null });
    expect(rows[1]?.baseline === null).toBe(path === "*");
  });

  test("DC-1: so is the change between two months", async () => {
    const [first, second] = ["2026-04", "2026-05"].map((name) =>
      periodOf(scope.timezone, periodNamed(name, scope.periods) as never),
    );
    const answered = await get(`/changes?scope=${path}&first=2026-04&second=2026-05`);
    const part = vi.spyOn(facts, "part");
    expect(answered).toMatchObject({ change: wired(changeDocument(facts, scope, first as never, second as never)) });
    // The figures of each period are a part, between which other work has its turn.
    expect(part.mock.calls.filter(([name]) => name.startsWith("cells of")).length).toBe(2);
    part.mockRestore();
  });

  test.each(["reason", "state", "machine", "shift", "product"] as const)("PA-1: so is the Pareto by %s", async (by) => {
    const [from, to] = [START + 20 * DAY + 13 * MINUTE, NOW - 5 * MINUTE];
    const answered = await get(`/pareto?scope=${path}&by=${by}&from=${from}&to=${to}&measure=count`);
    const bars = paretoOf(facts, machinesIn(scope, { from, to }), { by, depth: null, measure: "count" });
    const { name: _, ...first } = (answered as Record<string, unknown>[])[0] ?? {};
    expect(first).toEqual(wired(withMoney(bars[0] ?? {}, "EUR")));
    expect((answered as { key: unknown }[]).map(({ key }) => key)).toEqual(bars.map(({ key }) => key));
  });
});

test("BL-2, TG-5, PI-3, AC-2: so are baselines, targets, pilots and actions", async () => {
  const { book } = programme;
  const baselines = programme.baselines.map((one) => baselineDocument(facts, one, programme.freezeAgain(one, facts)));
  expect(await get("/baselines")).toEqual(wired(baselines));
  const [target] = book.inForce("target");
  expect(await get("/targets?measure=oee&every=month")).toMatchObject([
    wired(targetDocument(facts, programme, target as never)) as object,
  ]);
  const [pilot] = book.inForce("pilot");
  expect(await get("/pilots/p")).toEqual(wired(withMoney(pilotDocument(facts, programme, pilot as never), "EUR")));
  const [action] = book.inForce("action");
  expect(await get("/actions/a")).toMatchObject(
    wired(withMoney(actionDocument(facts, programme, action as never), "EUR")) as object,
  );
  expect(await get("/actions?state=done")).toHaveLength(1);
  expect(await get("/actions?state=open")).toEqual([]);
});

test("BM-1, BM-3: so is the ranking of a class, and what stands beside each rank", async () => {
  const scopes = [FILLER, PRESS, SAW].map(scopeOf);
  const period = periodOf(scopeOf("*").timezone, periodNamed("2026-05", scopeOf("*").periods) as never);
  const ranking = benchmarkDocument(facts, scopes, "one", measureNamed("oee") as never, period);
  expect(await get("/benchmark?class=one&period=2026-05")).toEqual(wired(ranking));
  expect(ranking.rows.filter(({ beside }) => (beside.correctedShare ?? 0) > 0).length).toBeGreaterThan(0);
  expect(ranking.rows.find(({ scope }) => scope === SAW)?.beside.policy).toContain("maxRatePerHour");
});

test("AL-1: so are the alerts, while a worker speaks of the machines", async () => {
  for (const { id } of plant.machines) gateway.live.publish(liveRecord(id, NOW, { since: null, lastEventAt: null }));
  const question = { scope: scopeOf("berlin"), period: { from: NOW - 3 * DAY, to: NOW } };
  const alerts = alertDocuments(facts, programme, question);
  expect(alerts.length).toBeGreaterThan(10);
  const answered = (await get(`/alerts?scope=berlin&from=${NOW - 3 * DAY}`)) as readonly object[];
  const kinds = new Map(plant.alerts.map(({ id, condition }) => [id, condition.kind]));
  const nothingSent = { withdrawn: null, messages: [] };
  expect(answered).toEqual(
    (wired(alerts) as readonly { rule: string }[]).map((alert) => ({
      ...alert,
      kind: kinds.get(alert.rule),
      ...nothingSent,
    })),
  );
});

test("RV-4: an answer names its position, its instant and the plant's version", async () => {
  const { headers } = await fetch(`${gateway.url}/api/v1/review?scope=berlin`);
  expect(headers.get("oee-period")).toBe("2026-Q2");
  // From midnight to midnight in Berlin.
  expect(["oee-from", "oee-to"].map((name) => headers.get(name))).toEqual([
    "2026-03-31T22:00:00.000Z",
    "2026-06-30T22:00:00.000Z",
  ]);
  // In winter, and up to the change of clocks.
  expect(["oee-previous-from", "oee-previous-to"].map((name) => headers.get(name))).toEqual([
    "2025-12-31T23:00:00.000Z",
    "2026-03-31T22:00:00.000Z",
  ]);
  expect(JSON.parse(headers.get("oee-position") ?? "")).toEqual({
    "test.events": { 0: EVENTS.length },
    "test.entries": { 0: ENTRIES.length },
  });
  expect(headers.get("oee-reflects")).toBe(formatInstant(NOW));
  expect(headers.get("oee-plant")).toBe(plant.version);
});

test("RV-3, RV-4: a presented review keeps its bytes, is signed off as it is, and what differs now is told", async () => {
  const post = async (path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${gateway.url}/api/v1${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const presented = await post("/reviews", {
    id: "q",
    ...saidBy("anna"),
    scope: "berlin/packing/l2",
    period: "2026-05",
  });
  expect(presented).toMatchObject({ status: 202, body: { entries: [{ type: "review", id: "q", rev: 1 }] } });
  const review = (await get("/reviews/q")) as Record<string, unknown>;
  const scope = scopeOf("berlin/packing/l2");
  const may = periodNamed("2026-05", scope.periods) as never;
  const files = withMoney(presentedDocument(facts, programme, scope, may), "EUR");
  // The same bytes from files, at the same position and instant.
  expect(review).toMatchObject({
    document: wired(files),
    digest: digestOf(canonicalOf(files)),
    instant: formatInstant(NOW),
  });
  const again = await post("/reviews", { id: "q2", ...saidBy("ben"), scope: "berlin/packing/l2", period: "2026-05" });
  expect(again.body).toMatchObject({ entries: [{ digest: review["digest"] }] });

  const wrong = await post("/reviews/q/sign-offs", { ...saidBy("cora"), role: "boss", digest: "sha256:0" });
  expect(wrong).toMatchObject({ status: 422, body: { refusal: "invalid" } });
  const { digest } = review;
  expect(await post("/reviews/q/sign-offs", { ...saidBy("cora"), role: "boss", digest })).toMatchObject({
    status: 202,
  });
  const signed = {
    rev: 2,
    digest,
    document: review["document"],
    signOffs: [{ by: shownBy("cora"), role: "boss", digest }],
  };
  expect(await get("/reviews/q")).toMatchObject(signed);
  // Whoever brings a document of their own is refused, and the presented one stays.
  const forged = {
    type: "review",
    id: "q",
    rev: 3,
    scope: "berlin/packing/l2",
    period: "2026-05",
    document: "{}",
    digest: "x",
  };
  expect((await post("/entries", forged)).status).toBe(422);

  expect(await get("/reviews/q/differences")).toMatchObject({ differences: [], digestNow: digest });
  // So say `oee review --check` and `--export`, which compute the digest themselves.
  await checkPresented(gateway, "q");
  await exportPresented(gateway, "q");
  await expect(checkPresented(gateway, "none")).rejects.toThrow("OEE_HTTP_UNKNOWN_ENTRY");
  // A target that is agreed later does not change what was presented.
  const target = {
    type: "target",
    id: "later",
    rev: 1,
    scope: "berlin/packing/l2",
    measure: "availability",
    value: 0.9,
  };
  expect((await post("/entries", target)).status).toBe(202);
  const { differences } = (await get("/reviews/q/differences")) as { differences: Record<string, unknown>[] };
  expect(differences).toContainEqual({ figure: "/measures/availability/goal", presented: null, now: 0.9, by: null });
  expect(await get("/reviews/q")).toMatchObject(signed);
});

describe("BL-6: a policy that changed", () => {
  const LATER_TEXT = TEXT.replace("minorStopThreshold: 3m", "minorStopThreshold: 4m");
  const LATER = plantOf(LATER_TEXT);
  const changed = { policy: ["minorStopThreshold"] };
  beforeAll(async () => {
    await store.savePlant({ version: plant.version, loadedAt: START, text: TEXT });
    await store.savePlant({ version: LATER.plant.version, loadedAt: NOW, text: LATER_TEXT });
  });
  afterEach(() => {
    gateway.plant = PLANT;
  });
  let version = 1n;
  /** Writes rows of an hour again, as made by the plant file of that version. */
  const rowsBy = async (machine: string, hour: string, plantVersion: string): Promise<void> => {
    const again = rowsOf.get(machine)?.filter(({ from }) => formatInstant(from).startsWith(hour)) ?? [];
    expect(again).not.toEqual([]);
    await store.insertRows(again, { version: ++version, plantVersion });
  };
  const post = (body: object): Promise<Response> =>
    fetch(`${gateway.url}/api/v1/entries`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test("is told beside the baseline, and moves nothing", async () => {
    const before = (await get("/baselines")) as Record<string, unknown>[];
    gateway.plant = LATER;
    const [baseline] = (await get("/baselines")) as Record<string, unknown>[];
    expect(baseline).toMatchObject({ ...changed, kpis: before[0]?.["kpis"] });
    gateway.plant = PLANT;
    expect(await get("/baselines")).toEqual(before);
  });

  test("is that of the rows: a review of rows of the baseline's plant file is not marked, one with a row of another is", async () => {
    gateway.plant = LATER;
    expect(await get("/review?scope=berlin&period=2026-05")).not.toHaveProperty("policy");
    await rowsBy(SAW, "2026-05-20T09", LATER.plant.version);
    expect(await get("/review?scope=berlin&period=2026-05")).toMatchObject(changed);
    expect(await get("/review?scope=berlin&period=2026-04")).not.toHaveProperty("policy");
  });

  test("BL-6: targets and savings against the baseline have marks of their own, each by the policy of its period", async () => {
    gateway.plant = LATER;
    const scope = "berlin/packing/l2";
    type Told = { readonly from: string; readonly policy?: unknown };
    const [path, every] = ["berlin/packing", "every=month&measure=oee"];
    const [target] = (await get(`/targets?scope=${path}&${every}`)) as (Told & { periods: readonly Told[] })[];
    // One row of 20 May was made by the later file. The target's own status is that of the 28 days from 25 May on.
    expect(target).not.toHaveProperty("policy");
    const marked = target?.periods.filter(({ policy }) => policy !== undefined);
    expect(marked).toMatchObject([{ from: "2026-04-30T22:00:00.000Z", ...changed }]);
    expect(target?.periods.length).toBeGreaterThan(3);
    // Within the 28 days before 1 June it is marked itself.
    gateway.now = NOW - 21 * DAY;
    expect(await get(`/targets?scope=${path}&measure=oee`)).toMatchObject([changed]);
    gateway.now = NOW;
    const table = await fetch(`${gateway.url}/api/v1/targets?scope=${path}&${every}`, {
      headers: { accept: "text/csv" },
    });
    expect((await table.text()).split(/\r?\n/).filter((line) => line.endsWith(",minorStopThreshold"))).toHaveLength(1);

    interface Review {
      readonly savings: object;
      readonly measures: Readonly<Record<string, { readonly target: string | null } & object>>;
    }
    const plain = { type: "target", id: "plain", rev: 1, ...saidBy("anna"), scope, measure: "quality", value: 0.9 };
    expect((await post(plain)).status).toBe(202);
    const may = (await get(`/review?scope=${scope}&period=2026-05`)) as Review;
    expect(may).toMatchObject({ ...changed, savings: changed, measures: { oee: { target: "t", ...changed } } });
    // A number that is to be reached without a date is compared with no baseline.
    expect(may.measures["quality"]).toMatchObject({ target: "plain" });
    expect(may.measures["quality"]).not.toHaveProperty("policy");
    const june = (await get(`/review?scope=${scope}&period=2026-06`)) as Review;
    expect(june.savings).not.toHaveProperty("policy");
    expect(june.measures["oee"]).not.toHaveProperty("policy");
  });

  test("is that of its rows in a baseline that is frozen later, also where these are of several plant files", async () => {
    gateway.plant = LATER;
    const baseline = { type: "baseline", rev: 1, ...saidBy("anna"), scope: "berlin" };
    const april = { ...baseline, id: "april", from: "2026-04-06", to: "2026-04-20" };
    const may = { ...baseline, id: "may", from: "2026-05-11", to: "2026-05-25" };
    expect((await post([april, may])).status).toBe(202);
    const found = new Map(((await get("/baselines")) as { id: string }[]).map((one) => [one.id, one]));
    expect(found.get("april")).toMatchObject(changed);
    expect(found.get("may")).toMatchObject(changed);
    const { policy } =
      ((await get("/entries?type=baseline&id=april")) as { frozen: { policy: ScopePolicy } }[])[0]?.frozen ?? {};
    expect(policy).toEqual(scopePolicy(plant, scopeOf("berlin")));
  });

  test("RV-2: a review tells the plant files of its rows, in what their policies differ, and the ideal cycles that do", async () => {
    const qualityOf = async (scope: string, month: string): Promise<unknown> =>
      ((await get(`/review?scope=${scope}&period=${month}`)) as { quality: unknown }).quality;
    const fasterText = TEXT.replace(
      "saw: { class: one, maxRatePerHour: 3600, idealCycleSeconds: 2",
      (saw) => `${saw}.5`,
    ).replace("cola: { name: Cola 0.6 l, idealCycleSeconds: 1.1", "cola: { name: Cola 0.6 l, idealCycleSeconds: 1.25");
    const faster = plantOf(fasterText);
    await store.savePlant({ version: faster.plant.version, loadedAt: START + DAY, text: fasterText });
    await rowsBy(SAW, "2026-04-29T09", faster.plant.version);
    gateway.plant = LATER;
    // In the order in which they were loaded, that in force last.
    expect(await qualityOf("berlin", "2026-05")).toMatchObject({
      plantVersions: [plant.version, LATER.plant.version],
      policyChanges: ["minorStopThreshold"],
      policyChangedOn: ["2026-05-20"],
    });
    expect(await qualityOf("berlin", "2026-05")).not.toHaveProperty("idealCycleChanges");
    expect(await qualityOf("berlin/packing/l2", "2026-04")).toMatchObject({
      plantVersions: [plant.version, faster.plant.version],
      policyChanges: ["idealCycle", "products"],
      policyChangedOn: ["2026-04-29"],
      idealCycleChanges: [
        { machine: SAW, seconds: [2, 2.5] },
        { product: "cola", seconds: [1.1, 1.25] },
      ],
    });
    // The machine is of another line, which made no row by that file.
    const first = await qualityOf("berlin/packing/l1", "2026-04");
    expect(first).toMatchObject({ plantVersions: [plant.version] });
    expect(first).not.toHaveProperty("policyChanges");
    expect(first).not.toHaveProperty("idealCycleChanges");
  });

  test("PI-2, AC-2: a pilot, or an action, is marked where the policy is not one over all blocks of a side, and keeps its figures", async () => {
    const [pilot, action] = [await get("/pilots/p"), await get("/actions/a")] as { policy?: unknown }[];
    // The controls have rows of three plant files. One changes their ideal cycles, in the second block after the start.
    expect(pilot?.policy).toEqual(["idealCycle", "products"]);
    expect(action?.policy).toEqual(["idealCycle", "products"]);
    // A day before the first block, and one of the pilot's own line in a block.
    await rowsBy(FILLER, "2026-03-06T09", LATER.plant.version);
    expect(await get("/pilots/p")).toEqual(pilot);
    await rowsBy(FILLER, "2026-03-24T09", LATER.plant.version);
    expect(await get("/pilots/p")).toEqual({ ...pilot, policy: ["idealCycle", "minorStopThreshold", "products"] });
    expect(await get("/actions/a")).toEqual(action);
  });

  test("BL-6: rows of a plant file that is not kept are marked `plantFile`", async () => {
    const question = "/review?scope=berlin/packing/l1&period=2026-05-13";
    expect(await get(question)).not.toHaveProperty("policy");
    const [lost, equal] = ["f".repeat(24), "e".repeat(24)];
    await rowsBy(FILLER, "2026-05-13T09", lost);
    const marked = {
      policy: ["plantFile"],
      quality: { plantVersions: [lost, plant.version], policyChanges: ["plantFile"] },
    };
    expect(await get(question)).toMatchObject(marked);
    // One that this release cannot read tells as little; one that is kept takes the mark away where it computes alike.
    const text = TEXT.replace("minorStopThreshold: 3m", "minorStopThreshold: soon");
    await store.savePlant({ version: lost, loadedAt: START, text });
    expect(await get(question)).toMatchObject(marked);
    await store.savePlant({ version: equal, loadedAt: START, text: TEXT });
    await rowsBy(FILLER, "2026-05-13T09", equal);
    const review = (await get(question)) as { quality: object };
    expect(review).not.toHaveProperty("policy");
    expect(review.quality).toMatchObject({ plantVersions: [equal, plant.version] });
    expect(review.quality).not.toHaveProperty("policyChanges");
  });
});
