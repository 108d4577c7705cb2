/** The columns of baselines, targets, actions and closed time as CSV and Arrow. */
import type { ActionAnswer, BaselineAnswer, Closing, TargetAnswer } from "@oee/protocol";
import type { Column } from "./columns.ts";
import type { Report } from "./send-report.ts";

interface BaselineKpi {
  readonly baseline: BaselineAnswer;
  readonly measure: string;
}

const BETWEEN = ";";

/** A row for each KPI of each baseline. */
export const BASELINE_ROWS: Report<readonly BaselineAnswer[], BaselineKpi> = {
  rows: (baselines) =>
    baselines.flatMap((baseline) => Object.keys(baseline.kpis).map((measure) => ({ baseline, measure }))),
  columns: [
    { name: "id", kind: "text", of: ({ baseline }) => baseline.id },
    { name: "scope", kind: "text", of: ({ baseline }) => baseline.scope },
    { name: "from", kind: "text", of: ({ baseline }) => baseline.from },
    { name: "to", kind: "text", of: ({ baseline }) => baseline.to },
    { name: "effective", kind: "text", of: ({ baseline }) => baseline.effective },
    { name: "imported", kind: "flag", of: ({ baseline }) => baseline.imported },
    { name: "measure", kind: "text", of: ({ measure }) => measure },
    { name: "value", kind: "number", of: ({ baseline, measure }) => baseline.kpis[measure] ?? null },
    { name: "drift", kind: "number", of: ({ baseline, measure }) => baseline.drift[measure] ?? null },
    { name: "policy", kind: "text", of: ({ baseline }) => baseline.policy?.join(BETWEEN) ?? null },
  ],
};

interface TargetRow {
  readonly target: TargetAnswer;
  /** The period of the row; `null`: the row has the target's own status (TG-6). */
  readonly period: TargetAnswer["periods"][number] | null;
}

/** A row for each target, followed by one for each of its periods. */
export const TARGET_ROWS: Report<readonly TargetAnswer[], TargetRow> = {
  rows: (targets) =>
    targets.flatMap((target) => [
      { target, period: null },
      ...target.periods.map((period): TargetRow => ({ target, period })),
    ]),
  columns: [
    { name: "id", kind: "text", of: ({ target }) => target.id },
    { name: "scope", kind: "text", of: ({ target }) => target.scope },
    { name: "measure", kind: "text", of: ({ target }) => target.measure },
    { name: "baseline", kind: "number", of: ({ target }) => target.baseline },
    { name: "goal", kind: "number", of: ({ target }) => target.goal },
    { name: "from", kind: "text", of: ({ target }) => target.from },
    { name: "due", kind: "text", of: ({ target }) => target.due },
    { name: "overFrom", kind: "text", of: ({ target }) => target.over?.[0] ?? null },
    { name: "overTo", kind: "text", of: ({ target }) => target.over?.[1] ?? null },
    { name: "periodFrom", kind: "text", of: ({ period }) => period?.from ?? null },
    { name: "periodTo", kind: "text", of: ({ period }) => period?.to ?? null },
    { name: "expected", kind: "number", of: ({ target, period }) => (period ?? target).expected },
    { name: "achieved", kind: "number", of: ({ target, period }) => (period ?? target).achieved },
    { name: "status", kind: "text", of: ({ target, period }) => (period ?? target).status },
    { name: "inProgress", kind: "flag", of: ({ period }) => period?.inProgress ?? false },
    { name: "policy", kind: "text", of: ({ target, period }) => (period ?? target).policy?.join(BETWEEN) ?? null },
  ],
};

const effect = (name: "effect" | "low" | "high" | "detectable"): Column<ActionAnswer> => ({
  name,
  kind: "number",
  of: (action) => action.effect?.[name] ?? null,
});
const money = (name: "saving" | "perYear"): Column<ActionAnswer> => ({
  name,
  kind: "text",
  of: (action) => action.effect?.money?.[name] ?? null,
});
const returned = (name: "roi1" | "roi3" | "paybackMonths"): Column<ActionAnswer> => ({
  name,
  kind: "number",
  of: (action) => action.effect?.money?.[name] ?? null,
});

/** Columns of the money at an end of the interval (CS-4). */
const ends = (name: "Low" | "High", end: 0 | 1): readonly Column<ActionAnswer>[] => [
  { name: `perYear${name}`, kind: "text", of: (action) => action.effect?.money?.ends[end].perYear ?? null },
  ...(["roi1", "roi3", "paybackMonths"] as const).map(
    (figure): Column<ActionAnswer> => ({
      name: `${figure}${name}`,
      kind: "number",
      of: (action) => action.effect?.money?.ends[end][figure] ?? null,
    }),
  ),
];

export const ACTION_ROWS: Report<readonly ActionAnswer[], ActionAnswer> = {
  rows: (actions) => actions,
  columns: [
    { name: "id", kind: "text", of: ({ id }) => id },
    { name: "scope", kind: "text", of: ({ scope }) => scope },
    { name: "title", kind: "text", of: ({ title }) => title },
    { name: "owner", kind: "text", of: ({ owner }) => owner },
    { name: "addresses", kind: "text", of: ({ addresses }) => addresses },
    { name: "state", kind: "text", of: ({ state }) => state },
    { name: "overdue", kind: "flag", of: ({ overdue }) => overdue },
    { name: "verdict", kind: "text", of: (action) => action.effect?.verdict ?? null },
    { name: "measuring", kind: "flag", of: (action) => action.effect?.measuring ?? false },
    ...(["effect", "low", "high", "detectable"] as const).map(effect),
    { name: "holds", kind: "text", of: ({ holds }) => holds },
    ...(["saving", "perYear"] as const).map(money),
    ...(["roi1", "roi3", "paybackMonths"] as const).map(returned),
    { name: "savingLow", kind: "text", of: ({ effect: own }) => own?.money?.low ?? null },
    { name: "savingHigh", kind: "text", of: ({ effect: own }) => own?.money?.high ?? null },
    ...ends("Low", 0),
    ...ends("High", 1),
    { name: "currency", kind: "text", of: ({ currency }) => currency },
    // What the effect is to be read with.
    { name: "noControl", kind: "flag", of: (action) => action.effect?.noControl ?? false },
    { name: "overlaps", kind: "text", of: ({ overlaps }) => overlaps?.join(BETWEEN) ?? null },
    { name: "policy", kind: "text", of: ({ policy }) => policy?.join(BETWEEN) ?? null },
  ],
};

export const CLOSING_ROWS: Report<readonly Closing[], Closing> = {
  rows: (closings) => closings,
  columns: [
    { name: "id", kind: "text", of: ({ id }) => id },
    { name: "rev", kind: "number", of: ({ rev }) => rev },
    { name: "scope", kind: "text", of: ({ scope }) => scope },
    { name: "until", kind: "text", of: ({ until }) => until },
    { name: "by", kind: "text", of: ({ by }) => by },
    { name: "at", kind: "text", of: ({ at }) => at },
    { name: "note", kind: "text", of: ({ note }) => note },
    { name: "lateEvents", kind: "number", of: ({ since }) => since.lateEvents },
    { name: "corrections", kind: "number", of: ({ since }) => since.corrections },
  ],
};
