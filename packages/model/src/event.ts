/**
 * Events as the engine takes them: parsed, checked (DI-2) and resolved against one plant file.
 * Instants are epoch milliseconds (UTC), quantities whole numbers of the machine's smallest unit (CN-5), cycle times whole
 * microseconds.
 * An absent field is `null`; every event of one type has the same shape, so that hot loops stay monomorphic.
 */
import type { Machine } from "./plant.ts";
import type { StateName } from "./state.ts";

interface EventBase {
  readonly machine: Machine;
  /** When it happened; for a correction, when it was made. */
  readonly at: number;
  /** The producer's identifier, for CN-4. */
  readonly id: string | null;
}

export interface StateEvent extends EventBase {
  readonly type: "state";
  readonly state: StateName;
  readonly reason: string | null;
}

/** Quantities since the last count; negative ones take earlier counts back (CN-1). */
export interface CountEvent extends EventBase {
  readonly type: "count";
  readonly good: number | null;
  readonly scrap: number | null;
  readonly rework: number | null;
  readonly startup: boolean;
  /** The product that it names, `null`: the one of the job in force (CN-9). */
  readonly product: string | null;
  readonly order: string | null;
}

/** Running totals, as counters give them (CN-2). On the wire this is a `count` with `total`. */
export interface TotalEvent extends EventBase {
  readonly type: "total";
  readonly good: number | null;
  readonly scrap: number | null;
  readonly rework: number | null;
  /** Of all that was made: scrap is what is neither good nor rework (CN-7). */
  readonly produced: number | null;
  readonly startup: boolean;
  readonly product: string | null;
  readonly order: string | null;
}

export interface JobEvent extends EventBase {
  readonly type: "job";
  readonly product: string;
  readonly order: string | null;
  /** The job's own planned run time per item (µs), which goes before the product's and the machine's (CN-3). */
  readonly idealCycleUs: number | null;
  /** The job's own pieces per count (CN-6). */
  readonly piecesPerCount: number | null;
}

/** A person's word on `[from, to)`. Exactly one of these holds: `clear`, `state` given, only `reason` given (TL-7). */
export interface CorrectionEvent extends EventBase {
  readonly type: "correction";
  readonly from: number;
  readonly to: number;
  readonly state: StateName | null;
  readonly reason: string | null;
  readonly clear: boolean;
  readonly by: string | null;
  readonly note: string | null;
}

export type PlantEvent = StateEvent | CountEvent | TotalEvent | JobEvent | CorrectionEvent;

/** Why an event was refused (DI-2), in the order in which the checks are made. */
export const REFUSAL_CODES = [
  "malformed",
  "invalid",
  "unknown-machine",
  "unknown-state",
  "future",
  "past",
  "closed",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];
