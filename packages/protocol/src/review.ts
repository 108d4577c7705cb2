/** The review of a scope and a period (RV-1), and what it is made of: measures, changes (DC), the scorecard (SC), ranking (BM). */
import { BIG_LOSS_NAMES, GOAL_STATUSES } from "@oee/model";
import { Type } from "typebox";
import { POLICY, TARGET_POLICY, TARGET_STATUS } from "./agreed.ts";
import {
  byName,
  CURRENCY,
  DATE,
  type Described,
  each,
  FLAG,
  INSTANT,
  LOSS_COSTS,
  MONEY,
  NUMBER,
  oneOf,
  orNull,
  pairOf,
  parameters,
  SCOPE,
  TEXT,
} from "./schema.ts";

const NUMBER_OR_NULL = orNull(NUMBER);

const NAMES =
  "`2026`, `2026-Q3`, `2026-07`, `2026-W31`, `2026-07-04`, `2026-07-01,2026-08-15`, or `today`, `yesterday`, `this-week` to `last-year`";
const periodOf = (by: string, description = NAMES) => Type.String({ format: "period", description, default: by });

export const PERIOD_QUERY = parameters({ scope: SCOPE, period: periodOf("this-quarter") });
export type PeriodQuery = Described<typeof PERIOD_QUERY>;

export const CHANGES_QUERY = parameters({
  scope: SCOPE,
  first: periodOf("last-quarter", `${NAMES}; or \`baseline:ID\``),
  second: periodOf("this-quarter"),
  depth: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: "Of reasons: the first so many parts of their path" }),
  ),
});
export type ChangesQuery = Described<typeof CHANGES_QUERY>;

export const ASSETS_QUERY = parameters({ scope: SCOPE });
export type AssetsQuery = Described<typeof ASSETS_QUERY>;

export const BENCHMARK_QUERY = parameters({
  class: Type.String({ minLength: 1 }),
  measure: Type.String({ format: "measure", default: "oee" }),
  scope: SCOPE,
  period: periodOf("this-quarter"),
});
export type BenchmarkQuery = Described<typeof BENCHMARK_QUERY>;

/** Two dates, or the name that a period was asked for by. */
export const NAME_OR_DATES = Type.Unsafe<string | readonly [string, string]>({ anyOf: [TEXT, pairOf(DATE)] });

const barsWith = <N extends string>(name: N) =>
  each([...BIG_LOSS_NAMES, "productMix", "machineMix", name], NUMBER_OR_NULL);

export const DECOMPOSITION = Type.Object({
  scope: Type.Optional(TEXT),
  oee: pairOf(NUMBER, { description: "Before and after" }),
  change: NUMBER,
  bars: barsWith("unplaced"),
  hours: barsWith("unplaced"),
  machines: byName(barsWith("total")),
  children: byName(NUMBER),
});
export type DecompositionAnswer = Described<typeof DECOMPOSITION>;

const DECOMPOSITION_OR_NULL = orNull(DECOMPOSITION, {
  description: "The bars sum to the change (DC-3), in points of OEE and in hours",
});
const REASON_CHANGES = Type.Array(Type.Object({ key: orNull(TEXT), change: NUMBER }));

export const CHANGE = Type.Object({
  scope: TEXT,
  change: DECOMPOSITION_OR_NULL,
  reasons: REASON_CHANGES,
  policy: POLICY,
});
export type ChangeAnswer = Described<typeof CHANGE>;

const GOAL_STATUS = oneOf(GOAL_STATUSES);

export const SCORECARD = Type.Object({
  scope: TEXT,
  from: INSTANT,
  to: INSTANT,
  visibility: NUMBER_OR_NULL,
  silent: Type.Array(TEXT),
  undeclared: Type.Array(TEXT),
  visibilityStatus: GOAL_STATUS,
  coverage: NUMBER_OR_NULL,
  coverageStatus: GOAL_STATUS,
  reasonShare: NUMBER_OR_NULL,
  reasonInTime: NUMBER_OR_NULL,
  needsReasonCount: Type.Optional(
    Type.Integer({ description: "How many segments of stops lack a reason (RS-1), where not all are listed" }),
  ),
  needsReason: Type.Array(Type.Object({ machine: TEXT, from: INSTANT, open: FLAG }), {
    description: "Stops that lack a reason, the first 1,000: open ones, then the longest",
  }),
});
export type ScorecardAnswer = Described<typeof SCORECARD>;

