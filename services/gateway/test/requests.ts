/**
 * The requests that tests send to each route: one good request, and the questions that cost it most, about a plant as large as
 * there may be. A new route must be in both tables.
 */
import { Buffer } from "node:buffer";
import { FILLER, OVEN, START } from "./gateway-fixture.ts";

export const JSON_HEADERS = { "content-type": "application/json" };
export const CORRECTION = { machine: FILLER, from: START, to: START + 60_000, reason: "mechanical/jam" };
export const ENTRY = { type: "target", id: "t", rev: 1, scope: "*", measure: "oee", value: 0.8 };
export const PREVIEW = { scope: OVEN, from: "2026-03-01", to: "2026-03-02" };
export const TAKEN = { table: "actions", scope: "berlin", format: "csv" };
/** The ticket of the alert about the stop in `REVIEWED`. */
export const TICKET: string = encodeURIComponent(`long/${FILLER}@2026-03-02T06:00:00.000Z`);
/** Events and entries that the good requests of the review need. */
export const REVIEWED: readonly object[] = [
  { type: "state", machine: OVEN, at: START - 60 * 3_600_000, state: "running" },
  ...["running", "down", "running"].map((state, i) => ({
    type: "state",
    machine: FILLER,
    at: START + i * 3_600_000,
    state,
  })),
];
export const AGREED: readonly object[] = [
  { type: "pilot", id: "p", scopes: ["berlin/packing/l1"], start: "2026-02-02", measures: ["oee"] },
  { type: "action", id: "a", scope: "berlin", title: "Guide", addresses: "oee" },
  {
    type: "review",
    id: "q",
    scope: "berlin",
    period: "2026-03-01",
    position: {},
    instant: "2026-03-02T05:00:00.000Z",
    plant: "v",
    document: "{}",
    digest: "sha256:d",
  },
];
export const PERIOD: string = `from=${START}&to=now`;

/** One good request for each documented route. */
export const GOOD_REQUESTS: Readonly<Record<string, readonly [url: string, init?: RequestInit]>> = {
  "get /api/v1/session": ["/api/v1/session"],
  "get /api/v1/plant": ["/api/v1/plant"],
  "get /api/v1/live": ["/api/v1/live?scope=*"],
  "get /api/v1/latency": ["/api/v1/latency"],
  "get /api/v1/kpis": [`/api/v1/kpis?${PERIOD}`],
  "get /api/v1/losses": [`/api/v1/losses?${PERIOD}`],
  "get /api/v1/pareto": [`/api/v1/pareto?${PERIOD}`],
  "get /api/v1/stops": [`/api/v1/stops?${PERIOD}`],
  "get /api/v1/reasons/missing": [`/api/v1/reasons/missing?${PERIOD}`],
  "get /api/v1/events": [`/api/v1/events?machine=${FILLER}&${PERIOD}`],
  "post /api/v1/events": ["/api/v1/events", { method: "POST", headers: JSON_HEADERS, body: "[]" }],
  "post /api/v1/corrections": [
    "/api/v1/corrections",
    { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(CORRECTION) },
  ],
  "get /api/v1/corrections/{id}": [`/api/v1/corrections/seen?machine=${FILLER}&timeout=0`],
  "get /api/v1/closings": ["/api/v1/closings"],
  "get /api/v1/entries": ["/api/v1/entries"],
  "post /api/v1/entries": ["/api/v1/entries", { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(ENTRY) }],
  "get /api/v1/baselines": ["/api/v1/baselines"],
  "post /api/v1/baselines/preview": [
    "/api/v1/baselines/preview",
    { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(PREVIEW) },
  ],
  "get /api/v1/targets": ["/api/v1/targets"],
  "get /api/v1/pilots/{id}": ["/api/v1/pilots/p"],
  "get /api/v1/actions": ["/api/v1/actions"],
  "get /api/v1/actions/{id}": ["/api/v1/actions/a"],
  "get /api/v1/review": ["/api/v1/review?period=2026-03-02"],
  "get /api/v1/changes": ["/api/v1/changes?first=2026-03-01&second=2026-03-02"],
  "get /api/v1/scorecard": ["/api/v1/scorecard?period=2026-03-02"],
  "get /api/v1/assets": ["/api/v1/assets"],
  "get /api/v1/benchmark": ["/api/v1/benchmark?class=filler&period=2026-03-02"],
  "get /api/v1/alerts": ["/api/v1/alerts"],
  "get /api/v1/alert-rules": ["/api/v1/alert-rules"],
  "get /api/v1/alerts/{ticket}": [`/api/v1/alerts/${TICKET}`],
  "post /api/v1/alerts/{ticket}/acknowledgements": [
    `/api/v1/alerts/${TICKET}/acknowledgements`,
    { method: "POST", headers: JSON_HEADERS, body: "{}" },
  ],
  "get /api/v1/audit": ["/api/v1/audit"],
  "post /api/v1/exports": ["/api/v1/exports", { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(TAKEN) }],
  "post /api/v1/reviews": [
    "/api/v1/reviews",
    { method: "POST", headers: JSON_HEADERS, body: '{"scope":"berlin","period":"2026-03-01"}' },
  ],
  "post /api/v1/reviews/{id}/sign-offs": [
    "/api/v1/reviews/q/sign-offs",
    { method: "POST", headers: JSON_HEADERS, body: '{"by":"anna","role":"boss","digest":"sha256:d"}' },
  ],
  "get /api/v1/reviews/{id}": ["/api/v1/reviews/q"],
  "get /api/v1/reviews/{id}/differences": ["/api/v1/reviews/q/differences"],
  "get /api/v1/health/live": ["/api/v1/health/live"],
  "get /api/v1/health/ready": ["/api/v1/health/ready"],
  "get /api/v1/metrics": ["/api/v1/metrics"],
};

