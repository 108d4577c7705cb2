/** The one place where events are made, so that all of one type have one shape whichever way they were read. */
import type { CorrectionEvent, CountEvent, JobEvent, StateEvent, TotalEvent } from "../event.ts";
import type { Machine } from "../plant.ts";
import type { StateName } from "../state.ts";

export function stateEvent(
  machine: Machine,
  at: number,
  id: string | null,
  state: StateName,
  reason: string | null,
): StateEvent {
  return { type: "state", machine, at, id, state, reason };
}

export interface Quantities {
  readonly good: number | null;
  readonly scrap: number | null;
  readonly rework: number | null;
  readonly produced: number | null;
}

export function countEvent(
  machine: Machine,
  at: number,
  id: string | null,
  good: number | null,
  scrap: number | null,
  rework: number | null,
  startup: boolean,
  product: string | null,
  order: string | null,
): CountEvent {
  return { type: "count", machine, at, id, good, scrap, rework, startup, product, order };
}

export function totalEvent(
  machine: Machine,
  at: number,
  id: string | null,
  good: number | null,
  scrap: number | null,
  rework: number | null,
  produced: number | null,
  startup: boolean,
  product: string | null,
  order: string | null,
): TotalEvent {
  return { type: "total", machine, at, id, good, scrap, rework, produced, startup, product, order };
}

export function jobEvent(
  machine: Machine,
  at: number,
  id: string | null,
  product: string,
  order: string | null,
  idealCycleUs: number | null,
  piecesPerCount: number | null,
): JobEvent {
  return { type: "job", machine, at, id, product, order, idealCycleUs, piecesPerCount };
}

/** What a correction says besides its machine and instant. */
export type CorrectionBody = Pick<CorrectionEvent, "from" | "to" | "reason" | "clear" | "by" | "note">;

export function correctionEvent(
  machine: Machine,
  at: number,
  id: string | null,
  state: StateName | null,
  body: CorrectionBody,
): CorrectionEvent {
  const { from, to, reason, clear, by, note } = body;
  return { type: "correction", machine, at, id, from, to, state, reason, clear, by, note };
}
