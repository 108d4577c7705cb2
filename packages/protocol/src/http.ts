/**
 * The schemas of the HTTP API: of queries and bodies, which they check, and of answers. The OpenAPI document is made of
 * them, tests hold every answer to them, and types are derived from them.
 */
import { LEVELS, LOSS_NAMES, PERIODS, REFUSAL_CODES } from "@oee/model";
import { Type } from "typebox";
import { CATEGORY, COMPONENTS, KPI_VALUES } from "./live-message.ts";
import {
  CURRENCY,
  type Described,
  each,
  EPOCH_MS,
  FLAG,
  INSTANT,
  LOSS_COSTS,
  MONEY,
  NUMBER,
  oneOf,
  orNull,
  parameters,
  SCOPE,
  TEXT,
} from "./schema.ts";

/**
 * What texts in parameters and bodies are, for programs that make requests from the document. They are checked where they are read, with
 * words of their own.
 */
export const TEXT_FORMATS = [
  "instant",
  "short-duration",
  "windows",
  "stop-key",
  "period",
  "measure",
  "local-date",
  "user-name",
  "scope-path",
  "instant-to-come",
  "certificate-digest",
] as const;

const FROM = Type.String({
  format: "instant",
  default: "now-24h",
  description: "Start: RFC 3339, epoch milliseconds, or relative (`now-8h`). Cut to its whole minute (PE-4)",
});
const TO = Type.String({
  format: "instant",
  default: "now",
  description: "End, itself not in it. Cut to its whole minute; now or later means up to the instant of the answer",
});
const LIMIT = Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 });

export const KPI_QUERY = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  by: oneOf(LEVELS, {
    default: "machine",
    description:
      "What there is an element for. `scope` says which part of the plant is answered, `by` at which level: `scope=berlin/packing/l1` alone answers each machine of the line, with `by=line` the line itself",
  }),
  every: Type.Optional(oneOf(PERIODS, { description: "An element per period, in local time of the scope" })),
});
export type KpiQuery = Described<typeof KPI_QUERY>;

const MACHINES = oneOf(["all", "kpi"], {
  default: "all",
  description: "All below the scope, or those that stand for it (EQ-3)",
});

export const PARETO_QUERY = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  by: oneOf(["reason", "state", "machine", "shift", "product"], { default: "reason" }),
  measure: oneOf(["time", "count", "cost"], { default: "time", description: "What orders the bars" }),
  machines: MACHINES,
  depth: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: "Of reasons: the first so many parts of their path" }),
  ),
});
export type ParetoQuery = Described<typeof PARETO_QUERY>;

export const STOPS_QUERY = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  machines: MACHINES,
  limit: LIMIT,
  after: Type.Optional(Type.String({ format: "stop-key", description: "The `oee-next` of the page before" })),
});
export type StopsQuery = Described<typeof STOPS_QUERY>;

export const MISSING_QUERY = parameters({
  scope: SCOPE,
  from: Type.String({ ...FROM, default: "now-7d" }),
  to: TO,
  limit: LIMIT,
});
export type MissingQuery = Described<typeof MISSING_QUERY>;

export const LIVE_QUERY = parameters({
  scope: Type.String({ default: "*", description: "Scope paths, separated by commas" }),
  windows: Type.Optional(
    Type.String({ format: "windows", description: "Window names, separated by commas; all without it" }),
  ),
});
export type LiveQuery = Described<typeof LIVE_QUERY>;

export const CORRECTION_WAIT_PARAMS = Type.Object({ id: Type.String({ description: "The correction's id" }) });
export type CorrectionWaitParams = Described<typeof CORRECTION_WAIT_PARAMS>;

export const CORRECTION_WAIT_QUERY = parameters({
  machine: TEXT,
  timeout: Type.String({ format: "short-duration", default: "10s", description: "How long to wait, `0` to `60s`" }),
});
export type CorrectionWaitQuery = Described<typeof CORRECTION_WAIT_QUERY>;

const ANSWERED = {
  scope: TEXT,
  from: INSTANT,
  to: INSTANT,
  product: orNull(TEXT),
  shift: orNull(TEXT),
  shiftDate: orNull(TEXT),
  crew: orNull(TEXT),
};