const SITES = 50;
const LINES = 10;
const MACHINES = 10;
const REASONS = 20_000;

/** 50 sites of 10 lines of 10 machines; 20,000 reasons. */
export function bigPlantText(): string {
  const lines = ["enterprise: big", "timezone: Europe/Berlin", "sites:"];
  const zones = ["Europe/Berlin", "America/Recife", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"];
  for (let s = 0; s < SITES; s++) {
    lines.push(
      `  s${s}:`,
      `    timezone: ${zones[s % zones.length]}`,
      "    calendar: three-shift",
      "    areas:",
      "      a:",
    );
    lines.push("        lines:");
    for (let l = 0; l < LINES; l++) {
      lines.push(`          l${l}:`, "            machines:");
      for (let m = 0; m < MACHINES; m++) lines.push(`              m${m}: { idealCycleSeconds: 1.2 }`);
    }
  }
  lines.push("calendars:", "  three-shift:", "    shifts:");
  for (const [name, start, end] of [
    ["early", 6, 14],
    ["late", 14, 22],
    ["night", 22, 6],
  ] as const) {
    const clock = (hour: number): string => `"${String(hour).padStart(2, "0")}:00"`;
    lines.push(`      - { name: ${name}, days: mon-fri, start: ${clock(start)}, end: ${clock(end)} }`);
  }
  lines.push("reasons:");
  for (let r = 0; r < REASONS / 100; r++) {
    lines.push(`  group-${r}:`, "    children:");
    for (let i = 1; i < 100; i++) lines.push(`      reason-${i}: { name: Reason ${r} ${i} }`);
  }
  return `${lines.join("\n")}\n`;
}

function manyEntries(): readonly object[] {
  return Array.from({ length: 1_000 }, (_, i) => ({ ...ENTRY, id: `t${i}`, scope: `s${i % SITES}/a/l${i % LINES}` }));
}

export interface Question {
  readonly url: string;
  readonly init?: RequestInit;
  readonly status: number;
}

const post = (type: string, body: string | Buffer<ArrayBuffer>): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});

