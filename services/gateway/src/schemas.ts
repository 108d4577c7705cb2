/** JSON schemas of the HTTP API: they check what comes in, and document in OpenAPI what goes out. */
import { CATEGORIES, KPI_NAMES, LEVELS, LOSS_NAMES, PERIODS, REFUSAL_CODES } from "@oee/model";
import { PROBLEM_TYPE, PROBLEMS } from "./problems.ts";
import { PUBLIC_COMPONENTS } from "./tabular/columns.ts";

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: "string" };
const TEXT_OR_NULL: Schema = { type: "string", nullable: true };
const NUMBER: Schema = { type: "number" };
const NUMBER_OR_NULL: Schema = { type: "number", nullable: true };
const FLAG: Schema = { type: "boolean" };
const INSTANT: Schema = { type: "string", format: "date-time" };
const EPOCH_MS: Schema = { type: "integer", description: "Epoch milliseconds" };

export const SCOPE: Schema = {
  type: "string",
  default: "*",
  description: "`*`, `site`, `site/area`, `site/area/line` or `site/area/line/machine`",
};
/**
 * What texts in parameters are, for programs that make requests from the document. They are checked where they are read, with
 * words of their own.
 */
export const TEXT_FORMATS = ["instant", "short-duration", "windows", "stop-key"] as const;

const FROM: Schema = {
  type: "string",
  format: "instant",
  default: "now-24h",
  description: "Start: RFC 3339, epoch milliseconds, or relative (`now-8h`). Cut to its whole minute (PE-4)",
};
const TO: Schema = {
  type: "string",
  format: "instant",
  default: "now",
  description: "End, itself not in it. Cut to its whole minute; now or later means up to the instant of the answer",
};

function parameters(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, required };
}

export const KPI_QUERY: Schema = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  by: {
    type: "string",
    enum: LEVELS,
    default: "machine",
    description:
      "What there is an element for. `scope` says which part of the plant is answered, `by` at which level: `scope=berlin/packing/l1` alone answers each machine of the line, with `by=line` the line itself",
  },
  every: { type: "string", enum: PERIODS, description: "An element per period, in local time of the scope" },
});
export const PARETO_QUERY: Schema = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  by: { type: "string", enum: ["reason", "state", "machine"], default: "reason" },
});
export const STOPS_QUERY: Schema = parameters({
  scope: SCOPE,
  from: FROM,
  to: TO,
  limit: { type: "integer", minimum: 1, maximum: 10_000, default: 1_000 },
  after: { type: "string", format: "stop-key", description: "The `oee-next` of the page before" },
});
export const MISSING_QUERY: Schema = parameters({
  scope: SCOPE,
  from: { ...FROM, default: "now-7d" },
  to: TO,
  limit: { type: "integer", minimum: 1, maximum: 10_000, default: 1_000 },
});
export const LIVE_QUERY: Schema = parameters({
  scope: { ...SCOPE, description: "Scope paths, separated by commas" },
  windows: { type: "string", format: "windows", description: "Window names, separated by commas; all without it" },
});
export const CORRECTION_WAIT_PARAMS: Schema = {
  type: "object",
  properties: { id: { ...TEXT, description: "The correction's id" } },
  required: ["id"],
};
export const CORRECTION_WAIT_QUERY: Schema = parameters(
  {
    machine: TEXT,
    timeout: {
      type: "string",
      format: "short-duration",
      default: "10s",
      description: "How long to wait, `0` to `60s`",
    },
  },
  ["machine"],
);

function object(properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  return { type: "object", properties, ...more };
}

