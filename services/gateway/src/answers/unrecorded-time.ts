/**
 * Fills the time for which a machine has no stored rows (before its first row, after its newest one, or where rows are
 * missing), so that an element's time components always add up to its length. The engine makes the rows: the state of the
 * machine's live record goes on where the record is fresh; else the time is that of a machine without events.
 */
import { elapsedOf } from "@oee/answers";
import { addSteadyRows, type LastHeard, type PlantModel, ratesOf } from "@oee/engine";
import { firstNotBefore, type Machine, ownStateOf, PLACE, type RowBatch, WIDTH } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import type { GiveWay } from "@oee/pacing";
import type { Covered, Period, SummedRows } from "@oee/store";
import { scheduledMsOf } from "./scheduled-time.ts";

const MINUTE_MS = 60_000;

/** The sums that the store made of one machine: `rows` are the indices of its rows in `sums`. */
export interface SummedAlone {
  readonly sums: SummedRows;
  readonly rows: number[];
}

/** What the rows of a machine cover that were summed together with those of others, of each of the periods that begin at `starts`. */
export interface SummedTogether {
  readonly starts: readonly number[];
  readonly covered: Covered;
}

export type Summed = SummedAlone | SummedTogether;

/** How much of one period the stored rows of a machine cover. */
export interface Stored {
  /** From the start of the first to the end of the last minute that has a row. */
  readonly covered: Period;
  readonly elapsedMs: number;
}

/** The coverage of each of the periods that begin at these sorted instants (epoch ms); `null`: no row. */
export function storedFrom(summed: Summed, starts: readonly number[]): (Stored | null)[] {
  let next = 0;
  if ("covered" in summed) {
    return starts.map((start) => {
      while ((summed.starts[next] ?? Infinity) < start) next++;
      return summed.starts[next] === start ? coveredAt(summed, next) : null;
    });
  }
  const { sums, rows } = summed;
  return starts.map((start) => {
    const first = next;
    while (next < rows.length && sums.rows.fromAt(rows[next] as number) === start) next++;
    return storedOf(sums, rows.slice(first, next));
  });
}

/** Whether rows have all the time between each two of these cuts, as those of most machines do: told without an object for each period. */
export function isComplete(summed: Summed, cuts: readonly number[]): boolean {
  if ("covered" in summed) return false;
  const { sums, rows } = summed;
  const { values } = sums.rows;
  let next = 0;
  for (let i = 1; i < cuts.length; i++) {
    const from = cuts[i - 1] as number;
    let missing = (cuts[i] as number) - from;
    for (; next < rows.length && sums.rows.fromAt(rows[next] as number) === from; next++) {
      missing -= elapsedOf(values, (rows[next] as number) * WIDTH);
    }
    if (missing > 0) return false;
  }
  return true;
}

/** The coverage of the newest period that has any row; `null`: none has. */
export function lastStored(summed: Summed): Stored | null {
  if ("covered" in summed) {
    return coveredAt(
      summed,
      summed.covered.first.findLastIndex((instant) => instant !== Infinity),
    );
  }
  const { sums, rows } = summed;
  const start = sums.rows.fromAt(rows.at(-1) ?? 0);
  const first = rows.findLastIndex((row) => sums.rows.fromAt(row) !== start) + 1;
  return storedOf(sums, rows.slice(first));
}

function coveredAt({ covered }: SummedTogether, place: number): Stored | null {
  const from = covered.first[place] as number;
  if (from === Infinity) return null;
  return { covered: { from, to: covered.last[place] as number }, elapsedMs: covered.elapsedMs[place] as number };
}

function storedOf(sums: SummedRows, rows: readonly number[]): Stored | null {
  if (rows.length === 0) return null;
  let elapsedMs = 0;
  let from = Infinity;
  let to = -Infinity;
  for (const row of rows) {
    elapsedMs += elapsedOf(sums.rows.values, row * WIDTH);
    from = Math.min(from, sums.coveredFrom[row] as number);
    to = Math.max(to, sums.coveredTo[row] as number);
  }
  return { covered: { from, to }, elapsedMs };
}

