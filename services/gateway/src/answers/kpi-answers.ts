/**
 * Elements of scopes and periods from stored rows: the same that a replay of the same events gives, for both are sums of
 * rows under one report (P-1). What no row speaks of is filled (`unrecorded-time.ts`); a period that ends now ends at the
 * instant of the answer, which may be later than the question by as long as the store took.
 */
import { cutsFor, type PlantModel, type ReportQuery, report, scopesOf } from "@oee/engine";
import { compareCodePoints, type Element, type Machine, type Row, RowBatch, type Scope } from "@oee/model";
import { GiveWay, type Period, type Store, type SumKey } from "@oee/store";
import { ceil } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import type { Turnstile } from "../turnstile.ts";
import type { RecordOf } from "./open-stops.ts";
import {
  fillGap,
  gapsBetween,
  gapsOf,
  knownEndOf,
  lastStored,
  merged,
  type Summed,
  storedFrom,
} from "./unrecorded-time.ts";

export interface AnswerSources {
  readonly store: Pick<Store, "sums" | "rows">;
  readonly turnstile: Turnstile;
  readonly clock: () => number;
  readonly recordOf: RecordOf;
  readonly elementsMax: number;
}

export interface KpiQuestion extends ReportQuery {
  /** Whether `to` stands for the instant of the answer (PE-4). */
  readonly untilNow: boolean;
}

export interface KpiAnswer {
  readonly elements: readonly Element[];
  /** The end of the period answered. */
  readonly to: number;
}

/** A gap that begins further back than this is no delay of a worker that is well. */
const DELAY_MAX_MS = 120_000;
const SHIFTS_A_DAY = 6;
const DAY_MS = 86_400_000;

/** What an answer about thousands of machines needs, for the next one: outside of the heap, garbage is dear. */
const spare: RowBatch[] = [];
const SPARE_MAX = 4;

export async function kpiAnswer(sources: AnswerSources, model: PlantModel, question: KpiQuestion): Promise<KpiAnswer> {
  const used: RowBatch[] = [];
  const answer = await answerIn(sources, model, question, () => {
    const batch = spare.pop() ?? new RowBatch();
    used.push(batch);
    return batch;
  });
  for (const batch of used) {
    batch.clear();
    if (spare.length < SPARE_MAX) spare.push(batch);
  }
  return answer;
}

async function answerIn(
  sources: AnswerSources,
  model: PlantModel,
  question: KpiQuestion,
  newBatch: () => RowBatch,
): Promise<KpiAnswer> {
  const { untilNow, ...query } = question;
  const scopes = scopesOf(model.plant, query);
  if (scopes === null) {
    throw new HttpProblem(
      "OEE_HTTP_BY_ABOVE_SCOPE",
      `by is ${query.by}, and the scope ${query.scope.path} is of kind ${query.scope.kind}; expected its own level or one below`,
    );
  }
  checkLength(query, scopes, sources.elementsMax);
  const stored = new Map<string, Summed>();
  for (const group of alike(scopes)) await readSums(sources, query, group, newBatch(), stored);

  const to = untilNow ? endOf(sources.clock(), stored) : query.to;
  const final: ReportQuery = { ...query, to };
  const elements: Element[] = [];
  const filler = newBatch();
  const giveWay = new GiveWay();
  for (const scope of scopes.toSorted((a, b) => compareCodePoints(a.path, b.path))) {
    const cuts = cutsFor(scope, final);
    filler.clear();
    const filledTo = new Map<Machine, number>();
    for (const machine of scope.members) {
      await fill(sources, model, machine, cuts, stored.get(machine.id), filler);
      filledTo.set(machine, filler.length);
      if (giveWay.due) await giveWay.now();
    }
    let filled = 0;
    // Scope by scope in their order gives the order of them all.
    const answered = report(model, final, [scope], (machine, _, take) => {
      const summed = stored.get(machine.id);
      for (const row of summed?.rows ?? []) take((summed as Summed).sums.rows, row);
      for (const end = filledTo.get(machine) ?? 0; filled < end; filled++) take(filler, filled);
    });
    for (const element of answered) elements.push(element);
  }
  return { elements, to };
}