const SCORECARD_ROWS = Type.Array(
  Type.Object({
    measure: TEXT,
    now: NUMBER_OR_NULL,
    before: orNull(NUMBER, { description: "The same dates a quarter before" }),
    baseline: NUMBER_OR_NULL,
    goal: NUMBER_OR_NULL,
    status: orNull(TARGET_STATUS),
    policy: Type.Optional(
      Type.Array(TEXT, {
        description: "In what the policy of the period differs from that of the baseline, the goal's too (BL-6)",
      }),
    ),
    policyBefore: Type.Optional(
      Type.Array(TEXT, { description: "In what the policy is not one over the period and the quarter before it" }),
    ),
  }),
  { description: "SC-4" },
);

export const SCORECARD_WITH_ROWS = Type.Object({ ...SCORECARD.properties, rows: SCORECARD_ROWS });

export type ScorecardRows = Described<typeof SCORECARD_WITH_ROWS>;

const HEARD = { machine: TEXT, first: orNull(INSTANT), last: orNull(INSTANT) };
export const ASSETS = Type.Object({
  visibility: NUMBER_OR_NULL,
  declared: Type.Array(Type.Object({ ...HEARD, seen: FLAG, silent: FLAG })),
  undeclared: Type.Array(Type.Object({ ...HEARD, refused: Type.Integer() })),
});
export type AssetsAnswer = Described<typeof ASSETS>;

const IDEAL_CYCLE_CHANGE = Type.Object({
  machine: Type.Optional(Type.String({ description: "Its path" })),
  product: Type.Optional(TEXT),
  seconds: Type.Array(NUMBER_OR_NULL, {
    description: "Each value once, in the order of the plant files; null: none is set",
  }),
});

const BESIDE_RANK = Type.Object(
  {
    coverage: NUMBER_OR_NULL,
    loading: NUMBER_OR_NULL,
    teep: NUMBER_OR_NULL,
    plannedStopShare: orNull(NUMBER, { description: "Planned stops / planned time" }),
    minorStopThresholds: Type.Array(NUMBER, { description: "In ms; several where machines of a line differ" }),
    idealCycleChanges: Type.Array(IDEAL_CYCLE_CHANGE),
    performanceAbove1: Type.Integer({ description: "Days of machines with a performance above 1" }),
    correctedShare: orNull(NUMBER, {
      description: "Of stop time, the share that corrections made something else; null: there is no stop time",
    }),
    reasonShare: NUMBER_OR_NULL,
    policy: Type.Optional(
      Type.Array(TEXT, {
        description:
          "Parts of the policy (BL-2) that more than half of the class has otherwise, or that changed within the period; missing: none",
      }),
    ),
  },
  { description: "What makes a number good without making anything better (BM-3)" },
);

export const BENCHMARK = Type.Object({
  class: TEXT,
  measure: TEXT,
  rows: Type.Array(
    Type.Object({
      scope: TEXT,
      value: NUMBER,
      rank: Type.Integer(),
      position: NUMBER_OR_NULL,
      gap: NUMBER,
      gapHours: NUMBER_OR_NULL,
      beside: BESIDE_RANK,
    }),
  ),
  notRanked: Type.Array(Type.Object({ scope: TEXT, why: TEXT })),
  quartiles: Type.Array(NUMBER),
});
export type BenchmarkAnswer = Described<typeof BENCHMARK>;

const MEASURE = Type.Object({
  baseline: NUMBER_OR_NULL,
  expected: NUMBER_OR_NULL,
  goal: NUMBER_OR_NULL,
  achieved: NUMBER_OR_NULL,
  difference: NUMBER_OR_NULL,
  relative: NUMBER_OR_NULL,
  previous: NUMBER_OR_NULL,
  target: orNull(TEXT, { description: "The target's id; empty: one of the plant file" }),
  status: orNull(TARGET_STATUS),
  counts: Type.Boolean({ description: "Whether the period counts (ME-4); if not there is no verdict" }),
  policy: TARGET_POLICY,
});
export type MeasureAnswer = Described<typeof MEASURE>;

