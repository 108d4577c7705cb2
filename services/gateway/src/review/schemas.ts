/** JSON schemas of the review's routes. */
import { ENTRY_TYPES } from "@oee/review";

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: "string" };
const INSTANT: Schema = { type: "string", format: "date-time" };

export const ENTRY: Schema = {
  type: "object",
  additionalProperties: true,
  properties: {
    type: { type: "string", enum: ENTRY_TYPES },
    id: TEXT,
    rev: { type: "integer", description: "1, then one more than the newest" },
    by: TEXT,
    at: { ...INSTANT, description: "When it was made" },
    note: TEXT,
    withdrawn: { type: "boolean" },
  },
};

/** Each entry is judged on its own, with words of its own. */
export const ENTRIES: Schema = {
  description:
    'One entry or an array of them, such as `{"type":"target","id":"oee-26","rev":1,"by":"anna","scope":"berlin","measure":"oee","value":"+5%","due":"2027-01-01"}`',
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", items: {} },
  ],
};

export const ENTRIES_TAKEN: Schema = {
  type: "object",
  properties: {
    accepted: { type: "integer" },
    entries: {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: TEXT,
          id: TEXT,
          rev: { type: "integer" },
          at: { ...INSTANT, nullable: true },
          digest: { type: "string", nullable: true, description: "Of a review" },
        },
      },
    },
  },
};

export const ENTRIES_QUERY: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    type: { type: "string", enum: ENTRY_TYPES },
    scope: { type: "string", description: "Those of this scope and below" },
    id: { type: "string", minLength: 1 },
    revisions: { type: "string", enum: ["all"] },
  },
};

const NUMBER: Schema = { type: "number" };
const NUMBER_OR_NULL: Schema = { type: "number", nullable: true };
const TEXT_OR_NULL: Schema = { type: "string", nullable: true };
const FLAG: Schema = { type: "boolean" };
const DATE: Schema = { type: "string", format: "date" };
const SCOPE: Schema = {
  type: "string",
  default: "*",
  description: "`*`, `site`, `site/area`, `site/area/line` or `site/area/line/machine`",
};
const PERIOD: Schema = {
  type: "string",
  format: "period",
  description:
    "`2026`, `2026-Q3`, `2026-07`, `2026-W31`, `2026-07-04`, `2026-07-01,2026-08-15`, or `today`, `yesterday`, `this-week` to `last-year`",
};

function parameters(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, required };
}

function object(properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  return { type: "object", properties, ...more };
}

function byName(values: Schema): Schema {
  return { type: "object", additionalProperties: values };
}

export function listOf(items: Schema): Schema {
  return { type: "array", items };
}

export const ID_PARAMS: Schema = object({ id: { type: "string", minLength: 1 } }, { required: ["id"] });
/** A parameter that does not exist is an error. */
export const NO_QUERY: Schema = parameters({});
export const BASELINES_QUERY: Schema = parameters({ scope: SCOPE, date: { type: "string", format: "local-date" } });
export const TARGETS_QUERY: Schema = parameters({
  scope: SCOPE,
  measure: { type: "string", format: "measure" },
  every: { type: "string", enum: ["week", "month", "quarter"] },
});
export const ACTIONS_QUERY: Schema = parameters({
  scope: SCOPE,
  state: { type: "string", enum: ["open", "started", "done", "cancelled", "overdue"] },
});
export const PERIOD_QUERY: Schema = parameters({ scope: SCOPE, period: { ...PERIOD, default: "this-quarter" } });
export const CHANGES_QUERY: Schema = parameters({
  scope: SCOPE,
  first: { ...PERIOD, default: "last-quarter", description: `${String(PERIOD["description"])}; or \`baseline:ID\`` },
  second: { ...PERIOD, default: "this-quarter" },
  depth: {
    type: "integer",
    minimum: 1,
    maximum: 100,
    description: "Of reasons: the first so many parts of their path",
  },
});
export const ASSETS_QUERY: Schema = parameters({ scope: SCOPE });
export const BENCHMARK_QUERY: Schema = parameters(
  {
    class: { type: "string", minLength: 1 },
    measure: { type: "string", format: "measure", default: "oee" },
    scope: SCOPE,
    period: { ...PERIOD, default: "this-quarter" },
  },
  ["class"],
);

const POLICY: Schema = {
  type: "array",
  items: TEXT,
  description:
    "Where the plant file of now makes components otherwise than when the baseline was frozen (BL-6): in what",
};

export const BASELINE: Schema = object({
  id: TEXT,
  scope: TEXT,
  from: DATE,
  to: DATE,
  effective: DATE,
  imported: FLAG,
  kpis: byName(NUMBER_OR_NULL),
  drift: byName(NUMBER),
  policy: POLICY,
});

