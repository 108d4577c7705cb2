/**
 * Makes answers (KPIs of scopes and periods) by summing rows (P-1, EQ-3, PE-2). A replay, whose rows come from histories,
 * and the gateway, whose rows come from the store, both use it.
 */
import { type CivilPeriod, type Period, periodsOf, type Shift } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import {
  type By,
  compareCodePoints,
  type Element,
  epochsIn,
  type Every,
  isRatedIn,
  isThereIn,
  type Machine,
  machinesIn,
  membersIn,
  type PeriodRules,
  type Plant,
  type RowBatch,
  type Scope,
  SCOPE_KINDS,
  type Zone,
} from "@oee/model";
import { kpisOf } from "./formulas.ts";
import { Sums } from "./sums.ts";

export interface ReportQuery {
  /** `[from, to)`, ms; `to` is not after now. */
  readonly from: number;
  readonly to: number;
  readonly scope: Scope;
  readonly by: By;
  readonly every: Every | null;
}

/** The scopes that a query speaks of; `null` if `by` lies above its scope. */
export function scopesOf(
  plant: Plant,
  query: Pick<ReportQuery, "scope" | "by" | "from" | "to">,
): readonly Scope[] | null {
  const { scope, by } = query;
  const kind = by === "product" ? "machine" : by;
  if (SCOPE_KINDS.indexOf(kind) < SCOPE_KINDS.indexOf(scope.kind)) return null;
  // A scope has none of its own kind below it. A long answer asks for one machine after the other.
  if (kind === scope.kind && scope.past === null) return [scope];
  // DI-3: machines that were below the scope then, wherever they are now.
  const machines = scope.past === null ? null : new Set(machinesIn(scope, query).map(({ machine }) => machine));
  const found: Scope[] = [];
  for (const candidate of plant.scopes.values()) {
    if (candidate.kind !== kind) continue;
    const isOf =
      machines === null
        ? isWithin(candidate, scope)
        : candidate === scope ||
          (kind === "machine"
            ? candidate.machines.some((machine) => machines.has(machine))
            : isWithin(candidate, scope) && isThereIn(candidate, query));
    if (isOf) found.push(candidate);
  }
  return found;
}

/** Whether a scope is another or lies below it. */
export function isWithin(scope: Scope, outer: Scope): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) if (at === outer) return true;
  return false;
}

/** The instants (epoch ms, sorted, from `from` to `to`) at which rows must be cut to answer a query. */
export function cutsFor(scope: Scope, query: ReportQuery): readonly number[] {
  const { every, from, to } = query;
  const changes = (scope.past?.changes ?? []).filter((instant) => instant > from && instant < to);
  if (every === null || every === "shift") return [from, ...changes, to];
  const starts = periodsWithin(every, scope, query).map((period) => Math.max(period.from, from));
  const cuts = [...new Set([from, ...starts, ...changes, to])];
  return changes.length === 0 ? cuts : cuts.sort((a, b) => a - b);
}

const remembered = new WeakMap<ReportQuery, Map<Zone, Map<PeriodRules, readonly Period[]>>>();

function periodsWithin(every: CivilPeriod, { timezone, periods: rules }: Scope, query: ReportQuery): readonly Period[] {
  let byZone = remembered.get(query);
  if (byZone === undefined) remembered.set(query, (byZone = new Map()));
  let byRules = byZone.get(timezone);
  if (byRules === undefined) byZone.set(timezone, (byRules = new Map()));
  let periods = byRules.get(rules);
  if (periods === undefined) byRules.set(rules, (periods = periodsOf(every, timezone, rules, query.from, query.to)));
  return periods;
}

type TakeRow = (rows: RowBatch, row: number) => void;

/**
 * Hands over the rows of one machine within the bounds of the query, cut at sorted instants; or rows that were summed
 * before, of one product, shift, date, takt and rate.
 */
export type RowSource = (machine: Machine, cuts: readonly number[], take: TakeRow) => void;

/** Adds to the sums of a scope what its machines came to together; `at` answers the sums of the period in which an instant lies. */
export type AddOfScope = (scope: Scope, at: (from: number) => Sums) => void;

