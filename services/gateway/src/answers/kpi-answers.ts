/**
 * Elements of scopes and periods from stored rows. They are those that a replay of the same events gives, for both sum rows
 * by one report (P-1). Time without rows is filled (`unrecorded-time.ts`). A period that ends now ends at the instant of the
 * answer, which may be later than the question by as long as the store took.
 */
import {
  type AddOfScope,
  type Answered,
  cutsFor,
  type MakeElement,
  reportInSteps,
  type ReportQuery,
  type RowSource,
  scopesOf,
  type Sums,
} from "@oee/answers";
import type { PlantModel } from "@oee/engine";
import {
  compareCodePoints,
  epochsIn,
  type Machine,
  type PeriodRules,
  RowBatch,
  type Scope,
  type Zone,
} from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { GiveWay } from "@oee/pacing";
import type { GroupSums, Period, RateTimes, Store, SumKey } from "@oee/store";
import { ceil } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import type { Turnstile } from "@oee/pacing";
import { checkCost, type CostLimits, periodsAtLeast } from "./answer-cost.ts";
import { dayStartsAt } from "./local-days.ts";
import type { RecordOf } from "./open-stops.ts";
import {
  fillGap,
  gapsOf,
  isComplete,
  knownEndOf,
  lastStored,
  merged,
  type Summed,
  type SummedAlone,
  storedFrom,
} from "./unrecorded-time.ts";

/** From so many machines × days on (two million minute rows) the sums of days are asked for: below, summing the minutes costs less. */
const DAYS_WORTH_MIN = 1_400;

export interface AnswerSources {
  readonly store: Pick<Store, "sums" | "groupSums" | "gaps">;
  readonly turnstile: Turnstile;
  readonly clock: () => number;
  readonly recordOf: RecordOf;
  readonly limits: CostLimits;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

export interface KpiQuestion extends ReportQuery {
  /** Whether the period ends at the instant of the answer, so that `to` is replaced by it (PE-4). */
  readonly untilNow: boolean;
}

export interface KpiAnswer<E> {
  /** The elements, scope by scope; each list is made when it is taken. It can be read once. */
  readonly elements: AsyncIterable<readonly E[]>;
  /** The end of the period answered. */
  readonly to: number;
}

/** A gap up to now that begins further back than this is more than the usual delay of a worker's writes. */
export const DELAY_MAX_MS = 120_000;
/** Periods of a machine between two looks at the time slice. */
const PERIODS_IN_A_ROW_MAX = 4_096;

/** Row buffers of finished answers, used again by the next one: memory outside of the heap is slow to collect. */
const spare: RowBatch[] = [];
const SPARE_MAX = 4;
/** They are given back when no answer was made for so long. */
const SPARE_MS = 10_000;
let forget: NodeJS.Timeout | null = null;

/** Answers a question. The store is asked before this resolves, never after. `make` turns the sums of a scope and period into an element. */
export async function kpiAnswer<E extends Answered>(
  sources: AnswerSources,
  model: PlantModel,
  question: KpiQuestion,
  make: MakeElement<E>,
): Promise<KpiAnswer<E>> {
  const used: RowBatch[] = [];
  const newBatch = (): RowBatch => {
    const batch = spare.pop() ?? new RowBatch();
    used.push(batch);
    return batch;
  };
  const { elements, to } = await answerIn(sources, model, question, newBatch, make);
  return { elements: thenSpare(elements, used), to };
}

async function* thenSpare<E>(
  elements: AsyncIterable<readonly E[]>,
  used: readonly RowBatch[],
): AsyncGenerator<readonly E[]> {
  try {
    yield* elements;
  } finally {
    for (const batch of used) {
      batch.clear();
      if (spare.length < SPARE_MAX) spare.push(batch);
    }
    if (forget !== null) clearTimeout(forget);
    forget = setTimeout(() => (spare.length = 0), SPARE_MS).unref();
  }
}

async function answerIn<E extends Answered>(
  sources: AnswerSources,
  model: PlantModel,
  question: KpiQuestion,
  newBatch: () => RowBatch,
  make: MakeElement<E>,
): Promise<KpiAnswer<E>> {
  const { untilNow, ...query } = question;
  const scopes = scopesOf(model.plant, query);
  if (scopes === null) {
    throw new HttpProblem(
      "OEE_HTTP_BY_ABOVE_SCOPE",
      `by is ${query.by}, and the scope ${query.scope.path} is of kind ${query.scope.kind}; expected its own level or one below`,
    );
  }
  const groups = bySameCuts(scopes, query);
  checkCost(scopes, periodsAtLeast(query), sources.limits);
  const giveWay = new GiveWay();
  for (const group of groups) {
    const [first] = group;
    // By the estimate the periods are few enough to be listed, so that they are counted exactly here.
    if (first !== undefined)
      checkCost(scopes, Math.max(periodsAtLeast(query), cutsFor(first, query).length - 1), sources.limits);
    if (giveWay.due) await giveWay.now();
  }
  // Sums are kept by scope, not by machine: a machine that moved stood for scopes of several groups.
  const stored = new Map<Scope, StoredSums>();
  for (const group of groups) {
    const summed = await readSums(sources, query, group, newBatch(), giveWay);
    for (const scope of group) stored.set(scope, summed);
  }

  const to = untilNow ? endOf(sources.clock(), stored.values()) : query.to;
  const final: ReportQuery = { ...query, to };
  const holes = await holesIn(sources, query, final, groups, stored, giveWay);
  return { elements: elementsOf(sources, model, final, scopes, stored, holes, newBatch(), make), to };
}

async function* elementsOf<E extends Answered>(
  sources: AnswerSources,
  model: PlantModel,
  final: ReportQuery,
  scopes: readonly Scope[],
  storedOf: ReadonlyMap<Scope, StoredSums>,
  holes: ReadonlyMap<string, readonly Period[]>,
  filler: RowBatch,
  make: MakeElement<E>,
): AsyncGenerator<readonly E[]> {
  const { to } = final;
  const giveWay = new GiveWay();
  for (const scope of scopes.toSorted((a, b) => compareCodePoints(a.path, b.path))) {
    const { byMachine: stored, addOfScope } = storedOf.get(scope) ?? NOTHING_STORED;
    const cuts = cutsFor(scope, final);
    filler.clear();
    const filledTo = new Map<Machine, number>();
    for (const machine of scope.members) {
      const gaps = holes.get(machine.id) ?? (await gapsOutside(cuts, stored.get(machine.id), giveWay));
      for (const gap of merged(gaps)) {
        const known = knownAt(sources, machine, gap, to, stored);
        await fillGap(model, machine, gap, cuts, known, final.every === "shift", giveWay, filler);
      }
      filledTo.set(machine, filler.length);
      if (giveWay.due) await giveWay.now();
      sources.signal.throwIfAborted();
    }
    let filled = 0;
    // The report of each scope in order gives the order of all elements.
    const rowsOf: RowSource = (machine, _, take) => {
      const summed = stored.get(machine.id);
      if (summed !== undefined && "rows" in summed) for (const row of summed.rows) take(summed.sums.rows, row);
      for (const end = filledTo.get(machine) ?? 0; filled < end; filled++) take(filler, filled);
    };
    const steps = reportInSteps(model, final, [scope], rowsOf, make, addOfScope);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) if (giveWay.due) await giveWay.now();
    yield step.value;
  }
}