const STATUSES = ["not-begun", "no-data", "met", "missed", "ahead", "on-track", "behind"];
const STATUS: Schema = { type: "string", enum: STATUSES };

export const TARGET: Schema = object({
  id: TEXT,
  scope: TEXT,
  measure: TEXT,
  baseline: NUMBER_OR_NULL,
  goal: NUMBER_OR_NULL,
  from: { ...DATE, nullable: true },
  due: { ...DATE, nullable: true },
  over: { type: "array", items: DATE, nullable: true },
  expected: NUMBER_OR_NULL,
  achieved: NUMBER_OR_NULL,
  status: STATUS,
  path: listOf(object({ date: DATE, value: NUMBER_OR_NULL })),
  periods: listOf(
    object({
      from: INSTANT,
      to: INSTANT,
      expected: NUMBER_OR_NULL,
      achieved: NUMBER_OR_NULL,
      status: STATUS,
      inProgress: FLAG,
    }),
  ),
});

const EFFECT: Schema = object(
  { verdict: TEXT, blocks: listOf({ type: "integer" }), detectable: NUMBER_OR_NULL },
  { additionalProperties: true, description: "With `effect`, `low`, `high` and the rest where there is data enough" },
);

export const PILOT: Schema = object({
  id: TEXT,
  scopes: listOf(TEXT),
  controls: listOf(TEXT),
  leftOut: listOf(object({ from: DATE, to: DATE, why: TEXT })),
  measures: byName(EFFECT),
  verdict: TEXT,
  interim: FLAG,
  chosenLater: FLAG,
});

export const ACTION: Schema = object({
  id: TEXT,
  scope: TEXT,
  title: TEXT,
  owner: TEXT_OR_NULL,
  addresses: TEXT,
  state: TEXT,
  overdue: FLAG,
  owners: { type: "object" },
  effect: { ...EFFECT, nullable: true },
  held: { ...EFFECT, nullable: true },
  holds: TEXT_OR_NULL,
  leftOut: listOf({ type: "object" }),
});

const DECOMPOSITION: Schema = object(
  {
    scope: TEXT,
    oee: listOf(NUMBER),
    change: NUMBER,
    bars: byName(NUMBER_OR_NULL),
    hours: byName(NUMBER_OR_NULL),
    machines: byName({ type: "object" }),
    children: byName(NUMBER),
  },
  { nullable: true, description: "The bars sum to the change (DC-3), in points of OEE and in hours" },
);

export const CHANGE: Schema = object({
  scope: TEXT,
  change: DECOMPOSITION,
  reasons: listOf(object({ key: TEXT_OR_NULL, change: NUMBER })),
});

const GOAL_STATUS: Schema = { type: "string", enum: ["met", "missed", "no-data"] };

export const SCORECARD: Schema = object({
  scope: TEXT,
  from: INSTANT,
  to: INSTANT,
  visibility: NUMBER_OR_NULL,
  silent: listOf(TEXT),
  undeclared: listOf(TEXT),
  visibilityStatus: GOAL_STATUS,
  coverage: NUMBER_OR_NULL,
  coverageStatus: GOAL_STATUS,
  reasonShare: NUMBER_OR_NULL,
  reasonInTime: NUMBER_OR_NULL,
  needsReason: listOf(object({ machine: TEXT, from: INSTANT, open: FLAG })),
});

export const ASSETS: Schema = object({
  visibility: NUMBER_OR_NULL,
  declared: listOf(
    object({
      machine: TEXT,
      seen: FLAG,
      silent: FLAG,
      first: { ...INSTANT, nullable: true },
      last: { ...INSTANT, nullable: true },
    }),
  ),
  undeclared: listOf(
    object({
      machine: TEXT,
      first: { ...INSTANT, nullable: true },
      last: { ...INSTANT, nullable: true },
      refused: { type: "integer" },
    }),
  ),
});

export const BENCHMARK: Schema = object({
  class: TEXT,
  measure: TEXT,
  rows: listOf(
    object({
      scope: TEXT,
      value: NUMBER,
      rank: { type: "integer" },
      position: NUMBER_OR_NULL,
      gap: NUMBER,
      gapHours: NUMBER_OR_NULL,
    }),
  ),
  notRanked: listOf(object({ scope: TEXT, why: TEXT })),
  quartiles: listOf(NUMBER),
});