/** The questions that cost a route most, by route of the OpenAPI document. */
export function dearestQuestions(now: number): Readonly<Record<string, readonly Question[]>> {
  const scopes = Array.from({ length: 500 }, (_, i) => `s${i % SITES}/a/l${i % LINES}/m${i % MACHINES}`);
  const period = "from=2000-01-01T00:00:00Z";
  const state = (i: number): string =>
    JSON.stringify({
      type: "state",
      machine: `s${i % SITES}/a/l${i % LINES}/m0`,
      at: now - 100_000 + i,
      state: "down",
    });
  const events = Array.from({ length: 100_000 }, (_, i) => state(i));
  const empty = `[${"[],".repeat(5_000_000)}[]]`;
  return {
    "get /api/v1/plant": [{ url: "/plant", status: 200 }],
    "get /api/v1/live": [
      { url: `/live?scope=${scopes.join(",")}`, status: 200 },
      { url: "/live?scope=*", status: 200 },
    ],
    "get /api/v1/latency": [{ url: "/latency", status: 200 }],
    "get /api/v1/kpis": [
      { url: `/kpis?every=minute&${period}`, status: 400 },
      { url: `/kpis?every=shift&by=enterprise&${period}`, status: 400 },
      { url: `/kpis?${period}`, status: 200 },
      { url: "/kpis?by=enterprise&every=hour&from=now-22h", status: 200 },
      { url: "/kpis?by=product&every=hour&from=now-8h", status: 200 },
      { url: `/kpis?scope=s0/a/l0/m0&every=day&${period}`, status: 200 },
    ],
    "get /api/v1/losses": [{ url: "/losses?every=hour&from=now-8h", status: 200 }],
    "get /api/v1/pareto": [{ url: `/pareto?${period}`, status: 200 }],
    "get /api/v1/stops": [{ url: `/stops?limit=10000&${period}`, status: 200 }],
    "get /api/v1/reasons/missing": [{ url: `/reasons/missing?limit=10000&${period}`, status: 200 }],
    "get /api/v1/events": [{ url: `/events?machine=s0/a/l0/m0&limit=10000&${period}`, status: 200 }],
    "post /api/v1/events": [
      { url: "/events", init: post("application/json", `[${events.join(",")}]`), status: 202 },
      { url: "/events", init: post("application/x-ndjson", events.join("\n")), status: 202 },
      { url: "/events", init: post("application/json", empty), status: 413 },
    ],
    "post /api/v1/corrections": [
      { url: "/corrections", init: post("application/json", `{"machine":"${"x".repeat(60_000)}"}`), status: 422 },
    ],
    "get /api/v1/corrections/{id}": [
      { url: `/corrections/${"x".repeat(500)}?machine=s0/a/l0/m0&timeout=0`, status: 202 },
    ],
    "get /api/v1/closings": [{ url: "/closings", status: 200 }],
    "get /api/v1/entries": [{ url: "/entries?revisions=all", status: 200 }],
    "post /api/v1/entries": [
      { url: "/entries", init: post("application/json", JSON.stringify(manyEntries())), status: 202 },
    ],
    "get /api/v1/baselines": [{ url: "/baselines", status: 200 }],
    "post /api/v1/baselines/preview": [
      {
        url: "/baselines/preview",
        init: post("application/json", '{"scope":"*","from":"2010-01-01","to":"2026-01-01"}'),
        status: 422,
      },
    ],
    "get /api/v1/targets": [{ url: "/targets", status: 200 }],
    "get /api/v1/pilots/{id}": [{ url: "/pilots/none", status: 404 }],
    "get /api/v1/actions": [{ url: "/actions", status: 200 }],
    "get /api/v1/actions/{id}": [{ url: "/actions/none", status: 404 }],
    "get /api/v1/review": [{ url: "/review?period=2026-Q1", status: 200 }],
    "get /api/v1/changes": [{ url: "/changes?first=2025-Q4&second=2026-Q1", status: 200 }],
    "get /api/v1/scorecard": [{ url: "/scorecard?period=2026-Q1", status: 200 }],
    "get /api/v1/assets": [{ url: "/assets", status: 200 }],
    "get /api/v1/benchmark": [{ url: "/benchmark?class=none&period=2026-Q1", status: 200 }],
    "get /api/v1/alerts": [{ url: `/alerts?${period}`, status: 200 }],
    "get /api/v1/alert-rules": [{ url: `/alert-rules?${period}`, status: 200 }],
    "get /api/v1/alerts/{ticket}": [{ url: "/alerts/none", status: 404 }],
    "post /api/v1/alerts/{ticket}/acknowledgements": [
      { url: "/alerts/none/acknowledgements", init: post("application/json", "{}"), status: 404 },
    ],
    "get /api/v1/session": [{ url: "/session", status: 200 }],
    "get /api/v1/audit": [{ url: `/audit?${period}`, status: 200 }],
    "post /api/v1/exports": [
      {
        url: "/exports",
        init: post("application/json", '{"table":"actions","scope":"s0","format":"csv"}'),
        status: 202,
      },
    ],
    "post /api/v1/reviews": [
      { url: "/reviews", init: post("application/json", '{"scope":"s0","period":"2026-03"}'), status: 202 },
    ],
    "post /api/v1/reviews/{id}/sign-offs": [
      { url: "/reviews/none/sign-offs", init: post("application/json", "{}"), status: 404 },
    ],
    "get /api/v1/reviews/{id}": [{ url: "/reviews/none", status: 404 }],
    "get /api/v1/reviews/{id}/differences": [{ url: "/reviews/none/differences", status: 404 }],
    "get /api/v1/health/live": [{ url: "/health/live", status: 200 }],
    "get /api/v1/health/ready": [{ url: "/health/ready", status: 200 }],
    "get /api/v1/metrics": [{ url: "/metrics", status: 200 }],
  };
}