/** What is stored of some scopes. */
interface StoredSums {
  readonly byMachine: ReadonlyMap<string, Summed>;
  /** Adds what was summed of all machines of a scope together. */
  readonly addOfScope: AddOfScope | null;
}

const NOTHING_STORED: StoredSums = { byMachine: new Map(), addOfScope: null };

/** Groups the scopes whose periods are cut at the same instants, and of which all or none may be summed in the store. */
function bySameCuts(scopes: readonly Scope[], query: ReportQuery): readonly (readonly Scope[])[] {
  const groups: Scope[][] = [];
  const byZone = new Map<Zone, Map<PeriodRules, Map<boolean, Scope[]>>>();
  for (const scope of scopes) {
    let byRules = byZone.get(scope.timezone);
    if (byRules === undefined) byZone.set(scope.timezone, (byRules = new Map()));
    let byWay = byRules.get(scope.periods);
    if (byWay === undefined) byRules.set(scope.periods, (byWay = new Map()));
    const isTogether = isSummedTogether(scope, query);
    const group = byWay.get(isTogether);
    if (group !== undefined) {
      group.push(scope);
      continue;
    }
    const made = [scope];
    byWay.set(isTogether, made);
    groups.push(made);
  }
  return groups;
}

/** Whether one sum of all members of a scope answers a period: it is of no machine, product or shift, and these machines stood for the scope all the time (DI-3). */
function isSummedTogether(scope: Scope, query: ReportQuery): boolean {
  if (scope.kind === "machine" || query.every === "shift") return false;
  const [epoch, ...others] = epochsIn(scope, query);
  return others.length === 0 && epoch?.members.length === scope.members.length;
}