const MEASURES: Schema = byName(
  object({
    baseline: NUMBER_OR_NULL,
    expected: NUMBER_OR_NULL,
    goal: NUMBER_OR_NULL,
    achieved: NUMBER_OR_NULL,
    difference: NUMBER_OR_NULL,
    relative: NUMBER_OR_NULL,
    previous: NUMBER_OR_NULL,
    target: TEXT_OR_NULL,
    status: { type: "string", nullable: true, enum: [...STATUSES, null] },
    counts: FLAG,
  }),
);
const TREND: Schema = listOf(
  object({ from: INSTANT, to: INSTANT, values: byName(NUMBER_OR_NULL), expected: byName(NUMBER_OR_NULL) }),
);

export const REVIEW: Schema = object({
  scope: TEXT,
  period: { oneOf: [TEXT, listOf(DATE)] },
  from: DATE,
  to: DATE,
  inProgress: FLAG,
  baseline: TEXT_OR_NULL,
  measures: MEASURES,
  trend: object({ week: TREND, month: TREND }),
  children: byName(MEASURES),
  changeFromBaseline: DECOMPOSITION,
  changeFromPrevious: DECOMPOSITION,
  reasonsFromPrevious: listOf(object({ key: TEXT_OR_NULL, change: NUMBER })),
  pareto: listOf({ type: "object" }),
  longestStops: listOf(object({ machine: TEXT, stop: TEXT, time: NUMBER, reasons: listOf(TEXT_OR_NULL) })),
  cost: NUMBER_OR_NULL,
  savings: { type: "object", nullable: true },
  scorecard: SCORECARD,
  quality: { type: "object" },
  actions: listOf(TEXT),
  policy: POLICY,
});

const FROM: Schema = { type: "string", format: "instant", description: "RFC 3339, epoch milliseconds, or relative" };
export const ALERTS_QUERY: Schema = parameters({
  scope: SCOPE,
  state: { type: "string", enum: ["open", "acknowledged", "resolved"] },
  from: { ...FROM, default: "now-7d" },
  to: { ...FROM, default: "now" },
});
export const TICKET_PARAMS: Schema = object({ ticket: { type: "string", minLength: 1 } }, { required: ["ticket"] });
export const ACKNOWLEDGEMENT: Schema = object(
  { id: TEXT_OR_NULL, by: TEXT_OR_NULL, note: TEXT_OR_NULL, resolved: { type: "boolean", nullable: true } },
  { additionalProperties: true, description: "An entry without `type` and `alert`" },
);
export const ALERT: Schema = object({
  ticket: TEXT,
  rule: TEXT,
  machine: TEXT,
  opens: INSTANT,
  acknowledged: { ...INSTANT, nullable: true },
  resolves: { ...INSTANT, nullable: true },
  owners: { type: "object" },
  steps: listOf(object({ to: TEXT, at: INSTANT, due: FLAG })),
  state: { type: "string", enum: ["open", "acknowledged", "resolved"] },
});
export const AUDIT_QUERY: Schema = parameters({
  scope: SCOPE,
  from: { ...FROM, default: "now-30d" },
  to: { ...FROM, default: "now" },
});
export const AUDIT: Schema = object({
  at: INSTANT,
  kind: { type: "string", enum: ["entry", "correction", "recompute", "plant", "other"] },
  by: TEXT_OR_NULL,
  scope: TEXT,
  what: TEXT,
  before: { type: "object", nullable: true },
  after: { type: "object", nullable: true },
});

export const REVIEW_ENTRY: Schema = object(
  {
    id: TEXT_OR_NULL,
    by: TEXT_OR_NULL,
    scope: TEXT,
    period: { anyOf: [TEXT, { type: "array", items: TEXT }] },
    note: TEXT_OR_NULL,
  },
  { additionalProperties: true, required: ["scope", "period"] },
);
export const SIGN_OFF: Schema = object(
  { by: TEXT, role: TEXT, digest: TEXT, note: TEXT_OR_NULL },
  { additionalProperties: true, required: ["by", "role", "digest"] },
);
const POSITION: Schema = byName(byName({ type: "integer" }));
export const PRESENTED: Schema = object(
  {
    id: TEXT,
    rev: { type: "integer" },
    scope: TEXT,
    period: { anyOf: [TEXT, { type: "array", items: DATE }] },
    position: POSITION,
    instant: INSTANT,
    plant: TEXT,
    document: REVIEW,
    digest: TEXT,
    signOffs: listOf(object({ by: TEXT, role: TEXT, at: INSTANT, digest: TEXT })),
  },
  { additionalProperties: true },
);
export const DIFFERENCES: Schema = object({
  id: TEXT,
  digest: TEXT,
  digestNow: TEXT,
  differences: listOf(object({ figure: TEXT, presented: {}, now: {}, by: NUMBER_OR_NULL })),
  since: object({
    corrections: { type: "integer" },
    by: byName({ type: "integer" }),
    position: object({ presented: POSITION, now: POSITION }),
    plant: object({ presented: TEXT, now: TEXT }),
  }),
});