/** The instant (epoch ms) up to which rows have no gap, inside the last minute that has a row; `null`: an earlier minute lacks time. */
export function knownEndOf({ covered, elapsedMs }: Stored): number | null {
  const end = covered.from + elapsedMs;
  return end > covered.to - MINUTE_MS && end <= covered.to ? end : null;
}

/** The spans at the ends of a period without rows, in order of time; `null`: there are also some inside, which only the store can find. */
export function gapsOf(period: Period, stored: Stored | null): Period[] | null {
  if (stored === null) return [period];
  if (stored.elapsedMs >= period.to - period.from) return [];
  const end = knownEndOf(stored);
  if (end === null) return null;
  return [
    { from: period.from, to: stored.covered.from },
    { from: end, to: period.to },
  ].filter(({ from, to }) => to > from);
}

/** The gaps, where those that meet are joined. */
export function merged(gaps: readonly Period[]): Period[] {
  const result: Period[] = [];
  for (const gap of gaps) {
    const last = result.at(-1);
    if (last?.to === gap.from) result[result.length - 1] = { from: last.from, to: gap.to };
    else result.push(gap);
  }
  return result;
}

/** A longer gap is filled in pieces of this length, since the engine computes the time between two cuts in one go. */
const PIECE_MS = 31 * 86_400_000;

/**
 * Adds rows for a gap, cut at the sorted instants inside it. `known` is a fresh live record whose state goes on in the gap.
 * Rows of a gap of months carry their shift only where `byShift`.
 */
export async function fillGap(
  model: PlantModel,
  machine: Machine,
  gap: Period,
  cuts: readonly number[],
  known: LiveRecord | null,
  byShift: boolean,
  giveWay: GiveWay,
  into: RowBatch,
): Promise<void> {
  const inside = cuts.slice(firstAfter(cuts, gap.from), firstAfter(cuts, gap.to - 1));
  const all = [gap.from, ...inside, gap.to];
  const heard = known === null ? null : heardOf(machine, known, gap.from);
  if (heard !== null || gap.to - gap.from <= PIECE_MS) {
    addSteadyRows(model.machine(machine), heard, all, into);
    return;
  }
  for (const [i, to] of all.slice(1).entries()) {
    const period = { from: all[i] as number, to };
    if (byShift) await addPieces(model, machine, period, giveWay, into);
    else await addUnknownTime(model, machine, period, giveWay, into);
  }
}

async function addPieces(
  model: PlantModel,
  machine: Machine,
  { from, to }: Period,
  giveWay: GiveWay,
  into: RowBatch,
): Promise<void> {
  for (let at = from; at < to; at += PIECE_MS) {
    addSteadyRows(model.machine(machine), null, [at, Math.min(at + PIECE_MS, to)], into);
    if (giveWay.due) await giveWay.now();
  }
}

/** Adds a row of a machine without events: scheduled time is unknown, other time is not planned (TL-4, CA-4). */
async function addUnknownTime(
  model: PlantModel,
  machine: Machine,
  { from, to }: Period,
  giveWay: GiveWay,
  into: RowBatch,
): Promise<void> {
  const scheduled = await scheduledMsOf(machine, from, to, giveWay);
  const own = model.machine(machine);
  const row = into.addEmpty(own.headOf(ratesOf(own, null), null), from) * WIDTH;
  into.values[row + PLACE.unknownTime] = scheduled;
  into.values[row + PLACE.notPlannedTime] = to - from - scheduled;
}

/** The index of the first of sorted instants that is after `instant`. */
function firstAfter(instants: readonly number[], instant: number): number {
  return firstNotBefore(instants.length, (place) => (instants[place] as number) <= instant);
}

function heardOf(machine: Machine, known: LiveRecord, from: number): LastHeard | null {
  const { reason, product, order, lastEventAt, minor } = known;
  const state = ownStateOf(known.state);
  if (known.since === null || state === undefined) return null;
  const since = Math.min(known.since, from);
  const job = { type: "job", machine, at: since, id: null, order, idealCycleUs: null, piecesPerCount: null } as const;
  return {
    state,
    reason,
    since,
    at: Math.max(since, lastEventAt ?? since),
    job: product === null ? null : { ...job, product },
    unplanned: minor === false,
    part: known.category === "production" ? (known.part ?? null) : null,
    correctedTo: known.correctedTo ?? null,
  };
}