/** Leaves out rows of times at which their machine did not stand for the scope, or was not below the one asked for (DI-3). */
function asItStood(query: ReportQuery, scope: Scope, rowsOf: RowSource): RowSource {
  if (scope.past === null) return rowsOf;
  const epochs = epochsIn(scope, query);
  const asked = scope.kind === "machine" && query.scope !== scope ? epochsIn(query.scope, query) : null;
  const at = (spans: typeof epochs, instant: number): (typeof epochs)[number] | undefined =>
    spans.find(({ from, to }) => from <= instant && instant < to);
  return (machine, cuts, take) =>
    rowsOf(machine, cuts, (rows, row) => {
      const from = rows.fromAt(row);
      if (at(epochs, from)?.members.includes(machine) !== true) return;
      if (asked !== null && at(asked, from)?.machines.includes(machine) !== true) return;
      take(rows, row);
    });
}

/** What an element speaks of. */
export type Answered = Omit<Element, "components" | "kpis">;

/** What the sums of a scope and period are answered as. `rated`: whether the scope was then (EQ-2). */
export type MakeElement<E extends Answered> = (answered: Answered, sums: Sums, rated: boolean) => E;

export const kpiElement: MakeElement<Element> = ({ scope, from, to, product, shift, shiftDate, crew }, sums, rated) => {
  const components = sums.components();
  // Name by name: of a copy with two more V8 has a new shape each time, which takes as long to read as all else of it to make.
  return { scope, from, to, product, shift, shiftDate, crew, components, kpis: kpisOf(sums, rated, components) };
};

