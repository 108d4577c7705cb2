/**
 * Sums of machines by product over many periods at once, from stored rows (P-1): the periods are cut at all their ends, the
 * store sums each piece, and time without rows is filled as in `GET /kpis`.
 */
import { Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import type { PlantModel } from "@oee/engine";
import { firstNotBefore, type Machine, type Plant, RowBatch } from "@oee/model";
import { inOrder } from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { Store } from "@oee/store";
import { DELAY_MAX_MS, gapsWithoutHoles } from "../answers/kpi-answers.ts";
import type { RecordOf } from "../answers/open-stops.ts";
import { dayStartsAt } from "../answers/local-days.ts";
import { fillGap, merged, type SummedAlone } from "../answers/unrecorded-time.ts";
import type { Turnstile } from "@oee/pacing";

export interface CellSources {
  readonly store: Pick<Store, "sums" | "gaps">;
  readonly turnstile: Turnstile;
  readonly recordOf: RecordOf;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export type Cells = ReadonlyMap<string | null, Sums>;

/** Machines × pieces in one question to the store; its answer has a row for each of these and each product. */
const PIECES_PER_QUESTION_MAX = 40_000;

/** The sums of each machine by product, one entry for each period in their order. Periods begin and end at whole minutes, not after `now`. */
export async function cellsOfPeriods(
  sources: CellSources,
  model: PlantModel,
  machines: readonly Machine[],
  periods: readonly Period[],
  now: number,
): Promise<ReadonlyMap<Machine, readonly Cells[]>> {
  const runs = runsOf(periods);
  const pieces = runs.reduce((sum, cuts) => sum + cuts.length - 1, 0);
  const together = Math.max(1, Math.floor(PIECES_PER_QUESTION_MAX / pieces));
  const giveWay = new GiveWay();
  const answer = new Map<Machine, readonly Cells[]>();
  for (let i = 0; i < machines.length; i += together) {
    const some = machines.slice(i, i + together);
    const byMachine = new Map(some.map((machine) => [machine, new Map<number, Map<string | null, Sums>>()] as const));
    for (const cuts of runs) await addRun(sources, model, byMachine, cuts, now, giveWay);
    for (const [machine, byStart] of byMachine) {
      answer.set(
        machine,
        periods.map((period) => sumOf(byStart, runs, period)),
      );
      if (giveWay.due) await giveWay.now();
    }
    sources.signal.throwIfAborted();
  }
  return answer;
}

/** For each stretch of time that the periods cover without a gap, the sorted instants at which it is cut into pieces. */
function runsOf(periods: readonly Period[]): readonly (readonly number[])[] {
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of periods.toSorted((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last === undefined || from > last.to) stretches.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  const ends = [...new Set(periods.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
  return stretches.map(({ from, to }) => ends.filter((instant) => instant >= from && instant <= to));
}

/** Adds the sums of the pieces of one stretch, by machine and start of the piece. */
async function addRun(
  { store, turnstile, recordOf }: CellSources,
  model: PlantModel,
  byMachine: ReadonlyMap<Machine, Map<number, Map<string | null, Sums>>>,
  cuts: readonly number[],
  now: number,
  giveWay: GiveWay,
): Promise<void> {
  const [from, end] = [cuts[0] ?? 0, cuts.at(-1) ?? 0];
  const machines = [...byMachine.keys()].map(({ id }) => id);
  const periods = cuts.slice(1).map((to, i) => ({ from: cuts[i] ?? 0, to }));
  const days = dayStartsOf(model.plant, byMachine.keys(), cuts);
  const sums = await turnstile.run(() => store.sums({ machines, periods, by: ["machine", "product"], days }));
  const stored = new Map<string, SummedAlone>();
  sums.rows.heads.forEach(({ machine }, row) => {
    const known = stored.get(machine);
    if (known === undefined) stored.set(machine, { sums, rows: [row] });
    else known.rows.push(row);
  });
  const gaps = new Map<string, readonly Period[] | null>();
  for (const id of machines) {
    gaps.set(id, await gapsWithoutHoles(cuts, stored.get(id), giveWay));
    if (giveWay.due) await giveWay.now();
  }
  const holed = machines.filter((id) => gaps.get(id) === null);
  if (holed.length > 0) {
    const found = await turnstile.run(() => store.gaps({ machines: holed, period: { from, to: end } }));
    for (const id of holed) gaps.set(id, []);
    for (const { machine, ...gap } of found) gaps.set(machine, [...(gaps.get(machine) ?? []), gap]);
  }
  const filler = new RowBatch();
  for (const [machine, byStart] of byMachine) {
    const summed = stored.get(machine.id);
    for (const row of summed?.rows ?? []) addRow(byStart, cuts, sums.rows, row);
    filler.clear();
    for (const gap of merged(gaps.get(machine.id) ?? [])) {
      const isDelay = gap.to === end && end === now && gap.from > now - DELAY_MAX_MS && summed !== undefined;
      await fillGap(model, machine, gap, cuts, isDelay ? recordOf(machine) : null, false, giveWay, filler);
    }
    for (let row = 0; row < filler.length; row++) addRow(byStart, cuts, filler, row);
    if (giveWay.due) await giveWay.now();
  }
}

/** Instants among the cuts at which days begin, as the sites of the machines, or the whole plant, define days. */
function dayStartsOf(plant: Plant, machines: Iterable<Machine>, cuts: readonly number[]): readonly number[] {
  const sites = new Set([...machines].map(({ site }) => site));
  return dayStartsAt(
    cuts,
    [...sites, "*"].flatMap((path) => plant.scopes.get(path) ?? []),
  );
}

function addRow(
  byStart: Map<number, Map<string | null, Sums>>,
  cuts: readonly number[],
  rows: RowBatch,
  row: number,
): void {
  const start = cuts[lastAtOrBefore(cuts, rows.fromAt(row))] ?? 0;
  let cells = byStart.get(start);
  if (cells === undefined) byStart.set(start, (cells = new Map()));
  const { product } = rows.headAt(row);
  let sums = cells.get(product);
  if (sums === undefined) cells.set(product, (sums = new Sums()));
  sums.addRow(rows, row);
}

function sumOf(
  byStart: ReadonlyMap<number, ReadonlyMap<string | null, Sums>>,
  runs: readonly (readonly number[])[],
  { from, to }: Period,
): Cells {
  const cuts = runs.find((run) => (run[0] ?? 0) <= from && to <= (run.at(-1) ?? 0)) ?? [];
  const first = lastAtOrBefore(cuts, from);
  const begins = cuts[first];
  if (begins === undefined) return new Map();
  // A period of one piece has the sums of that piece.
  if ((cuts[first + 1] ?? to) >= to) return inOrder(byStart.get(begins) ?? new Map());
  const cells = new Map<string | null, Sums>();
  for (let i = first; (cuts[i] ?? to) < to; i++) {
    for (const [product, sums] of byStart.get(cuts[i] ?? 0) ?? []) {
      const own = cells.get(product);
      if (own === undefined) cells.set(product, new Sums().addSums(sums));
      else own.addSums(sums);
    }
  }
  return inOrder(cells);
}

function lastAtOrBefore(instants: readonly number[], instant: number): number {
  return firstNotBefore(instants.length, (place) => (instants[place] as number) <= instant) - 1;
}
