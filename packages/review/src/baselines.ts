/**
 * Baselines (BL-1 to BL-5): figures that later periods are compared with. A computed baseline is frozen as sums by machine
 * and product and holds for every scope at or below its own; one that was imported, from before there was data, for its own
 * scope alone.
 */
import { ratio, Sums } from "@oee/answers";
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
  isInScope,
  isRatedIn,
  machinesIn,
  type MachineSpan,
  membersIn,
} from "@oee/model";
import { type Day, periodOf } from "./dates.ts";
import { Amounts, type Facts, sumOfCells } from "./facts.ts";
import type { Cells } from "./decomposition.ts";
import type { Measure } from "./measures.ts";
import { policiesOf } from "./policies.ts";

/**
 * What a computed baseline keeps of one machine: a span for each structure that the plant had in the baseline's period
 * (DI-3), for the machines that stand for a scope may change within it; one span of all time where the structure did not change.
 */
export type FrozenMachine = readonly FrozenSpan[];

export interface FrozenSpan extends Period {
  readonly cells: ReadonlyMap<string | null, Sums>;
  /** Scheduled time (ms) of stops that are not minor, by reason. */
  readonly reasonTimes: ReadonlyMap<string | null, number>;
}

export type BaselineFigures =
  | { readonly kind: "computed"; readonly machines: ReadonlyMap<string, FrozenMachine> }
  /** Imported: one sum of components, from which KPIs follow (P-1). */
  | { readonly kind: "components"; readonly sums: Sums }
  | { readonly kind: "kpis"; readonly kpis: Partial<Kpis> };

export interface Baseline {
  readonly id: string;
  readonly scope: string;
  /** The baseline's period: dates `[from, to)`. */
  readonly from: Day;
  readonly to: Day;
  /** The first date on which the baseline is in force. */
  readonly effective: Day;
  readonly minCoverage: number;
  readonly figures: BaselineFigures;
  /** The settings by which events became its figures, of its scope (BL-2); `null`: it was computed with the present plant file, or does not say. */
  readonly policy: ScopePolicy | null;
}

/** Names of the parts of its policy in which the present plant file differs from a baseline's (BL-6). */
export function policyChangesSince({ policy, scope: path }: Baseline, plant: Plant): readonly string[] {
  const scope = plant.scopes.get(path);
  return policy === null || scope === undefined ? [] : policyDifferences(policy, scopePolicy(plant, scope));
}

/** Names of the parts in which a policy by which rows of a period were computed differs from a baseline's (BL-6). */
export function policyChangesIn({ policy, scope: path }: Baseline, facts: Facts, period: Period): readonly string[] {
  const scope = facts.plant.scopes.get(path);
  if (policy === null || scope === undefined) return [];
  const changes = policiesOf(facts, scope, period).flatMap((own) => policyDifferences(policy, own));
  return [...new Set(changes)].toSorted();
}

/** The baseline in force on a date for a scope: that of the nearest scope upward that has one (BL-1, BL-2). */
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

/** Amounts by baseline and scope, kept because every measure of a scope asks for the same ones; a baseline does not change. */
const amountsByBaseline = new WeakMap<Baseline, WeakMap<Scope, Amounts | null>>();

/** Whether a baseline has figures of a scope: a computed one of each scope at or below its own (BL-2), an imported one of its own alone (BL-3). */
function speaksFor({ scope: own, figures }: Baseline, { path }: Scope): boolean {
  return figures.kind === "computed" ? isInScope(path, own) : path === own;
}

/** The baseline's period, whose dates are those of its own scope also where a scope below in another zone asks. */
function periodFor(baseline: Baseline, asking: Scope): Period {
  let scope = asking;
  while (scope.path !== baseline.scope && scope.parent !== null) scope = scope.parent;
  return periodOf(scope.timezone, baseline);
}

