/**
 * Elements of scopes and periods from stored rows: the same that a replay of the same events gives, for both are sums of
 * rows under one report (P-1). What no row speaks of is filled (`unrecorded-time.ts`); a period that ends now ends at the
 * instant of the answer, which may be later than the question by as long as the store took.
 */
import { cutsFor, type PlantModel, type ReportQuery, type ReportRow, report, scopesOf } from "@oee/engine";
import { compareCodePoints, type Element, type Machine, type Row, type Scope } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { type ComponentSums, GiveWay, type Period, type Store, type SumKey } from "@oee/store";
import { ceil } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import type { Turnstile } from "../turnstile.ts";
import { rowsOf } from "./rated-rows.ts";
import { gapsBetween, gapsOf, knownEndOf, merged, rowsForGap, storedOf } from "./unrecorded-time.ts";

export interface AnswerSources {
  readonly store: Pick<Store, "sums" | "rows">;
  readonly turnstile: Turnstile;
  readonly clock: () => number;
  /** The newest live record of a machine, where it is fresh. */
  readonly recordOf: (machine: Machine) => LiveRecord | null;
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

/** Sums of one machine by the start of their period. */
type SumsByStart = Map<number, ComponentSums[]>;

export async function kpiAnswer(sources: AnswerSources, model: PlantModel, question: KpiQuestion): Promise<KpiAnswer> {
  const { untilNow, ...query } = question;
  const scopes = scopesOf(model.plant, query);
  if (scopes === null) {
    throw new HttpProblem(
      "OEE_HTTP_BY_ABOVE_SCOPE",
      `by is ${query.by}, and the scope ${query.scope.path} is of kind ${query.scope.kind}; expected its own level or one below`,
    );
  }
  checkLength(query, scopes, sources.elementsMax);
  const stored = new Map<string, SumsByStart>();
  for (const group of alike(scopes)) await readSums(sources, query, group, stored);

  const to = untilNow ? endOf(sources.clock(), stored) : query.to;
  const final: ReportQuery = { ...query, to };
  const elements: Element[] = [];
  const giveWay = new GiveWay();
  for (const scope of scopes.toSorted((a, b) => compareCodePoints(a.path, b.path))) {
    const cuts = cutsFor(scope, final);
    const rows = new Map<string, readonly ReportRow[]>();
    for (const machine of scope.members) {
      const { id } = machine;
      const byStart = stored.get(id);
      const known = [...(byStart?.values() ?? [])].flat().flatMap((sums) => rowsOf(sums, id));
      rows.set(id, [...known, ...(await fillerOf(sources, model, machine, cuts, byStart))]);
      if (giveWay.due) await giveWay.now();
    }
    // Scope by scope in their order gives the order of them all.
    for (const element of report(model, final, [scope], ({ id }) => rows.get(id) ?? [])) elements.push(element);
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
  into: Map<string, SumsByStart>,
): Promise<void> {
  const [scope] = scopes;
  if (scope === undefined) return;
  const cuts = cutsFor(scope, query);
  const periods = cuts.slice(1).map((to, i): Period => ({ from: cuts[i] ?? 0, to: ceil(to) }));
  const by: SumKey[] = ["machine"];
  if (query.by === "product") by.push("product");
  if (query.every === "shift") by.push("shift");
  const machines = scopes.flatMap(({ members }) => members.map(({ id }) => id));
  for (const sums of await turnstile.run(() => store.sums({ machines, periods, by }))) {
    if (sums.machine === null) continue;
    let byStart = into.get(sums.machine);
    if (byStart === undefined) into.set(sums.machine, (byStart = new Map()));
    const known = byStart.get(sums.period.from);
    if (known === undefined) byStart.set(sums.period.from, [sums]);
    else known.push(sums);
  }
}

/** Now, or a little later where rows that came meanwhile know more. */
function endOf(now: number, stored: ReadonlyMap<string, SumsByStart>): number {
  let end = now;
  for (const byStart of stored.values()) {
    const sums = storedOf([...byStart.values()].at(-1) ?? []);
    if (sums !== null) end = Math.max(end, knownEndOf(sums) ?? 0);
  }
  return end;
}

async function fillerOf(
  { store, turnstile, clock, recordOf }: AnswerSources,
  model: PlantModel,
  machine: Machine,
  cuts: readonly number[],
  byStart: SumsByStart | undefined,
): Promise<readonly ReportRow[]> {
  const gaps: Period[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const period = { from: cuts[i] ?? 0, to: cuts[i + 1] ?? 0 };
    let found = gapsOf(period, storedOf(byStart?.get(period.from) ?? []));
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
  return merged(gaps).flatMap((gap) => {
    const delayed = gap.to === end && gap.from > clock() - DELAY_MAX_MS && byStart !== undefined;
    return rowsForGap(model, machine, gap, cuts, delayed ? recordOf(machine) : null);
  });
}
