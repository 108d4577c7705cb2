/**
 * The requests that tests send to each route: one good request, those that provoke the other statuses of its own, and the
 * questions that cost it most, about a plant as large as there may be. A new route must be in the first and the last table, and
 * in the second for each status that it alone promises, such as 404.
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

const posted = (body: object): RequestInit => ({ method: "POST", headers: JSON_HEADERS, body: JSON.stringify(body) });

/** Requests that a healthy gateway refuses, or answers with another status than the usual one. */
export const OTHER_REQUESTS: readonly (readonly [route: string, status: number, url: string, init?: RequestInit])[] = [
  ["get /api/v1/live", 400, "/api/v1/live?scope=*&windows=3h"],
  ["get /api/v1/live", 404, "/api/v1/live?scope=nowhere"],
  ...["kpis", "losses", "pareto", "stops", "reasons/missing"].flatMap((name): (typeof OTHER_REQUESTS)[number][] => [
    [`get /api/v1/${name}`, 400, `/api/v1/${name}?from=yesterday`],
    [`get /api/v1/${name}`, 404, `/api/v1/${name}?scope=berlin/attic`],
    [`get /api/v1/${name}`, 406, `/api/v1/${name}`, { headers: { accept: "image/png" } }],
  ]),
  ["get /api/v1/events", 400, "/api/v1/events?machine=berlin"],
  ["get /api/v1/events", 404, "/api/v1/events?machine=nowhere"],
  ["get /api/v1/events", 406, `/api/v1/events?machine=${FILLER}`, { headers: { accept: "image/png" } }],
  ["get /api/v1/closings", 400, "/api/v1/closings?before=today"],
  ["get /api/v1/baselines", 400, "/api/v1/baselines?date=tomorrow"],
  ["get /api/v1/targets", 400, "/api/v1/targets?measure=luck"],
  ["get /api/v1/pilots/{id}", 400, "/api/v1/pilots/p?scope=berlin"],
  ["get /api/v1/pilots/{id}", 404, "/api/v1/pilots/none"],
  ["get /api/v1/actions", 400, "/api/v1/actions?state=wished"],
  ["get /api/v1/actions/{id}", 400, "/api/v1/actions/a?scope=berlin"],
  ["get /api/v1/actions/{id}", 404, "/api/v1/actions/none"],
  ["get /api/v1/changes", 400, "/api/v1/changes?first=once"],
  ["get /api/v1/benchmark", 400, "/api/v1/benchmark?class=filler&measure=luck"],
  ["get /api/v1/benchmark", 404, "/api/v1/benchmark?class=filler&scope=nowhere"],
  ["get /api/v1/assets", 400, "/api/v1/assets?period=today"],
  ["get /api/v1/alerts", 400, "/api/v1/alerts?state=lost"],
  ["get /api/v1/alert-rules", 400, "/api/v1/alert-rules?from=once"],
  ["get /api/v1/audit", 400, "/api/v1/audit?from=yesterday"],
  ["get /api/v1/audit", 406, "/api/v1/audit", { headers: { accept: "image/png" } }],
  ...["scorecard", "assets", "changes", "targets", "actions", "baselines", "closings"].map(
    (name) =>
      [`get /api/v1/${name}`, 406, `/api/v1/${name}`, { headers: { accept: "image/png" } }] as const satisfies unknown,
  ),
  ["get /api/v1/benchmark", 406, "/api/v1/benchmark?class=one", { headers: { accept: "image/png" } }],
  ["get /api/v1/alerts/{ticket}", 400, `/api/v1/alerts/${TICKET}?scope=berlin`],
  ["get /api/v1/alerts/{ticket}", 404, "/api/v1/alerts/none"],
  ...["review", "scorecard"].map((name) => [`get /api/v1/${name}`, 400, `/api/v1/${name}?period=soon`] as const),
  ...[
    "baselines",
    "targets",
    "actions",
    "review",
    "changes",
    "scorecard",
    "assets",
    "alerts",
    "alert-rules",
    "audit",
    "closings",
  ].map((name) => [`get /api/v1/${name}`, 404, `/api/v1/${name}?scope=nowhere`] as const),
  ["get /api/v1/reviews/{id}", 400, "/api/v1/reviews/q?scope=berlin"],
  ["get /api/v1/reviews/{id}", 404, "/api/v1/reviews/none"],
  ["get /api/v1/reviews/{id}/differences", 400, "/api/v1/reviews/q/differences?scope=berlin"],
  ["get /api/v1/reviews/{id}/differences", 404, "/api/v1/reviews/none/differences"],
  [
    "post /api/v1/reviews",
    409,
    "/api/v1/reviews",
    { method: "POST", headers: JSON_HEADERS, body: '{"id":"q","rev":7,"scope":"berlin","period":"2026-03-01"}' },
  ],
  [
    "post /api/v1/reviews/{id}/sign-offs",
    404,
    "/api/v1/reviews/none/sign-offs",
    { method: "POST", headers: JSON_HEADERS, body: "{}" },
  ],
  [
    "post /api/v1/reviews/{id}/sign-offs",
    409,
    "/api/v1/reviews/q/sign-offs",
    { method: "POST", headers: JSON_HEADERS, body: '{"by":"ben","role":"boss","digest":"sha256:d","rev":9}' },
  ],
  ...["baselines/preview", "alerts/{ticket}/acknowledgements", "reviews", "reviews/{id}/sign-offs"].flatMap(
    (name): (typeof OTHER_REQUESTS)[number][] => {
      const url = `/api/v1/${name.replace("{ticket}", TICKET).replace("{id}", "q")}`;
      const post = (body: string, type = "application/json"): RequestInit => ({
        method: "POST",
        headers: { "content-type": type },
        body,
      });
      return [
        [`post /api/v1/${name}`, 400, url, post("[")],
        [`post /api/v1/${name}`, 413, url, post(" ".repeat(70_000))],
        [`post /api/v1/${name}`, 415, url, post("{}", "text/plain")],
        [`post /api/v1/${name}`, 422, url, post('{"rev":"one"}')],
      ];
    },
  ),
  [
    "post /api/v1/alerts/{ticket}/acknowledgements",
    404,
    "/api/v1/alerts/none/acknowledgements",
    { method: "POST", headers: JSON_HEADERS, body: "{}" },
  ],
  [
    "post /api/v1/alerts/{ticket}/acknowledgements",
    409,
    `/api/v1/alerts/${TICKET}/acknowledgements`,
    { method: "POST", headers: JSON_HEADERS, body: '{"id":"k","rev":3}' },
  ],
  ["post /api/v1/exports", 404, "/api/v1/exports", posted({ ...TAKEN, scope: "nowhere" })],
  ["get /api/v1/entries", 400, "/api/v1/entries?type=wish"],
  ["get /api/v1/entries", 404, "/api/v1/entries?scope=nowhere"],
  [
    "post /api/v1/entries",
    409,
    "/api/v1/entries",
    { method: "POST", headers: JSON_HEADERS, body: JSON.stringify({ ...ENTRY, id: "other", rev: 7 }) },
  ],
  ["post /api/v1/entries", 422, "/api/v1/entries", { method: "POST", headers: JSON_HEADERS, body: "{}" }],
  ...["events", "corrections", "entries", "exports"].flatMap((name): (typeof OTHER_REQUESTS)[number][] => {
    const post = (body: string, type: string): RequestInit => ({
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    return [
      [`post /api/v1/${name}`, 400, `/api/v1/${name}`, post('{"type":', "application/json")],
      [`post /api/v1/${name}`, 413, `/api/v1/${name}`, post(" ".repeat(70_000), "application/json")],
      [`post /api/v1/${name}`, 415, `/api/v1/${name}`, post("{}", "text/plain")],
    ];
  }),
  [
    "post /api/v1/corrections",
    422,
    "/api/v1/corrections",
    { method: "POST", headers: JSON_HEADERS, body: JSON.stringify({ ...CORRECTION, to: START - 1 }) },
  ],
  ["get /api/v1/corrections/{id}", 202, `/api/v1/corrections/unseen?machine=${FILLER}&timeout=0`],
  ["get /api/v1/corrections/{id}", 400, `/api/v1/corrections/x?machine=${FILLER}&timeout=2h`],
  ["get /api/v1/corrections/{id}", 404, "/api/v1/corrections/x?machine=nowhere"],
];

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