/** The amounts of a baseline for a scope; `null` where it has KPIs alone, or says nothing of the scope. They are shared: do not add to them. */
export function baselineAmounts(baseline: Baseline, scope: Scope): Amounts | null {
  let byScope = amountsByBaseline.get(baseline);
  if (byScope === undefined) amountsByBaseline.set(baseline, (byScope = new WeakMap()));
  let amounts = byScope.get(scope);
  if (amounts === undefined) byScope.set(scope, (amounts = summedAmounts(baseline, scope)));
  return amounts;
}

function summedAmounts(baseline: Baseline, scope: Scope): Amounts | null {
  const { figures } = baseline;
  if (!speaksFor(baseline, scope)) return null;
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

/** The value of a measure in a baseline; `null` for a measure that its figures do not give (BL-3), and for a scope of which it has none. */
export function baselineValue(baseline: Baseline, scope: Scope, measure: Measure): number | null {
  const { figures } = baseline;
  if (!speaksFor(baseline, scope)) return null;
  if (figures.kind === "kpis") return figures.kpis[measure.name as keyof Kpis] ?? null;
  // Imported components hold no reasons and no cost (SPEC.md section 14).
  if (figures.kind === "components" && /^(?:reason:|no-reason$|downtimeCostRate$)/.test(measure.name)) return null;
  const amounts = baselineAmounts(baseline, scope);
  return amounts === null || measure.valueOf === null
    ? null
    : measure.valueOf(amounts, isRatedIn(scope, periodFor(baseline, scope)));
}

/**
 * The coverage of a baseline as the scorecard has it (SC-2): of all machines below the scope, as far as the baseline holds
 * them, whether they stand for it or not. Of an imported one it is the figure that was given.
 */
export function baselineCoverage(baseline: Baseline, scope: Scope, coverage: Measure): number | null {
  const { figures } = baseline;
  if (figures.kind !== "computed") return baselineValue(baseline, scope, coverage);
  if (!speaksFor(baseline, scope)) return null;
  const all = new Sums();
  for (const spans of spansIn(figures.machines, machinesIn(scope, periodFor(baseline, scope))).values()) {
    for (const sums of cellsOfSpans(spans).values()) all.addSums(sums);
  }
  return ratio(all.planned, all.planned + all.of("unknownTime"));
}

/** The cells of a baseline for a decomposition (DC-6); `null` where it has KPIs alone, or says nothing of the scope. */
export function baselineCells(baseline: Baseline, scope: Scope): { cells: Cells; mixes: boolean } | null {
  const { figures } = baseline;
  if (!speaksFor(baseline, scope)) return null;
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

/** The machines that stood for a scope in a baseline's period (DI-3), each with the frozen spans in which it did. */
function stoodIn(
  baseline: Baseline,
  scope: Scope,
  frozen: ReadonlyMap<string, FrozenMachine>,
): ReadonlyMap<Machine, FrozenMachine> {
  return spansIn(frozen, membersIn(scope, periodFor(baseline, scope)));
}

/** The frozen spans of some machines that overlap the periods asked for, each once. */
function spansIn(
  frozen: ReadonlyMap<string, FrozenMachine>,
  asked: readonly MachineSpan[],
): ReadonlyMap<Machine, FrozenMachine> {
  const stood = new Map<Machine, Set<FrozenSpan>>();
  for (const { machine, period } of asked) {
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

/** The sums in a computed baseline of each machine that stood for a scope in its period, while it did; none in an imported one. */
export function baselineMachines(baseline: Baseline, scope: Scope): ReadonlyMap<Machine, Sums> {
  const { figures } = baseline;
  if (figures.kind !== "computed" || !speaksFor(baseline, scope)) return new Map();
  return new Map(
    [...stoodIn(baseline, scope, figures.machines)].map(([machine, spans]) => {
      const sums = new Sums();
      for (const cell of cellsOfSpans(spans).values()) sums.addSums(cell);
      return [machine, sums];
    }),
  );
}

function addFrozen(amounts: Amounts, frozen: FrozenMachine): void {
  for (const { cells, reasonTimes } of frozen) {
    for (const sums of cells.values()) amounts.sums.addSums(sums);
    for (const [reason, time] of reasonTimes) amounts.addReason(reason, time);
  }
}
