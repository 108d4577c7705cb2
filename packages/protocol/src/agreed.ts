/** What was agreed, with what it comes to: baselines (BL), targets (TG), pilots (PI) and actions (AC). */
import { ACTION_STATES, HOLDS, TARGET_STATUSES, VERDICTS } from "@oee/model";
import { Type } from "typebox";
import {
  byName,
  CURRENCY,
  DATE,
  type Described,
  FLAG,
  INSTANT,
  MONEY,
  NUMBER,
  oneOf,
  orNull,
  pairOf,
  parameters,
  POSITION,
  SCOPE,
  TEXT,
} from "./schema.ts";

const NUMBER_OR_NULL = orNull(NUMBER);

export const BASELINES_QUERY = parameters({
  scope: SCOPE,
  date: Type.Optional(Type.String({ format: "local-date" })),
  policy: Type.Optional(
    oneOf(["today"], {
      description:
        "Adds `today` where the policy is another now; for many machines and a long history it takes minutes",
    }),
  ),
});
export type BaselinesQuery = Described<typeof BASELINES_QUERY>;

export const TARGETS_QUERY = parameters({
  scope: SCOPE,
  measure: Type.Optional(Type.String({ format: "measure" })),
  every: Type.Optional(oneOf(["week", "month", "quarter"])),
});
export type TargetsQuery = Described<typeof TARGETS_QUERY>;

export const ACTIONS_QUERY = parameters({
  scope: SCOPE,
  state: Type.Optional(oneOf([...ACTION_STATES, "overdue"])),
});
export type ActionsQuery = Described<typeof ACTIONS_QUERY>;

const BLOCK_POLICY = Type.Optional(
  Type.Array(TEXT, {
    description:
      "Parts of the policy (BL-2) that are not one over all blocks of a side (PI-2): `minorStopThreshold`, …; missing: all are",
  }),
);

/** Missing where the policy is the same. */
export const POLICY = Type.Optional(
  Type.Array(TEXT, {
    description:
      "Where the plant file of now makes components otherwise than when the baseline was frozen (BL-6): in what",
  }),
);

/** The same figures less the frozen ones, by name; none for what is the same. */
const DRIFT = { description: "Computed now less frozen (BL-5): of what is not the same" };

export const BASELINE = Type.Object({
  id: TEXT,
  scope: TEXT,
  from: DATE,
  to: DATE,
  effective: DATE,
  imported: FLAG,
  kpis: byName(NUMBER_OR_NULL, { description: "Of the KPIs that have a better (ME-2)" }),
  drift: byName(NUMBER, DRIFT),
  driftComponents: byName(NUMBER, DRIFT),
  since: Type.Optional(
    Type.Object(
      {
        lateEvents: Type.Integer({ description: "Events of before the end of its period that came since" }),
        corrections: Type.Integer({ description: "Of its period" }),
        correctionsBy: byName(Type.Integer()),
        recomputations: Type.Integer({ description: "`oee recompute` and `oee verify --repair` of its period" }),
        recomputationsBy: byName(Type.Integer()),
        position: Type.Object({ frozen: POSITION, now: POSITION }),
        plant: Type.Object({ frozen: TEXT, now: TEXT }),
      },
      { description: "What came after it was frozen; missing where nothing drifts" },
    ),
  ),
  policy: POLICY,
  today: Type.Optional(
    Type.Object(
      {
        plant: Type.String({ description: "The version of the plant file" }),
        kpis: byName(NUMBER_OR_NULL),
        components: byName(NUMBER),
        why: Type.Optional(
          oneOf(["events-gone", "too-many-events"], { description: "Why there are no figures; missing: there are" }),
        ),
      },
      { description: "Its period under today's policy, from its raw events (BL-6); with `policy=today` alone" },
    ),
  ),
});
export type BaselineAnswer = Described<typeof BASELINE>;

export const TARGET_STATUS = oneOf(TARGET_STATUSES);

/** Missing where the policy is the same, and where no baseline is compared with. */
export const TARGET_POLICY = Type.Optional(
  Type.Array(TEXT, {
    description: "In what the policy of the period differs from that of the target's baseline (BL-6)",
  }),
);

