/**
 * The figures of a baseline's period under the policy of today (BL-6): from its raw events, by the plant file at hand. They are
 * computed on request, one baseline at a time, and kept until an event arrives that bears on them.
 */
import type { PlantModel } from "@oee/engine";
import type { Plant, Scope } from "@oee/model";
import type { BaselineAnswer } from "@oee/protocol";
import type { Turnstile } from "@oee/pacing";
import { type Baseline, baselineFigures, type BaselineFiguresNow, periodOf, type Programme } from "@oee/review";
import type { Store } from "@oee/store";
import { HttpProblem } from "../problems.ts";
import { computedFromEvents } from "./at-position.ts";

type Today = NonNullable<BaselineAnswer["today"]>;

export interface TodaySources {
  readonly store: Pick<Store, "events" | "historyStart" | "eventsAfter">;
  readonly turnstile: Turnstile;
}

export interface PlantToday {
  readonly plant: Plant;
  readonly model: PlantModel;
  readonly programme: Programme;
  /** Epoch ms. */
  readonly now: number;
}

/** A stop that began before the period's end is known by what follows: one that is longer is above every threshold. */
const BEHIND_MS = 86_400_000;
/** An event may be stored a moment after it arrived. */
const STORED_WITHIN_MS = 2 * 60_000;
const KEPT_MAX = 100;
const kept = new WeakMap<Plant, Map<string, { readonly at: number; readonly today: Today }>>();

/** Why raw events do not give the figures, by the code of the problem. */
const WHY: Readonly<Record<string, NonNullable<Today["why"]>>> = {
  OEE_HTTP_EVENTS_GONE: "events-gone",
  OEE_HTTP_TOO_MANY_ELEMENTS: "too-many-events",
};

/** The figures, of a scope at or below its own, of a computed baseline whose policy is not that of the plant file at hand. */
export async function figuresToday(
  { store, turnstile }: TodaySources,
  { plant, model, programme, now }: PlantToday,
  baseline: Baseline,
  scope: Scope,
  signal: AbortSignal,
): Promise<Today> {
  const { timezone } = plant.scopes.get(baseline.scope) ?? scope;
  const period = periodOf(timezone, baseline);
  const before = period.to + BEHIND_MS;
  let known = kept.get(plant);
  if (known === undefined) kept.set(plant, (known = new Map()));
  const key = `${scope.path} ${period.from}-${period.to}`;
  const found = known.get(key);
  if (found !== undefined) {
    const machines = scope.machines.map(({ id }) => id);
    const asked = { machines, before, since: found.at - STORED_WITHIN_MS, corrections: true };
    if ((await turnstile.run(() => store.eventsAfter(asked))) === 0) return found.today;
  }
  const isKnown = ({ type, at }: { readonly type: string; readonly at: number }): boolean =>
    type === "correction" || at < before;
  let figures: BaselineFiguresNow;
  try {
    figures = await computedFromEvents(
      store,
      { model, now },
      scope.machines,
      { from: period.from, isKnown },
      signal,
      (facts) => baselineFigures(programme.freezeAgain(baseline, facts), scope),
    );
  } catch (error) {
    const why = error instanceof HttpProblem ? WHY[error.code] : undefined;
    if (why === undefined) throw error;
    return { plant: plant.version, kpis: {}, components: {}, why };
  }
  const today = { plant: plant.version, ...figures };
  if (known.size < KEPT_MAX || found !== undefined) known.set(key, { at: now, today });
  return today;
}
