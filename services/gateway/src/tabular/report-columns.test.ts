/** Reports as CSV and Arrow hold the figures of their JSON. */
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatewayOfSomeEvents, HOUR, PLANT_TEXT, plantOf, START, type TestGateway } from "../../test/gateway-fixture.ts";
import { keptBy, saidBy, shownBy } from "../../../../tests/support/sign-in.ts";
import { RANKED } from "./report-columns.ts";

/** Eight hours, a quarter of them stops, and a little slow. */
const COMPONENTS = { runTime: 6 * HOUR, unplannedStopTime: 2 * HOUR, idealTime: 5 * HOUR, idealGoodTime: 5 * HOUR };

let gateway: TestGateway;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ gateway, close } = await gatewayOfSomeEvents());
  gateway.now = START + 32 * HOUR;
  gateway.plant = plantOf(
    PLANT_TEXT.replace("press: {", "press: { class: one,").replace("saw: {", "saw: { class: one,"),
  );
  const scope = "berlin/packing/l2";
  const day = { from: "2026-03-02", to: "2026-03-03" };
  const entries = [
    { type: "baseline", id: "b", scope: "berlin/packing/l1", ...day, minCoverage: 0 },
    {
      ...{ type: "baseline", id: "books", scope: "berlin/packing/l1", from: "2025-01-01", to: "2026-01-01" },
      ...{ source: "shift books", figures: { components: COMPONENTS } },
    },
    { type: "target", id: "t", scope: "berlin/packing", measure: "oee", value: 0.6 },
    { type: "action", id: "a", scope, title: 'New "guide", left', addresses: "oee", opened: "2026-03-01" },
    { type: "closing", id: "c", scope: "berlin", until: "2026-03-02", ...saidBy("anna"), note: "agreed" },
  ];
  const response = await fetch(`${gateway.url}/api/v1/entries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(entries.map((entry) => ({ rev: 1, ...entry }))),
  });
  expect([response.status, await response.text()]).toEqual([202, expect.any(String)]);
});
afterAll(() => close());

async function both(path: string): Promise<{ readonly json: Record<string, unknown>; readonly csv: string[][] }> {
  const url = `${gateway.url}/api/v1${path}`;
  const json = (await (await fetch(url)).json()) as Record<string, unknown>;
  const table = await fetch(url, { headers: { accept: "text/csv" } });
  expect([table.status, table.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
  const lines = (await table.text()).trimEnd().split(/\r?\n/);
  return { json, csv: lines.map((line) => line.split(",")) };
}

function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : "";
}

test("SC-4: the scorecard's rows as CSV", async () => {
  const { json, csv } = await both("/scorecard?scope=berlin&period=2026-03-02");
  const rows = json["rows"] as readonly Record<string, unknown>[];
  const columns = ["measure", "now", "before", "baseline", "goal", "status", "policy", "policyBefore"];
  expect(rows.map(({ measure }) => measure)).toEqual(["visibility", "coverage", "reasonShare", "reasonInTime"]);
  expect(rows[1]?.["now"]).toBeGreaterThan(0);
  expect(csv).toEqual([columns, ...rows.map((row) => columns.map((column) => shown(row[column])))]);
});

test("BM-1: a ranking as CSV, with the scopes that are not ranked", async () => {
  const { json, csv } = await both("/benchmark?class=one&scope=berlin&period=2026-03-02&measure=availability");
  const rows = [...(json["rows"] as []), ...(json["notRanked"] as [])] as readonly Record<string, unknown>[];
  const columns = ["scope", "value", "rank", "position", "gap", "gapHours"];
  const beside = ["coverage", "loading", "teep", "plannedStopShare", "minorStopThresholds", "idealCycleChanges"];
  const doubts = ["performanceAbove1", "correctedShare", "reasonShare", "policy"];
  expect(rows).toHaveLength(2);
  expect(csv[0]).toEqual([...columns, ...beside, ...doubts, "why"]);
  expect(csv.slice(1).map(([scope]) => scope)).toEqual(rows.map(({ scope }) => scope));
  expect(csv.slice(1).map((cells) => cells.slice(1, 6))).toEqual(
    rows.map((row) => columns.slice(1, 6).map((column) => shown(row[column]))),
  );
});

test("BM-3: what stands beside a rank has a column each", () => {
  const beside = {
    ...{ coverage: 1, loading: 0.9, teep: 0.5, plannedStopShare: 0.1, minorStopThresholds: [0, 60_000] },
    ...{
      idealCycleChanges: [
        { machine: "berlin/packing/l1/filler", seconds: [1, 2] },
        { product: "cola", seconds: [] },
      ],
    },
    ...{ performanceAbove1: 2, correctedShare: null, reasonShare: 0.25, policy: ["overtime", "states"] },
  };
  const row = { scope: "berlin", value: 1, rank: 1, position: null, gap: 0, gapHours: null, beside };
  expect(Object.fromEntries(RANKED.columns.map(({ name, of }) => [name, of(row)]))).toEqual({
    ...{ scope: "berlin", value: 1, rank: 1, position: null, gap: 0, gapHours: null, why: null },
    ...{ ...beside, minorStopThresholds: "0 60000", idealCycleChanges: "berlin/packing/l1/filler cola" },
    policy: "overtime states",
  });
});

/** The rows of CSV and Arrow as objects; numbers and flags of CSV are parsed. */
async function tablesOf(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ask = (accept: string): Promise<Response> => fetch(`${gateway.url}/api/v1${path}`, { headers: { accept } });
  const arrow = await ask("application/vnd.apache.arrow.stream");
  expect([arrow.status, arrow.headers.get("vary")]).toEqual([200, "accept"]);
  const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
  const rows = table.toArray().map((row) => (row as { toJSON: () => Readonly<Record<string, unknown>> }).toJSON());
  const [head = "", ...lines] = (await (await ask("text/csv")).text()).trimEnd().split("\n");
  const csv = lines.map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)]);
  expect(head.split(",")).toEqual(table.schema.fields.map(({ name }) => name));
  // CSV names people, Arrow has their identifiers.
  const named = (text: string): string => (text === keptBy("anna") ? (shownBy("anna") ?? "") : text);
  expect(csv.map((cells) => cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain))).toEqual(
    rows.map((row) =>
      Object.values(row).map((value) => (typeof value === "boolean" ? String(value) : named(shown(value)))),
    ),
  );
  return rows;
}

async function jsonOf<T>(path: string): Promise<T> {
  return (await (await fetch(`${gateway.url}/api/v1${path}`)).json()) as T;
}

test("BL-5: baselines as CSV and Arrow, a row for each KPI", async () => {
  const [baseline] = await jsonOf<{ kpis: Record<string, number | null> }[]>(
    "/baselines?scope=berlin/packing/l1&date=2026-03-05",
  );
  const rows = await tablesOf("/baselines?scope=berlin/packing/l1&date=2026-03-05");
  expect(rows.map(({ measure, value }) => [measure, value])).toEqual(Object.entries(baseline?.kpis ?? {}));
  expect(rows[0]).toMatchObject({ id: "b", from: "2026-03-02", to: "2026-03-03", imported: false, drift: null });
});

test("TG-6: targets as CSV and Arrow, each followed by its periods", async () => {
  const path = "/targets?scope=berlin&every=month";
  const [target] = await jsonOf<{ achieved: number; periods: { from: string; achieved: number | null }[] }[]>(path);
  const rows = await tablesOf(path);
  expect(rows[0]).toMatchObject({ id: "t", goal: 0.6, periodFrom: null, achieved: target?.achieved ?? null });
  expect(target?.periods.length).toBeGreaterThan(0);
  expect(rows.slice(1).map(({ periodFrom, achieved }) => [periodFrom, achieved])).toEqual(
    target?.periods.map(({ from, achieved }) => [from, achieved]),
  );
});

test("AC-1: actions as CSV and Arrow", async () => {
  expect(await tablesOf("/actions")).toMatchObject([
    { id: "a", title: 'New "guide", left', state: "open", overdue: false, verdict: null, currency: "EUR" },
  ]);
});

test("DI-3: closings as CSV and Arrow", async () => {
  const row = { id: "c", until: "2026-03-02", by: keptBy("anna"), note: "agreed", lateEvents: 0, corrections: 0 };
  expect(await tablesOf("/closings")).toMatchObject([row]);
});

test("SC-1: machines that are declared or seen as CSV and Arrow", async () => {
  const { declared } = await jsonOf<{ declared: { machine: string; seen: boolean }[] }>("/assets?scope=berlin");
  const rows = await tablesOf("/assets?scope=berlin");
  expect(rows.map(({ machine, seen }) => ({ machine, seen }))).toEqual(
    declared.map(({ machine, seen }) => ({ machine, seen })),
  );
  expect(rows.every((row) => row["declared"] === true && row["refused"] === null)).toBe(true);
});

test("DC-3: a change as CSV and Arrow; its bars sum to the total", async () => {
  const path = "/changes?scope=berlin/packing/l1&first=baseline:books&second=2026-03-02";
  const { change, reasons } = await jsonOf<{
    change: { bars: Record<string, number | null>; change: number };
    reasons: { key: string | null }[];
  }>(path);
  const rows = await tablesOf(path);
  const whole = rows.filter((row) => row["of"] === "scope");
  expect(whole.map(({ bar, change: value }) => [bar, value])).toEqual([
    ...Object.entries(change.bars),
    ["total", change.change],
  ]);
  const bars = whole.slice(0, -1).map((row) => Number(row["change"]));
  expect(bars.reduce((sum, bar) => sum + bar, 0)).toBeCloseTo(change.change, 12);
  expect(rows.filter((row) => row["of"] === "reason").map(({ key }) => key)).toEqual(reasons.map(({ key }) => key));
});
