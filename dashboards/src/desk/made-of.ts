/** Where the table, with its CSV, and the rows are that a figure is made of. */
import type { View } from "./address.ts";
import { LOSSES, type Loss } from "./data/rows.ts";
import { MEASURE_NAMES, type MeasureName } from "./measures.ts";

export type Score = "visibility" | "coverage" | "reasonShare" | "reasonInTime";

export interface Place {
  readonly view: View;
  readonly options?: Readonly<Record<string, string | null>>;
}

const BY_LOSS: Place = { view: "losses" };
const STOPS: Place = { view: "stops", options: { kind: "major", machines: "kpi" } };
const FAILURES: Place = { view: "stops", options: { kind: "failure", machines: "kpi" } };
const COST: Place = { view: "pareto" };
const COUNTS: Place = { view: "hours" };

const MADE_OF: Readonly<Record<MeasureName, Place>> = {
  ...{ oee: BY_LOSS, availability: BY_LOSS, performance: BY_LOSS, quality: BY_LOSS, loading: BY_LOSS, teep: BY_LOSS },
  ...{ unplannedStopTime: STOPS, unplannedDowntimeShare: STOPS, stopCount: STOPS, meanStopDuration: STOPS },
  ...{ downtimeFrequency: STOPS, mttr: FAILURES, mtbf: FAILURES },
  minorStopCount: { view: "stops", options: { kind: "minor", machines: "kpi" } },
  downtimeCost: COST,
  ...{ goodCount: COUNTS, targetCount: COUNTS, scrapCount: COUNTS, reworkCount: COUNTS, scrapRatio: COUNTS },
  ...{ throughput: COUNTS, coverage: COUNTS },
};

const TRUST: Place = { view: "trust" };
/** Measures of the scorecard are of all machines (SC-2). */
const SCORES: Readonly<Record<Score, Place>> = {
  visibility: TRUST,
  coverage: { view: "compare", options: { by: "machine", measure: "coverage" } },
  reasonShare: { view: "pareto", options: { machines: "all" } },
  reasonInTime: { view: "stops", options: { kind: "major" } },
};
/** A saving is made of what machines stood, and would have stood at their baseline's share (CS-1). */
export const SAVING: Place = { view: "compare", options: { by: "machine", measure: "unplannedDowntimeShare" } };

/** Baselines, and targets with their paths. */
export const PROGRAMME: Place = { view: "programme" };

/** Losses that are made of stops; the others have no rows but those of time. */
const STOPS_OF_LOSS: Readonly<Partial<Record<Loss, Place>>> = {
  breakdowns: FAILURES,
  otherUnplannedStops: { view: "stops", options: { kind: "other", machines: "kpi" } },
  minorStops: MADE_OF.minorStopCount,
};

/** The stops of a loss; `null` where it is not made of stops. */
export function stopsOfLoss(loss: string): Place | null {
  return STOPS_OF_LOSS[loss as Loss] ?? null;
}

/** What a bar of a change of OEE is made of (DC-3): a loss beside that of the period before, or, of a mix, machines side by side. */
export function placeOfBar(bar: string): Place | null {
  if (bar === "machineMix" || bar === "productMix") return { view: "compare", options: { by: "machine" } };
  return bar === "unplaced" ? COUNTS : BY_LOSS;
}

/** The stops of a reason and those below it; `null`: those without a reason. Of the machines that stand for the scope (EQ-3), or of all. */
export function stopsOfReason(reason: string | null, machines: "kpi" | "all"): Place {
  return {
    view: "stops",
    options: { kind: "major", machines: machines === "kpi" ? machines : null, reason: reason ?? "none" },
  };
}

export function placeOfScore(name: Score): Place {
  return SCORES[name];
}

/** What a KPI is made of; the view shows the KPI above its rows (`figure`), as that of losses shows OEE anyway. */
export function placeOf(name: MeasureName): Place {
  const { view, options } = MADE_OF[name];
  return name === "oee" ? MADE_OF.oee : { view, options: { ...options, figure: name } };
}

/** The same of a measure as reviews name it (ME-1). */
export function placeOfNamed(name: string): Place {
  const kpi = MEASURE_NAMES.find((known) => known === name);
  if (kpi !== undefined) return placeOf(kpi);
  const [kind, rest] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
  if (kind === "reason") return stopsOfReason(rest, "kpi");
  if (name === "no-reason") return stopsOfReason(null, "kpi");
  if (LOSSES.some((loss) => name === `loss:${loss}`)) return stopsOfLoss(rest) ?? BY_LOSS;
  if (name === "downtimeCostRate") return COST;
  return SCORES[name as Score] ?? (kind === "latency" ? TRUST : COUNTS);
}