function all(names: readonly string[], schema: Schema): Record<string, Schema> {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

const COMPONENTS: Schema = object(all(PUBLIC_COMPONENTS, NUMBER), { description: "Durations in milliseconds" });
const KPI_VALUES: Schema = object(all(KPI_NAMES, NUMBER_OR_NULL), {
  description: "Ratios from 0 to 1, durations in milliseconds",
});
const ANSWERED = {
  scope: TEXT,
  from: INSTANT,
  to: INSTANT,
  product: TEXT_OR_NULL,
  shift: TEXT_OR_NULL,
  shiftDate: TEXT_OR_NULL,
  crew: TEXT_OR_NULL,
};

export const ELEMENT: Schema = object({ ...ANSWERED, components: COMPONENTS, kpis: KPI_VALUES });
export const LOSSES_ELEMENT: Schema = object({
  ...ANSWERED,
  losses: object(all(LOSS_NAMES, NUMBER), { nullable: true }),
});
export const PARETO_ELEMENT: Schema = object({
  key: TEXT_OR_NULL,
  name: TEXT_OR_NULL,
  time: NUMBER,
  count: NUMBER,
  cost: NUMBER_OR_NULL,
  minorTime: NUMBER,
  minorCount: NUMBER,
});
const STOP_FIELDS = {
  ...all(["machine", "stop", "state", "category"], TEXT),
  ...all(["reason", "shift", "shiftDate", "crew", "product", "correctedBy"], TEXT_OR_NULL),
  ...all(["failure", "minor", "open"], FLAG),
  ...all(["duration", "scheduledDuration"], NUMBER),
  from: INSTANT,
  to: INSTANT,
};
export const STOP_SEGMENT: Schema = object(STOP_FIELDS);
export const MISSING_REASON: Schema = object({ ...STOP_FIELDS, since: INSTANT, owner: TEXT_OR_NULL });

const TARGETS: Schema = { type: "object", additionalProperties: NUMBER };
const UNIT: Schema = {
  type: "string",
  nullable: true,
  description: "What quantities are in; null where the scope's machines have several units",
};
const DECIMALS: Schema = {
  type: "integer",
  description: "Of quantities: the most that any of the scope's machines has",
};

export const PLANT: Schema = object({
  ...all(["enterprise", "name", "version"], TEXT),
  currency: TEXT_OR_NULL,
  windows: list(TEXT),
  scopes: list(
    object({
      ...all(["path", "kind", "name", "timezone"], TEXT),
      parent: TEXT_OR_NULL,
      rated: FLAG,
      unit: UNIT,
      decimals: DECIMALS,
      targets: TARGETS,
    }),
  ),
  reasons: list(
    object({
      path: TEXT,
      name: TEXT,
      category: { type: "string", enum: [...CATEGORIES, null], nullable: true },
      failure: { type: "boolean", nullable: true },
      vague: { type: "boolean", description: "Whether a stop with it still needs a reason (RS-1)" },
    }),
  ),
  timezones: object({
    release: TEXT,
    offsets: {
      type: "object",
      description: "By zone, five years back and ahead: from when its clocks are how far ahead of UTC (ms)",
      additionalProperties: list(object({ from: EPOCH_MS, offsetMs: NUMBER })),
    },
  }),
});

const SEGMENT: Schema = object({
  from: EPOCH_MS,
  to: EPOCH_MS,
  state: TEXT,
  category: TEXT,
  minor: FLAG,
  reason: TEXT_OR_NULL,
});
export const LIVE: Schema = object({
  emittedAt: EPOCH_MS,
  reflects: { type: "integer", nullable: true, description: "Event time of the newest event, epoch milliseconds" },
  version: TEXT,
  elements: list(
    object({
      ...all(["scope", "kind", "name", "timezone"], TEXT),
      targets: TARGETS,
      unit: UNIT,
      decimals: DECIMALS,
      machine: object(
        {
          ...all(["state", "category"], TEXT),
          ...all(["reason", "reasonName", "product", "productName", "order"], TEXT_OR_NULL),
          ...all(["since", "lastEventAt", "idealCycleSeconds", "taktSeconds", "rate"], NUMBER_OR_NULL),
          minor: { type: "boolean", nullable: true },
          failure: FLAG,
          scheduled: FLAG,
          timeline: list(SEGMENT),
        },
        { nullable: true },
      ),
      windows: {
        type: "object",
        additionalProperties: object({ from: EPOCH_MS, to: EPOCH_MS, components: COMPONENTS, kpis: KPI_VALUES }),
      },
      shift: object(
        {
          name: TEXT,
          date: TEXT,
          from: EPOCH_MS,
          to: EPOCH_MS,
          nextBreak: object({ from: EPOCH_MS, to: EPOCH_MS }, { nullable: true }),
        },
        { nullable: true },
      ),
    }),
  ),
});

export const EVENTS_QUERY: Schema = parameters({
  maxPast: {
    type: "string",
    format: "short-duration",
    description: "Of an import of history: how far behind the clock its events may lie, such as `3650d` (DI-2)",
  },
});
/** Each event is judged on its own (DI-2), so that any object is answered, and so is any element of an array. */
export const EVENTS: Schema = {
  description:
    "One event or an array of them: `type` (`state`, `count`, `job`, `correction`), `machine`, `at`, and what its type needs",
  anyOf: [
    { type: "object", additionalProperties: true },
    { type: "array", items: {} },
  ],
};
export const EVENTS_TAKEN: Schema = object({
  accepted: { type: "integer", description: "Events that are safe in the log" },
  refused: { type: "integer", description: "Events that are not" },
  refusals: list(
    object({
      index: { type: "integer", description: "Place among the events of the body, from 0" },
      line: { type: "integer", description: "Line of the NDJSON, from 1" },
      code: { type: "string", enum: REFUSAL_CODES },
      detail: TEXT,
    }),
  ),
});
export const CORRECTION: Schema = object(
  {
    machine: { type: "string", minLength: 1 },
    ...all(["id", "reason", "state", "by", "note"], { type: "string", minLength: 1, nullable: true }),
    ...all(["from", "to"], { anyOf: [{ type: "string", format: "instant" }, EPOCH_MS] }),
    at: { anyOf: [{ type: "string", format: "instant" }, EPOCH_MS], nullable: true },
    clear: { type: "boolean", enum: [true, null], nullable: true },
  },
  {
    required: ["machine", "from", "to"],
    description: "A correction (TL-7) without `type`; `at` and `id` are given where missing",
  },
);
export const CORRECTION_TAKEN: Schema = object({
  id: TEXT,
  machine: TEXT,
  at: INSTANT,
  wait: { type: "string", description: "Ask there to learn when it has taken effect" },
});
export const CORRECTION_STATUS: Schema = object({ id: TEXT, machine: TEXT, inEffect: FLAG });

const HOP: Schema = object({ count: NUMBER, quantiles: { type: "object", additionalProperties: NUMBER_OR_NULL } });
export const LATENCY: Schema = object({ hops: object(all(["log", "compute", "gateway", "emit", "total"], HOP)) });

export const HEALTH: Schema = object({ status: TEXT });
export const READINESS: Schema = object({
  status: { type: "string", enum: ["ready", "not-ready"] },
  checks: list(object({ name: TEXT, ok: FLAG, detail: TEXT })),
  lag: {
    type: "integer",
    nullable: true,
    description: "Records of the log that the workers of this process have not handled",
  },
  newestEvent: object({ at: INSTANT, ageMs: NUMBER }, { nullable: true }),
});

const PROBLEM: Schema = object({
  ...all(["type", "title", "code", "detail"], TEXT),
  status: { type: "integer" },
});

/** The documented answers of a route: its own, and problems by their status. */
export function answers(
  own: Readonly<
    Record<
      number,
      {
        readonly description: string;
        readonly types?: readonly string[];
        readonly schema?: Schema;
        readonly example?: unknown;
      }
    >
  >,
  problems: readonly number[],
): Schema {
  const documented: Record<number, Schema> = {};
  for (const [status, { description, types = ["application/json"], schema, example }] of Object.entries(own)) {
    const content = Object.fromEntries(
      types.map((type) => [
        type,
        type === "application/json" && schema !== undefined
          ? { schema, ...(example === undefined ? {} : { example }) }
          : { schema: TEXT },
      ]),
    );
    documented[Number(status)] = { description, content };
  }
  for (const status of problems) {
    const codes = Object.entries(PROBLEMS).filter(([, problem]) => problem.status === status);
    const description = codes.map(([code, { title }]) => `${title} (\`${code}\`)`).join("; ");
    documented[status] = { description, content: { [PROBLEM_TYPE]: { schema: PROBLEM } } };
  }
  return documented;
}