/** The elements of a query, in the contract's order. Each machine's rows are asked for once. */
export function report(model: PlantModel, query: ReportQuery, scopes: readonly Scope[], rowsOf: RowSource): Element[] {
  const steps = reportInSteps(model, query, scopes, rowsOf, kpiElement);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/**
 * Does what `report` does, and yields after each machine and after some periods, so that the caller can give way. `addOfScope`
 * is asked besides rows, where a question is neither by product nor by shift.
 */
export function* reportInSteps<E extends Answered>(
  model: PlantModel,
  query: ReportQuery,
  scopes: readonly Scope[],
  rowsOf: RowSource,
  make: MakeElement<E>,
  addOfScope: AddOfScope | null = null,
): Generator<void, E[]> {
  const elements: E[] = [];
  for (const scope of scopes) {
    const standing = asItStood(query, scope, rowsOf);
    const found =
      query.every === "shift"
        ? shiftElements(model, query, scope, standing, make)
        : civilElements(query, scope, standing, make, addOfScope);
    for (let step = found.next(); step.done !== true; step = found.next()) {
      if (step.value === undefined) yield;
      else elements.push(step.value);
    }
  }
  return elements.sort(
    (a, b) =>
      compareCodePoints(a.scope, b.scope) ||
      a.from - b.from ||
      a.to - b.to ||
      compareNoneFirst(a.shift, b.shift) ||
      compareNoneFirst(a.shiftDate, b.shiftDate) ||
      compareNoneFirst(a.product, b.product),
  );
}

function compareNoneFirst(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareCodePoints(a, b);
}

/** Sums by product, or of all products under `null`. */
class Group {
  readonly period: Period;
  readonly #byProduct: boolean;
  readonly sums = new Map<string | null, Sums>();

  constructor(period: Period, byProduct: boolean) {
    this.period = period;
    this.#byProduct = byProduct;
    if (!byProduct) this.sums.set(null, new Sums());
  }

  add(rows: RowBatch, row: number): void {
    this.of(this.#byProduct ? rows.headAt(row).product : null).addRow(rows, row);
  }

  of(product: string | null): Sums {
    let sums = this.sums.get(product);
    if (sums === undefined) this.sums.set(product, (sums = new Sums()));
    return sums;
  }

  elements<E extends Answered>(
    scope: Scope,
    shift: { name: string; date: string; crew: string | null } | null,
    make: MakeElement<E>,
  ): readonly E[] {
    const elements: E[] = [];
    const rated = isRatedIn(scope, this.period);
    for (const [product, sums] of this.sums) {
      // A product that was neither in force nor counted is none of the period (CN-9).
      if (this.#byProduct && sums.isNothing) continue;
      const answered = {
        scope: scope.path,
        from: this.period.from,
        to: this.period.to,
        product: this.#byProduct ? product : null,
        shift: shift?.name ?? null,
        shiftDate: shift?.date ?? null,
        crew: shift?.crew ?? null,
      };
      elements.push(make(answered, sums, rated));
    }
    return elements;
  }
}

/** Groups whose elements are made between two yields. */
const GROUPS_A_STEP = 256;

/** Elements, and `undefined` between them where others may work. */
type Elements<E> = Generator<E | undefined, void>;

function* civilElements<E extends Answered>(
  query: ReportQuery,
  scope: Scope,
  rowsOf: RowSource,
  make: MakeElement<E>,
  addOfScope: AddOfScope | null,
): Elements<E> {
  const { every } = query;
  const whole = { from: query.from, to: query.to };
  const periods =
    every === null || every === "shift"
      ? [whole]
      : periodsWithin(every, scope, query).map((period) => cut(period, whole));
  const groups = periods.map((period) => new Group(period, query.by === "product"));
  const cuts = cutsFor(scope, query);
  // Most instants follow one another.
  let g = 0;
  const groupAt = (from: number): Group => {
    while (g > 0 && from < groupOf(groups, g).period.from) g--;
    while (g + 1 < groups.length && from >= groupOf(groups, g + 1).period.from) g++;
    return groupOf(groups, g);
  };
  for (const machine of scope.members) {
    rowsOf(machine, cuts, (rows, row) => groupAt(rows.fromAt(row)).add(rows, row));
    yield undefined;
  }
  addOfScope?.(scope, (from) => groupAt(from).of(null));
  for (const [i, group] of groups.entries()) {
    yield* group.elements(scope, null, make);
    if (i % GROUPS_A_STEP === 0) yield undefined;
  }
}

function groupOf(groups: readonly Group[], i: number): Group {
  return groups[i] as Group;
}

/** A shift of one name and date begins and ends within this, whatever the zones of its machines: 24 h and 26 h of offsets. */
const SHIFT_REACH_MS = 50 * 3_600_000;

/** One name and date in a scope, from the first start to the last end of it. */
type ShiftSpan = { -readonly [Key in keyof Shift]: Shift[Key] };

function* shiftElements<E extends Answered>(
  model: PlantModel,
  query: ReportQuery,
  scope: Scope,
  rowsOf: RowSource,
  make: MakeElement<E>,
): Elements<E> {
  const groups = new Map<string, { readonly group: Group; readonly span: ShiftSpan }>();
  const spans = new Map<string, ShiftSpan>();
  const keyOf = (name: string, date: string): string => `${date} ${name}`;
  for (const { machine, period } of membersIn(scope, query)) {
    // Where a machine stood from or to a bound of the query, its shifts beyond that belong to the span of their name and date too.
    const from = period.from === query.from ? period.from - SHIFT_REACH_MS : period.from;
    const to = period.to === query.to ? period.to + SHIFT_REACH_MS : period.to;
    for (const shift of model.machine(machine).clock.shifts(from, to)) {
      const key = keyOf(shift.name, shift.date);
      const span = spans.get(key);
      if (span === undefined) {
        spans.set(key, { ...shift });
        continue;
      }
      span.from = Math.min(span.from, shift.from);
      span.to = Math.max(span.to, shift.to);
      // CA-6: where machines name different crews, none is given.
      if (span.crew !== shift.crew) span.crew = null;
    }
    yield undefined;
  }
  for (const [key, span] of spans) {
    const period = cut(span, query);
    if (period.from < period.to) groups.set(key, { group: new Group(period, query.by === "product"), span });
  }
  for (const machine of scope.members) {
    rowsOf(machine, cutsFor(scope, query), (rows, row) => {
      const { shift, shiftDate } = rows.headAt(row);
      if (shift !== null && shiftDate !== null) groups.get(keyOf(shift, shiftDate))?.group.add(rows, row);
    });
    yield undefined;
  }
  let made = 0;
  for (const { group, span } of groups.values()) {
    yield* group.elements(scope, span, make);
    if (made++ % GROUPS_A_STEP === 0) yield undefined;
  }
}

function cut(period: Period, bounds: Period): Period {
  return { from: Math.max(period.from, bounds.from), to: Math.min(period.to, bounds.to) };
}