export const ELEMENT = Type.Object({ ...ANSWERED, components: COMPONENTS, kpis: KPI_VALUES });
export type ElementAnswer = Described<typeof ELEMENT>;

export const LOSSES_ELEMENT = Type.Object({
  ...ANSWERED,
  losses: orNull(each(LOSS_NAMES, NUMBER), { description: "In ms; null: the scope is not rated (EQ-2)" }),
  lossCosts: LOSS_COSTS,
  currency: CURRENCY,
});
export type LossesAnswer = Described<typeof LOSSES_ELEMENT>;

/** What the stops of one reason, state or machine come to within the period. Minor stops apart, for they cost no availability. */
export const PARETO_ELEMENT = Type.Object({
  key: orNull(TEXT, {
    description: "The reason's path (its first parts), the state, machine, shift or product; null: there is none",
  }),
  name: orNull(TEXT, { description: "As people call it" }),
  time: Type.Number({ description: "Scheduled time (ms) in stops that are not minor" }),
  count: Type.Number({ description: "Segments of such stops whose first scheduled instant lies in the period" }),
  cost: orNull(MONEY, { description: "By each machine's costPerHour, as a decimal text; null: none of them has one" }),
  minorTime: NUMBER,
  minorCount: NUMBER,
  share: orNull(NUMBER, { description: "Of the total of the measure asked for; null: that is 0" }),
  cumulative: orNull(NUMBER, { description: "The share of all bars up to this one" }),
  currency: CURRENCY,
});
export type ParetoElement = Described<typeof PARETO_ELEMENT>;

const STOP_FIELDS = {
  machine: TEXT,
  stop: Type.String({ description: "Identifies the stop: the machine and the stop's start" }),
  from: INSTANT,
  to: INSTANT,
  state: TEXT,
  reason: orNull(TEXT),
  category: CATEGORY,
  failure: FLAG,
  minor: FLAG,
  duration: Type.Number({ description: "In ms" }),
  scheduledDuration: Type.Number({ description: "In ms" }),
  open: Type.Boolean({ description: "Whether it goes on where knowledge ends" }),
  shift: orNull(TEXT),
  shiftDate: orNull(TEXT),
  crew: orNull(TEXT),
  product: orNull(TEXT),
  correctedBy: orNull(TEXT),
};
export const STOP_SEGMENT = Type.Object(STOP_FIELDS);
export type StopAnswer = Described<typeof STOP_SEGMENT>;

export const MISSING_REASON = Type.Object({
  ...STOP_FIELDS,
  since: Type.String({ format: "date-time", description: "Start of its stop" }),
  owner: orNull(TEXT, { description: "The role that is accountable (OW-2); null: nobody is" }),
});
export type MissingAnswer = Described<typeof MISSING_REASON>;

export const EVENTS_QUERY = parameters({
  maxPast: Type.Optional(
    Type.String({
      format: "short-duration",
      description: "Of an import of history: how far behind the clock its events may lie, such as `3650d` (DI-2)",
    }),
  ),
});

export const RAW_EVENTS_QUERY = parameters({
  machine: Type.String({ description: "Its path" }),
  from: FROM,
  to: TO,
  limit: LIMIT,
});
export type RawEventsQuery = Described<typeof RAW_EVENTS_QUERY>;

export const BEARINGS = ["in-force", "within", "correction"] as const;

export const RAW_EVENT = Type.Object({
  machine: TEXT,
  type: oneOf(["state", "count", "total", "job", "correction"]),
  at: Type.String({ format: "date-time", description: "When it happened; of a correction, when it was made" }),
  receivedAt: Type.String({ format: "date-time", description: "When the log took it" }),
  bearing: oneOf(BEARINGS, {
    description:
      "`in-force`: the last state or job before the period; `within`: it happened in it; `correction`: its span overlaps the period",
  }),
  id: orNull(TEXT),
  topic: TEXT,
  partition: Type.Integer(),
  offset: Type.Integer(),
  index: Type.Integer({ description: "Place among the events of the record, from 0" }),
  raw: Type.String({ description: "The event as it was received, a JSON object" }),
});
export type RawEventAnswer = Described<typeof RAW_EVENT>;

