/**
 * The time of a machine that no stored row speaks of: before its first row, between its newest row and now, or where rows
 * are missing. The engine says what it is, so that an element's time components always add up to its length: what is
 * known of the machine going on, where that is fresh; else what a machine without events is.
 */
import { MachineHistory, type PlantModel, type ReportRow } from "@oee/engine";
import { type Components, type Machine, ownStateOf, TIME_COMPONENT_NAMES } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import type { ComponentSums, Period } from "@oee/store";

const MINUTE_MS = 60_000;

/** What is stored of one machine in one period. */
export interface Stored {
  /** From the first to the end of the last minute that has a row. */
  readonly covered: Period;
  readonly elapsedMs: number;
}

/** `null`: nothing is. */
export function storedOf(sums: readonly ComponentSums[]): Stored | null {
  if (sums.length === 0) return null;
  let elapsed = 0n;
  let from = Infinity;
  let to = -Infinity;
  for (const { covered, components } of sums) {
    for (const name of TIME_COMPONENT_NAMES) elapsed += components[name];
    from = Math.min(from, covered.from);
    to = Math.max(to, covered.to);
  }
  return { covered: { from, to }, elapsedMs: Number(elapsed) };
}

/** Up to where rows are known without a gap, in the last minute that has one; `null`: some minute before it lacks time. */
export function knownEndOf({ covered, elapsedMs }: Stored): number | null {
  const end = covered.from + elapsedMs;
  return end > covered.to - MINUTE_MS && end <= covered.to ? end : null;
}

/** The spans of a period without rows, by time; `null`: there are some inside, which only its minutes tell. */
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

/** The same from the rows of each minute: what a minute lacks, it lacks at its end. */
export function gapsBetween(period: Period, rows: Iterable<{ readonly from: number } & Components>): Period[] {
  const elapsedOf = new Map<number, number>();
  for (const row of rows) {
    const elapsed = TIME_COMPONENT_NAMES.reduce((sum, name) => sum + row[name], 0);
    elapsedOf.set(row.from, (elapsedOf.get(row.from) ?? 0) + elapsed);
  }
  const gaps: Period[] = [];
  let known = period.from;
  for (const [minute, elapsed] of [...elapsedOf].sort(([a], [b]) => a - b)) {
    if (minute > known) gaps.push({ from: known, to: minute });
    known = minute + elapsed;
  }
  if (period.to > known) gaps.push({ from: known, to: period.to });
  return gaps;
}

/** Gaps that meet, as one. */
export function merged(gaps: readonly Period[]): Period[] {
  const result: Period[] = [];
  for (const gap of gaps) {
    const last = result.at(-1);
    if (last?.to === gap.from) result[result.length - 1] = { from: last.from, to: gap.to };
    else result.push(gap);
  }
  return result;
}

/** Rows for a gap, cut at the sorted instants inside it. `known`: the machine as it was last heard of, and is taken to go on. */
export function rowsForGap(
  model: PlantModel,
  machine: Machine,
  gap: Period,
  cuts: readonly number[],
  known: LiveRecord | null,
): ReportRow[] {
  const history = new MachineHistory(model, machine);
  if (known !== null) goOn(history, machine, known, gap.from);
  const inside = cuts.filter((cut) => cut > gap.from && cut < gap.to);
  return history.evaluate({ ...gap, now: gap.to, cuts: [gap.from, ...inside, gap.to] }).rows;
}

/** What a live record says of a machine, as the events that would have made it so. */
function goOn(history: MachineHistory, machine: Machine, known: LiveRecord, from: number): void {
  const { reason, product, order, lastEventAt } = known;
  const state = ownStateOf(known.state);
  if (known.since === null || state === undefined) return;
  const at = Math.min(known.since, from);
  if (product !== null) history.accept({ type: "job", machine, at, id: null, product, order, idealCycleUs: null });
  history.accept({ type: "state", machine, at, id: null, state, reason });
  // A sign of life (TL-4), which counts nothing.
  const sign = { good: null, scrap: null, rework: null, startup: false } as const;
  if (lastEventAt !== null)
    history.accept({ type: "count", machine, at: Math.max(at, lastEventAt), id: null, ...sign });
}