/** Scopes whose periods are cut at the same instants. */
function alike(scopes: readonly Scope[]): Iterable<readonly Scope[]> {
  const byZone = new Map<string, Scope[]>();
  for (const scope of scopes) {
    const group = byZone.get(scope.timezone);
    if (group === undefined) byZone.set(scope.timezone, [scope]);
    else group.push(scope);
  }
  return byZone.values();
}

function checkLength(query: ReportQuery, scopes: readonly Scope[], elementsMax: number): void {
  const shiftsMax = query.every === "shift" ? Math.ceil((query.to - query.from) / DAY_MS + 1) * SHIFTS_A_DAY : 0;
  const length = [...alike(scopes)].reduce((sum, group) => {
    const [scope] = group;
    return scope === undefined ? sum : sum + group.length * Math.max(shiftsMax, cutsFor(scope, query).length - 1);
  }, 0);
  if (length <= elementsMax) return;
  throw new HttpProblem(
    "OEE_HTTP_TOO_MANY_ELEMENTS",
    `the answer would have about ${length} elements; expected at most ${elementsMax}: ask for a shorter period, longer steps, or fewer scopes`,
  );
}

async function readSums(
  { store, turnstile }: AnswerSources,
  query: ReportQuery,
  scopes: readonly Scope[],
  batch: RowBatch,
  into: Map<string, Summed>,
): Promise<void> {
  const [scope] = scopes;
  if (scope === undefined) return;
  const cuts = cutsFor(scope, query);
  const periods = cuts.slice(1).map((to, i): Period => ({ from: cuts[i] ?? 0, to: ceil(to) }));
  const by: SumKey[] = ["machine"];
  if (query.by === "product") by.push("product");
  if (query.every === "shift") by.push("shift");
  const machines = scopes.flatMap(({ members }) => members.map(({ id }) => id));
  const sums = await turnstile.run(() => store.sums({ machines, periods, by }, batch));
  sums.rows.heads.forEach(({ machine }, row) => {
    const known = into.get(machine);
    if (known === undefined) into.set(machine, { sums, rows: [row] });
    else known.rows.push(row);
  });
}

/** Now, or a little later where rows that came meanwhile know more. */
function endOf(now: number, stored: ReadonlyMap<string, Summed>): number {
  let end = now;
  for (const summed of stored.values()) {
    const last = lastStored(summed);
    if (last !== null) end = Math.max(end, knownEndOf(last) ?? 0);
  }
  return end;
}

/** Adds rows for what is not stored of a machine. */
async function fill(
  { store, turnstile, clock, recordOf }: AnswerSources,
  model: PlantModel,
  machine: Machine,
  cuts: readonly number[],
  summed: Summed | undefined,
  into: RowBatch,
): Promise<void> {
  const starts = cuts.slice(0, -1);
  const stored = summed === undefined ? [] : storedFrom(summed, starts);
  const gaps: Period[] = [];
  for (const [i, from] of starts.entries()) {
    const period = { from, to: cuts[i + 1] ?? 0 };
    let found = gapsOf(period, stored[i] ?? null);
    if (found === null) {
      const question = { machines: [machine.id], period };
      found = await turnstile.run(async () => {
        const rows: Row[] = [];
        for await (const batch of store.rows(question)) rows.push(...batch);
        return gapsBetween(period, rows);
      });
    }
    gaps.push(...found);
  }
  const end = cuts.at(-1) ?? 0;
  for (const gap of merged(gaps)) {
    const delayed = gap.to === end && gap.from > clock() - DELAY_MAX_MS && summed !== undefined;
    fillGap(model, machine, gap, cuts, delayed ? recordOf(machine) : null, into);
  }
}