/** Each event is judged on its own (DI-2), so that any object is answered, and so is any element of an array. */
export const EVENTS = Type.Unsafe<unknown>({
  description:
    "One event or an array of them: `type` (`state`, `count`, `job`, `correction`), `machine`, `at`, and what its type needs",
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", items: {} },
  ],
});

const REFUSED_EVENT = Type.Object({
  index: Type.Integer({ description: "Place among the events of the body, from 0" }),
  line: Type.Optional(Type.Integer({ description: "Line of the NDJSON, from 1" })),
  code: oneOf(REFUSAL_CODES),
  detail: TEXT,
});
export const EVENTS_TAKEN = Type.Object({
  accepted: Type.Integer({ description: "Events that are safe in the log" }),
  refused: Type.Integer({ description: "Events that are not" }),
  refusals: Type.Array(REFUSED_EVENT),
});
export type RefusedEvent = Described<typeof REFUSED_EVENT>;
export type EventsTaken = Described<typeof EVENTS_TAKEN>;

const WRITTEN = { type: "string", minLength: 1, nullable: true } as const;
const INSTANT_GIVEN = { anyOf: [{ type: "string", format: "instant" }, EPOCH_MS] };
/** The event decoder judges it, as any event (TL-7). */
export const CORRECTION = Type.Unsafe<unknown>({
  type: "object",
  required: ["machine", "from", "to"],
  properties: {
    machine: { type: "string", minLength: 1 },
    id: WRITTEN,
    reason: WRITTEN,
    state: WRITTEN,
    by: WRITTEN,
    note: WRITTEN,
    from: INSTANT_GIVEN,
    to: INSTANT_GIVEN,
    at: { ...INSTANT_GIVEN, nullable: true },
    clear: { type: "boolean", enum: [true, null], nullable: true },
  },
  description: "A correction (TL-7) without `type`; `at` and `id` are given where missing",
});
export const CORRECTION_TAKEN = Type.Object({
  id: TEXT,
  machine: TEXT,
  at: INSTANT,
  wait: Type.String({ description: "Ask there to learn when it has taken effect" }),
});
export type CorrectionTaken = Described<typeof CORRECTION_TAKEN>;

export const CORRECTION_STATUS = Type.Object({ id: TEXT, machine: TEXT, inEffect: FLAG });
export type CorrectionStatus = Described<typeof CORRECTION_STATUS>;

export const HEALTH = Type.Object({ status: TEXT });
/** What of the past is still on its way, for screens, which have words for each. */
export const PROGRESS_CODES = [
  "recomputing",
  "simulation",
  "simulated-past",
  "simulated-past-computing",
  "simulated-past-restating",
] as const;
const PROGRESS = Type.Object(
  { code: oneOf(PROGRESS_CODES), count: Type.Optional(Type.Integer()), of: Type.Optional(Type.Integer()) },
  {
    description:
      "How far what is computed is, as `detail` says it in words: machines whose older figures are computed (`count`), parts of a simulated past that were sent (`count`, `of`)",
  },
);
export type Progress = Described<typeof PROGRESS>;
export const READINESS = Type.Object({
  status: oneOf(["ready", "not-ready"]),
  checks: Type.Array(
    Type.Object({
      name: TEXT,
      ok: FLAG,
      detail: TEXT,
      computing: Type.Optional(
        Type.Literal(true, { description: "Figures of the past are still being computed, and fill in by themselves" }),
      ),
      progress: Type.Optional(PROGRESS),
    }),
  ),
  lag: orNull(Type.Integer(), {
    description: "Records of the log that the workers of this process have not handled; null: it has none",
  }),
  newestEvent: orNull(Type.Object({ at: INSTANT, ageMs: NUMBER })),
});
export type ReadinessAnswer = Described<typeof READINESS>;

/** Problem details (RFC 9457); some have more members. */
export const PROBLEM = Type.Object(
  {
    type: TEXT,
    title: TEXT,
    status: Type.Integer(),
    code: TEXT,
    detail: TEXT,
  },
  { additionalProperties: true },
);