async function readSums(
  { store, turnstile }: AnswerSources,
  query: ReportQuery,
  scopes: readonly Scope[],
  batch: RowBatch,
  giveWay: GiveWay,
): Promise<StoredSums> {
  const [scope] = scopes;
  if (scope === undefined) return NOTHING_STORED;
  const cuts = cutsFor(scope, query);
  const periods = cuts.slice(1).map((to, i): Period => ({ from: cuts[i] ?? 0, to: ceil(to) }));
  const machines = scopes.flatMap(({ members }) => members.map(({ id }) => id));
  const days = dayStartsAt(
    periods.flatMap(({ from, to }) => [from, to]),
    [scope],
  );
  const isWorth = machines.length * days.length >= DAYS_WORTH_MIN;
  if (isSummedTogether(scope, query)) {
    const groups = scopes.map(({ members }) => members.map(({ id }) => id));
    const sums = await turnstile.run(() => store.groupSums({ groups, periods, days: isWorth ? days : [] }, batch));
    const starts = periods.map(({ from }) => from);
    const byMachine = new Map([...sums.covered].map(([machine, covered]) => [machine, { starts, covered }] as const));
    const placeOf = new Map(scopes.map((one, place) => [one, place]));
    return { byMachine, addOfScope: (one, at) => addGroup(sums, placeOf.get(one) ?? -1, at) };
  }
  const by: SumKey[] = ["machine"];
  if (query.by === "product") by.push("product");
  if (query.every === "shift") by.push("shift");
  const sums = await turnstile.run(() => store.sums({ machines, periods, by, days: isWorth ? days : [] }, batch));
  const byMachine = new Map<string, SummedAlone>();
  let [last, own] = ["", [] as number[]];
  for (let row = 0; row < sums.rows.length; row++) {
    const { machine } = sums.rows.headAt(row);
    if (row === 0 || machine !== last) {
      const known = byMachine.get(machine);
      own = known === undefined ? [] : known.rows;
      if (known === undefined) byMachine.set(machine, { sums, rows: own });
      last = machine;
      if (giveWay.due) await giveWay.now();
    }
    own.push(row);
  }
  return { byMachine, addOfScope: null };
}

function addGroup({ rows, groups }: GroupSums, place: number, at: (from: number) => Sums): void {
  for (const period of groups[place] ?? []) {
    const sums = at(period.from);
    for (const row of period.rows) sums.addRow(rows, row);
    addTimes(sums.plannedByTakt, period.planned);
    addTimes(sums.unplannedByCost, period.unplanned);
    addTimes(sums.failureByCost, period.failure);
  }
}

function addTimes(into: Sums["plannedByTakt"], { rates, times }: RateTimes): void {
  for (let i = 0; i < rates.length; i++) into.add(rates[i] as number, times[i] as number);
}

/** Now, or a little later where stored rows reach beyond it. */
function endOf(now: number, stored: Iterable<StoredSums>): number {
  let end = now;
  for (const summed of [...new Set(stored)].flatMap(({ byMachine }) => [...byMachine.values()])) {
    const last = lastStored(summed);
    if (last !== null) end = Math.max(end, knownEndOf(last) ?? 0);
  }
  return end;
}

/** The time before the first and after the last row of a machine; `null`: there are holes between its rows. */
export async function gapsWithoutHoles(
  cuts: readonly number[],
  summed: Summed | undefined,
  giveWay: GiveWay,
): Promise<Period[] | null> {
  if (summed !== undefined && isComplete(summed, cuts)) return [];
  const starts = cuts.slice(0, -1);
  const stored = summed === undefined ? [] : storedFrom(summed, starts);
  const gaps: Period[] = [];
  for (const [i, from] of starts.entries()) {
    const found = gapsOf({ from, to: cuts[i + 1] ?? 0 }, stored[i] ?? null);
    if (found === null) return null;
    for (const gap of found) gaps.push(gap);
    if (i % PERIODS_IN_A_ROW_MAX === 0 && giveWay.due) await giveWay.now();
  }
  return gaps;
}

async function gapsOutside(
  cuts: readonly number[],
  summed: Summed | undefined,
  giveWay: GiveWay,
): Promise<readonly Period[]> {
  return (await gapsWithoutHoles(cuts, summed, giveWay)) ?? [];
}

/** Asks the store, in one query, for the gaps between the rows of machines whose rows have holes. */
async function holesIn(
  { store, turnstile, signal }: AnswerSources,
  query: ReportQuery,
  final: ReportQuery,
  groups: readonly (readonly Scope[])[],
  storedOf: ReadonlyMap<Scope, StoredSums>,
  giveWay: GiveWay,
): Promise<ReadonlyMap<string, readonly Period[]>> {
  const machines = new Set<string>();
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const cuts = cutsFor(first, final);
    const { byMachine: stored } = storedOf.get(first) ?? NOTHING_STORED;
    for (const { id } of group.flatMap(({ members }) => members)) {
      if ((await gapsWithoutHoles(cuts, stored.get(id), giveWay)) === null) machines.add(id);
      if (giveWay.due) await giveWay.now();
    }
    signal.throwIfAborted();
  }
  const holes = new Map<string, Period[]>();
  if (machines.size === 0) return holes;
  const period = { from: query.from, to: ceil(query.to) };
  for (const id of machines) holes.set(id, []);
  for (const { machine, from, to } of await turnstile.run(() => store.gaps({ machines: [...machines], period }))) {
    // A gap at the end was asked for up to the whole minute; it ends with the answer.
    if (from < final.to) holes.get(machine)?.push({ from, to: to === period.to ? final.to : to });
  }
  return holes;
}

/** The live record of a machine for a gap that is no longer than the usual delay of a worker's writes; else `null`. */
function knownAt(
  { clock, recordOf }: AnswerSources,
  machine: Machine,
  gap: Period,
  end: number,
  stored: ReadonlyMap<string, Summed>,
): LiveRecord | null {
  const delayed = gap.to === end && gap.from > clock() - DELAY_MAX_MS && stored.has(machine.id);
  return delayed ? recordOf(machine) : null;
}