const TREND = Type.Array(
  Type.Object({ from: INSTANT, to: INSTANT, values: byName(NUMBER_OR_NULL), expected: byName(NUMBER_OR_NULL) }),
);

const BAR = Type.Object({
  key: orNull(TEXT),
  time: Type.Number({ description: "Scheduled time (ms) of stops that are not minor" }),
  count: NUMBER,
  cost: orNull(MONEY),
  minorTime: NUMBER,
  minorCount: NUMBER,
  share: NUMBER_OR_NULL,
  cumulative: NUMBER_OR_NULL,
});

const QUALITY = Type.Object({
  coverage: NUMBER_OR_NULL,
  reasonShare: NUMBER_OR_NULL,
  performanceAbove1: Type.Integer({ description: "Machine days whose performance is above 1 (P-4)" }),
  doubtedTotals: Type.Optional(
    Type.Integer({ description: "Running totals of the period that count nothing (CN-8); missing: none are doubted" }),
  ),
  plantVersions: Type.Optional(
    Type.Array(TEXT, {
      description:
        "Of the plant files by which the period's rows were computed, in the order in which they were loaded; missing in reviews that an older release presented",
    }),
  ),
  policyChanges: Type.Optional(
    Type.Array(TEXT, {
      description: "In which parts of the policy (BL-2) these plant files differ; missing: in none",
    }),
  ),
  policyChangedOn: Type.Optional(
    Type.Array(TEXT, {
      description: "The local dates on which a plant file of another policy than the one before made its first rows",
    }),
  ),
  idealCycleChanges: Type.Optional(
    Type.Array(IDEAL_CYCLE_CHANGE, { description: "Ideal cycles in which these plant files differ; missing: in none" }),
  ),
  corrections: Type.Integer(),
  correctionsAfterEnd: Type.Integer(),
  lateEvents: Type.Optional(
    Type.Integer({
      description:
        "Events of the period, corrections aside, that arrived more than an hour after they happened, at most 100,000; missing: none did, or it is not known",
    }),
  ),
  lateEventsAfterEnd: Type.Optional(
    orNull(Type.Integer(), {
      description: "How many of these arrived after the period's end; null: there are more than are counted",
    }),
  ),
  refused: byName(Type.Integer(), { description: "Refused events of the whole log by code" }),
});

const LONG_STOP = Type.Object({
  machine: TEXT,
  stop: TEXT,
  time: Type.Number({ description: "Scheduled time (ms) in the period" }),
  reasons: Type.Array(orNull(TEXT)),
});

export const REVIEW = Type.Object({
  scope: TEXT,
  period: NAME_OR_DATES,
  from: DATE,
  to: DATE,
  inProgress: FLAG,
  baseline: orNull(TEXT),
  measures: byName(MEASURE),
  trend: Type.Object({ week: TREND, month: TREND }),
  children: byName(byName(MEASURE)),
  changeFromBaseline: DECOMPOSITION_OR_NULL,
  changeFromPrevious: DECOMPOSITION_OR_NULL,
  reasonsFromPrevious: REASON_CHANGES,
  pareto: Type.Array(BAR),
  longestStops: Type.Array(LONG_STOP),
  cost: orNull(MONEY),
  lossCosts: LOSS_COSTS,
  savings: orNull(
    Type.Object({
      saving: orNull(MONEY),
      perYear: orNull(MONEY),
      notInBaseline: Type.Array(TEXT),
      policy: Type.Optional(
        Type.Array(TEXT, { description: "In what the policy of the period differs from the baseline's (BL-6)" }),
      ),
    }),
  ),
  currency: CURRENCY,
  scorecard: Type.Object({ ...SCORECARD.properties, rows: Type.Optional(SCORECARD_ROWS) }),
  quality: QUALITY,
  actions: Type.Array(TEXT),
  policy: POLICY,
});
export type ReviewAnswer = Described<typeof REVIEW>;
