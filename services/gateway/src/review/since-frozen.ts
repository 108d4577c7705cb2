/**
 * What came after a baseline was frozen (BL-5): late events and corrections, as of a presented review, and recomputations and
 * repairs of its period, which the audit has.
 */
import { isDeepStrictEqual } from "node:util";
import type { Period } from "@oee/calendar";
import { isInScope, type Plant, type Scope } from "@oee/model";
import type { BaselineAnswer } from "@oee/protocol";
import type { Turnstile } from "@oee/pacing";
import { cameBy, type EntryBook, periodOf } from "@oee/review";
import { AUDIT_PAGE_MAX, AUDIT_ROWS_MAX, type Store } from "@oee/store";
import { lineIn } from "../audit/audit-line.ts";
import { cameOf, correctionsArrived } from "./corrections-came.ts";
import type { Known, Position } from "./review-answers.ts";

export interface SinceSources {
  readonly store: Pick<Store, "eventsAfter" | "corrections" | "auditRows" | "auditTrail">;
  readonly turnstile: Turnstile;
}

/** A frozen baseline, what is known of it at once, and what the store is still to be asked for. */
export interface Frozen {
  /** When it was frozen (epoch ms): that of the first revision with its figures. */
  readonly since: number;
  readonly scope: Scope;
  readonly period: Period;
  readonly position: { readonly frozen: Position; readonly now: Position };
  readonly plant: { readonly frozen: string; readonly now: string };
}

/**
 * A baseline, for the machines of a scope at or below its own. `null`: the baseline was not frozen by this product, or its
 * entry says nothing of when.
 */
export function frozenBaseline({ programme, plant, position }: Known, id: string, scope: Scope): Frozen | null {
  const entry = programme.book.newestOf("baseline", id);
  if (entry === null || entry.frozen === null) return null;
  const made = madeOf(entry.raw);
  const since = firstWith(programme.book, id, made);
  if (since === null) return null;
  const period = periodOf(entry.scope.timezone, entry);
  return {
    since,
    scope,
    period,
    position: { frozen: made.position, now: position },
    plant: { frozen: made.plant, now: plant.version },
  };
}

type Made = { readonly position: Position; readonly plant: string };

/** What a baseline's figures were computed from. */
function madeOf(raw: Readonly<Record<string, unknown>>): Made {
  const { position = {}, plant = "" } = raw["frozen"] as Partial<Made>;
  return { position, plant };
}

/** When the first of the revisions was made that have figures of one position and plant file. A revision that keeps the figures does not change it. */
function firstWith(book: EntryBook, id: string, made: Made): number | null {
  const revisions = book.revisionsOf("baseline", id);
  return revisions.find(({ raw, frozen }) => frozen !== null && isDeepStrictEqual(madeOf(raw), made))?.at ?? null;
}

/** What came after each of some baselines was frozen. */
export async function sinceFrozen(
  { store, turnstile }: SinceSources,
  known: Plant,
  baselines: readonly Frozen[],
): Promise<readonly NonNullable<BaselineAnswer["since"]>[]> {
  if (baselines.length === 0) return [];
  const oldest = Math.min(...baselines.map(({ since }) => since));
  const recomputations = await recomputationsSince(store, turnstile, oldest);
  const everywhere = baselines.flatMap(({ scope }) => scope.machines);
  const arrived = await correctionsArrived({ store, turnstile }, known, everywhere, oldest);
  const all: NonNullable<BaselineAnswer["since"]>[] = [];
  for (const { since, scope, period, position, plant } of baselines) {
    const machines = scope.machines.map(({ id }) => id);
    const lateEvents = await turnstile.run(() => store.eventsAfter({ machines, before: period.to, since }));
    const corrections = cameOf(arrived, scope.machines, since, () => period);
    const own = recomputations.filter(
      ({ at, from, to, path }) => at >= since && from < period.to && to > period.from && bearsOn(path, scope),
    );
    const { count, by } = cameBy(own.map(({ who }) => who));
    all.push({
      lateEvents,
      corrections: corrections.count,
      correctionsBy: corrections.by,
      recomputations: count,
      recomputationsBy: by,
      position,
      plant,
    });
  }
  return all;
}

interface Recomputation extends Period {
  readonly at: number;
  readonly who: string | null;
  /** The scope that was computed again. */
  readonly path: string;
}

/** Each is told before it is done, so that one that was broken off is among them. */
async function recomputationsSince(
  store: SinceSources["store"],
  turnstile: Turnstile,
  from: number,
): Promise<readonly Recomputation[]> {
  const found = new Map<string, Recomputation>();
  for (const kind of ["recompute", "repair"]) {
    for (let offset = 0; ; ) {
      const asked = { kind, from, offset, limit: AUDIT_ROWS_MAX };
      const rows = await turnstile.run(() => store.auditRows(asked));
      for (const { at, who, what, scope: path, raw, offset: own } of rows) {
        const after = lineIn(Buffer.from(raw))?.after ?? {};
        const span = { from: instantOr(after["from"], -Infinity), to: instantOr(after["to"], Infinity) };
        found.set(`${kind} ${what === "" ? own : what}`, { at, who: who === "" ? null : who, path, ...span });
      }
      if (rows.length < AUDIT_ROWS_MAX) break;
      offset = (rows.at(-1)?.offset ?? 0) + 1;
    }
  }
  // Releases before the audit's topic told this table alone; the same recomputation may be in both.
  for (const { at, id, actor, action, scope, from: first, to } of await turnstile.run(() =>
    store.auditTrail(AUDIT_PAGE_MAX),
  )) {
    const key = `${action} ${id}`;
    if (at < from || !/^(?:recompute|repair)$/.test(action) || found.has(key)) continue;
    found.set(key, { at, who: actor === "" ? null : actor, path: scope, from: first ?? -Infinity, to: to ?? Infinity });
  }
  return [...found.values()];
}

function instantOr(text: unknown, otherwise: number): number {
  const at = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? otherwise : at;
}

/** Whether a scope that was computed again holds machines of another, or lies in it. */
function bearsOn(recomputed: string, { path }: Scope): boolean {
  return isInScope(recomputed, path) || isInScope(path, recomputed);
}
