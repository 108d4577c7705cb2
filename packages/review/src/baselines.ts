/**
 * Baselines (BL-1 to BL-5): what later periods are compared with. A computed one is frozen as sums by machine and product
 * and speaks for every scope at or below its own; an imported one, from before there was data, for its own scope alone.
 */
import { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import {
  compareCodePoints,
  type Kpis,
  type Machine,
  type Plant,
  policyDifferences,
  type Scope,
  type ScopePolicy,
  scopePolicy,
  isRatedIn,
  membersIn,
} from "@oee/model";
import { type Day, periodOf } from "./dates.ts";
import { Amounts, sumOfCells } from "./facts.ts";
import type { Cells } from "./decomposition.ts";
import type { Measure } from "./measures.ts";

/**
 * What a computed baseline keeps of one machine: a span for each of the plant's structures in its time (DI-3), for who stands
 * for a scope may change within it; one, of all time, where none did.
 */
export type FrozenMachine = readonly FrozenSpan[];

export interface FrozenSpan extends Period {
  readonly cells: ReadonlyMap<string | null, Sums>;
  /** Scheduled time (ms) of stops that are not minor, by reason. */
  readonly reasonTimes: ReadonlyMap<string | null, number>;
}

export type BaselineFigures =
  | { readonly kind: "computed"; readonly machines: ReadonlyMap<string, FrozenMachine> }
  /** One sum of components, from which KPIs follow (P-1). */
  | { readonly kind: "components"; readonly sums: Sums }
  | { readonly kind: "kpis"; readonly kpis: Partial<Kpis> };

export interface Baseline {
  readonly id: string;
  readonly scope: string;
  /** Dates `[from, to)`. */
  readonly from: Day;
  readonly to: Day;
  /** The first date on which it is in force. */
  readonly effective: Day;
  readonly minCoverage: number;
  readonly figures: BaselineFigures;
  /** What turned events into its figures, of its scope (BL-2); `null`: the plant file of now did, or nobody knows. */
  readonly policy: ScopePolicy | null;
}

/** BL-6: the parts of the policy in which the plant file of now differs from a baseline's, by name. */
export function policyChangesSince({ policy, scope: path }: Baseline, plant: Plant): readonly string[] {
  const scope = plant.scopes.get(path);
  return policy === null || scope === undefined ? [] : policyDifferences(policy, scopePolicy(plant, scope));
}

/** The one in force on a date for a scope: of the nearest scope upward that has one (BL-1, BL-2). */
export function baselineInForce(baselines: Iterable<Baseline>, scope: Scope, date: Day): Baseline | null {
  const all = [...baselines];
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const { path } = at;
    const own = all.filter(
      (baseline) =>
        baseline.scope === path && baseline.effective <= date && (at === scope || baseline.figures.kind === "computed"),
    );
    const [newest] = own.sort((a, b) => b.effective - a.effective || compareCodePoints(b.id, a.id));
    if (newest !== undefined) return newest;
  }
  return null;
}

/** Each measure of a scope asks for the same; a baseline does not change. */
const amountsByBaseline = new WeakMap<Baseline, WeakMap<Scope, Amounts | null>>();

/** The amounts that a baseline has for a scope at or below its own, not to be added to; `null` where it has KPIs alone. */
export function baselineAmounts(baseline: Baseline, scope: Scope): Amounts | null {
  let byScope = amountsByBaseline.get(baseline);
  if (byScope === undefined) amountsByBaseline.set(baseline, (byScope = new WeakMap()));
  let amounts = byScope.get(scope);
  if (amounts === undefined) byScope.set(scope, (amounts = summedAmounts(baseline, scope)));
  return amounts;
}

function summedAmounts(baseline: Baseline, scope: Scope): Amounts | null {
  const { figures } = baseline;
  const amounts = new Amounts();
  switch (figures.kind) {
    case "computed":
      for (const span of stoodIn(baseline, scope, figures.machines).values()) addFrozen(amounts, span);
      return amounts;
    case "components":
      amounts.sums.addSums(figures.sums);
      return amounts;
    case "kpis":
      return null;
  }
}

/** A measure of a baseline; what it does not give is `null` (BL-3). */
export function baselineValue(baseline: Baseline, scope: Scope, measure: Measure): number | null {
  const { figures } = baseline;
  if (figures.kind === "kpis") return figures.kpis[measure.name as keyof Kpis] ?? null;
  // Imported components hold no reasons and no cost (review.md section 14).
  if (figures.kind === "components" && /^(?:reason:|no-reason$|downtimeCostRate$)/.test(measure.name)) return null;
  const amounts = baselineAmounts(baseline, scope);
  return amounts === null || measure.valueOf === null
    ? null
    : measure.valueOf(amounts, isRatedIn(scope, periodOf(scope.timezone, baseline)));
}

/** The cells for a decomposition (DC-6); `null` where there are KPIs alone. */
export function baselineCells(baseline: Baseline, scope: Scope): { cells: Cells; mixes: boolean } | null {
  const { figures } = baseline;
  switch (figures.kind) {
    case "computed":
      return {
        cells: new Map(
          [...stoodIn(baseline, scope, figures.machines)].map(([{ path }, spans]) => [path, cellsOfSpans(spans)]),
        ),
        mixes: true,
      };
    case "components":
      return { cells: new Map([[scope.path, new Map([[null, figures.sums]])]]), mixes: false };
    case "kpis":
      return null;
  }
}

/** Who stood for a scope in the time of a baseline (DI-3), with what is kept of the time in which they did. */
function stoodIn(
  baseline: Baseline,
  scope: Scope,
  frozen: ReadonlyMap<string, FrozenMachine>,
): ReadonlyMap<Machine, FrozenMachine> {
  const stood = new Map<Machine, Set<FrozenSpan>>();
  for (const { machine, period } of membersIn(scope, periodOf(scope.timezone, baseline))) {
    let own = stood.get(machine);
    if (own === undefined) stood.set(machine, (own = new Set()));
    for (const span of frozen.get(machine.id) ?? []) if (span.from < period.to && span.to > period.from) own.add(span);
  }
  return new Map([...stood].map(([machine, spans]) => [machine, [...spans]]));
}

function cellsOfSpans(spans: FrozenMachine): ReadonlyMap<string | null, Sums> {
  const [only] = spans;
  if (only !== undefined && spans.length === 1) return only.cells;
  return spans.reduce<ReadonlyMap<string | null, Sums>>((cells, span) => sumOfCells(cells, span.cells), new Map());
}

/** The sums of one machine in a baseline; `null`: it is not in it. */
export function baselineMachine({ figures }: Baseline, machine: Machine): Sums | null {
  if (figures.kind !== "computed") return null;
  const frozen = figures.machines.get(machine.id);
  if (frozen === undefined) return null;
  const sums = new Sums();
  for (const cell of cellsOfSpans(frozen).values()) sums.addSums(cell);
  return sums;
}

function addFrozen(amounts: Amounts, frozen: FrozenMachine): void {
  for (const { cells, reasonTimes } of frozen) {
    for (const sums of cells.values()) amounts.sums.addSums(sums);
    for (const [reason, time] of reasonTimes) amounts.addReason(reason, time);
  }
}