export const TARGET = Type.Object({
  id: TEXT,
  scope: TEXT,
  measure: TEXT,
  baseline: NUMBER_OR_NULL,
  goal: NUMBER_OR_NULL,
  from: orNull(DATE),
  due: orNull(DATE),
  over: orNull(pairOf(DATE), { description: "The goal is to hold over these dates, the last not in it" }),
  expected: NUMBER_OR_NULL,
  achieved: NUMBER_OR_NULL,
  status: TARGET_STATUS,
  policy: TARGET_POLICY,
  path: Type.Array(Type.Object({ date: DATE, value: NUMBER_OR_NULL })),
  periods: Type.Array(
    Type.Object({
      from: INSTANT,
      to: INSTANT,
      expected: NUMBER_OR_NULL,
      achieved: NUMBER_OR_NULL,
      status: TARGET_STATUS,
      inProgress: FLAG,
      policy: TARGET_POLICY,
    }),
  ),
});
export type TargetAnswer = Described<typeof TARGET>;

const RETURN = {
  perYear: orNull(MONEY),
  roi1: NUMBER_OR_NULL,
  roi3: NUMBER_OR_NULL,
  paybackMonths: orNull(NUMBER, { description: "null: never, or nothing was invested" }),
};
const RETURNED = Type.Object({
  ...RETURN,
  saving: orNull(MONEY),
  low: orNull(MONEY),
  high: orNull(MONEY),
  ends: pairOf(Type.Object(RETURN)),
});

const optional = Type.Optional;
const PAIR = pairOf(NUMBER, { description: "Before and after" });
const EFFECT_FIELDS = {
  verdict: oneOf(VERDICTS),
  blocks: pairOf(Type.Integer(), { description: "Counted blocks before and after" }),
  detectable: NUMBER_OR_NULL,
  money: orNull(RETURNED, { description: "null for measures that have no price" }),
  pilot: optional(PAIR),
  control: optional(orNull(PAIR)),
  effect: optional(Type.Number({ description: "The pilot's change less the controls' (PI-3)" })),
  expected: optional(NUMBER),
  relative: optional(NUMBER_OR_NULL),
  autocorrelation: optional(NUMBER),
  q: optional(NUMBER),
  se: optional(NUMBER),
  t: optional(NUMBER_OR_NULL),
  low: optional(NUMBER),
  high: optional(NUMBER),
  parallel: optional(orNull(FLAG)),
  slope: optional(NUMBER_OR_NULL),
  slopeT: optional(NUMBER_OR_NULL),
  noControl: optional(FLAG),
  placebo: optional(byName(NUMBER)),
};
/** What a change did to a measure; from `pilot` on only where there is data enough. */
export const EFFECT = Type.Object(EFFECT_FIELDS);
export type EffectAnswer = Described<typeof EFFECT>;

const LEFT_OUT = Type.Object({ from: DATE, to: DATE, why: TEXT });

export const PILOT = Type.Object({
  id: TEXT,
  scopes: Type.Array(TEXT),
  controls: Type.Array(TEXT),
  leftOut: Type.Array(LEFT_OUT),
  measures: byName(EFFECT),
  verdict: oneOf(VERDICTS),
  interim: FLAG,
  chosenLater: FLAG,
  chosenLaterBy: optional(
    Type.Array(Type.Object({ by: orNull(TEXT), at: orNull(INSTANT) }), {
      description: "Who entered it, or changed what is measured, after it began (PI-9)",
    }),
  ),
  policy: BLOCK_POLICY,
  currency: CURRENCY,
});
export type PilotAnswer = Described<typeof PILOT>;

/** Who answers for something (OW-1). */
export const OWNERS = Type.Object({
  responsible: Type.Array(TEXT),
  accountable: orNull(TEXT),
  consulted: Type.Array(TEXT),
  informed: Type.Array(TEXT),
});

export const ACTION = Type.Object({
  id: TEXT,
  scope: TEXT,
  title: TEXT,
  owner: orNull(TEXT),
  addresses: TEXT,
  state: oneOf(ACTION_STATES),
  overdue: FLAG,
  owners: OWNERS,
  effect: orNull(Type.Object({ ...EFFECT_FIELDS, measuring: FLAG }), { description: "null before it is done" }),
  held: orNull(EFFECT, { description: "The same from 90 days on (AC-3)" }),
  holds: orNull(oneOf(HOLDS)),
  overlaps: optional(
    Type.Array(TEXT, {
      description: "Ids of other actions whose blocks overlap on a machine: its effect holds theirs (AC-4)",
    }),
  ),
  leftOut: Type.Array(LEFT_OUT),
  policy: BLOCK_POLICY,
  currency: CURRENCY,
});
export type ActionAnswer = Described<typeof ACTION>;
