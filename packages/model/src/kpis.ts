/**
 * The catalogue of KPIs (packages/engine/SPEC.md, section 7): types, order, columns, schemas and what may be aimed at follow from this one
 * table. Formulas stand in packages/answers (`formulas.ts`); the compiler asks for one for each name.
 */

interface KpiSpec {
  /** Which way is better: up, down, or neither (ME-2). */
  readonly better: 1 | -1 | 0;
  /** A plain ratio, of which percent points can be spoken (TG-1); the others have a unit, such as ms or pieces per hour. */
  readonly isRatio: boolean;
  /** A plant file may name it in `targets`; `plant.schema.json` and docs/plant-file.md say so too. */
  readonly target: boolean;
  /** A plant file may name it as the measure of an alert; `plant.schema.json` says so too. */
  readonly alert: boolean;
}

/** In the order in which answers hold them. */
export const KPIS = {
  availability: { better: 1, isRatio: true, target: true, alert: true },
  performance: { better: 1, isRatio: true, target: true, alert: true },
  quality: { better: 1, isRatio: true, target: true, alert: true },
  oee: { better: 1, isRatio: true, target: true, alert: true },
  nee: { better: 1, isRatio: true, target: true, alert: true },
  teep: { better: 1, isRatio: true, target: true, alert: true },
  loading: { better: 0, isRatio: true, target: true, alert: false },
  mttr: { better: -1, isRatio: false, target: false, alert: true },
  mtbf: { better: 1, isRatio: false, target: false, alert: true },
  unplannedDowntimeShare: { better: -1, isRatio: true, target: true, alert: true },
  downtimeFrequency: { better: -1, isRatio: false, target: false, alert: true },
  meanStopDuration: { better: -1, isRatio: false, target: false, alert: true },
  scrapRatio: { better: -1, isRatio: true, target: true, alert: true },
  reworkRatio: { better: -1, isRatio: true, target: true, alert: true },
  firstPassYield: { better: 1, isRatio: true, target: true, alert: true },
  throughput: { better: 1, isRatio: false, target: false, alert: true },
  coverage: { better: 1, isRatio: true, target: true, alert: true },
  targetCount: { better: 0, isRatio: false, target: false, alert: false },
  downtimeCost: { better: 0, isRatio: false, target: false, alert: false },
} as const;

/** Holds the table to what a KPI says of itself. */
type Catalogue<Table extends Readonly<Record<string, KpiSpec>>> = Table;

export type KpiName = keyof Catalogue<typeof KPIS>;

export const KPI_NAMES: readonly KpiName[] = Object.keys(KPIS) as KpiName[];

/** The three ratios whose product is OEE. */
export const OEE_FACTORS = ["availability", "performance", "quality"] as const;

/** OEE and its factors, as screens and reports show them side by side. */
export const OEE_RATIOS: readonly ["oee", ...typeof OEE_FACTORS] = ["oee", ...OEE_FACTORS];

/** `null` wherever the denominator is 0 or the value is not defined for the scope (P-3, EQ-2). Formulas: packages/engine/SPEC.md, section 7. */
export type Kpis = { readonly [Name in KpiName]: number | null };

/** Those that a plant file may name as a target, or as the measure of an alert. */
export function kpisInPlantFile(as: "target" | "alert"): readonly KpiName[] {
  return KPI_NAMES.filter((name) => KPIS[name][as]);
}
