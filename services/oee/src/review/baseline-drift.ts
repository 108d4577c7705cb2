/**
 * By how much the figures of a review's baseline would be others now, by KPI and component (BL-5), and what came since it was
 * entered. Files hold no arrivals: only where the entry says how many lines were known (`known`) are late events told apart, and
 * corrections by their place. Else corrections are told by when they were made.
 */
import { COMPONENT_NAMES, COMPONENTS, publicNameOf, type Scope } from "@oee/model";
import {
  baselineDocument,
  type Came,
  cameAfter,
  correctionsSince,
  type HistoryFacts,
  measureNamed,
  periodOf,
  type Programme,
} from "@oee/review";
import type { ReviewAnswer } from "@oee/protocol";
import { amount, counted, duration } from "../output/for-people.ts";
import { isTime } from "./time-measures.ts";

export interface BaselineDrift {
  readonly id: string;
  /** Names of measures and components, with a signed text; in the order of the review's measures. */
  readonly lines: readonly (readonly [name: string, by: string])[];
  /** `3 late events, 2 corrections (anna 1, ben 1)`; `null`: nothing came, or the entry says nothing of when it was made. */
  readonly since: string | null;
}

/**
 * `null`: there is no baseline, or nothing of it drifts. `knownOf` gives what was known when an entry was made; `null`: it does
 * not say how many lines that were.
 */
export function baselineDriftOf(
  facts: HistoryFacts,
  programme: Programme,
  scope: Scope,
  review: Pick<ReviewAnswer, "baseline" | "measures">,
  knownOf: (raw: object) => HistoryFacts | null,
): BaselineDrift | null {
  const baseline = review.baseline === null ? null : programme.baseline(review.baseline);
  if (baseline === null || baseline.figures.kind !== "computed") return null;
  const fresh = programme.freezeAgain(baseline, facts);
  const { drift, driftComponents } = baselineDocument(facts, baseline, fresh, scope);
  const lines = [
    ...Object.keys(review.measures).flatMap((name) => {
      const by = drift[name];
      return by === undefined ? [] : [[name, measureText(name, by)] as const];
    }),
    ...Object.entries(driftComponents).map(([name, by]) => [name, componentText(name, by)] as const),
  ];
  if (lines.length === 0) return null;
  const entry = programme.frozenBy(baseline);
  const known = entry === null ? null : knownOf(entry.raw);
  // The dates are those of the baseline's own scope.
  const period = periodOf((facts.plant.scopes.get(baseline.scope) ?? scope).timezone, baseline);
  const { machines } = scope;
  const came: string[] = [];
  if (known !== null) {
    const { lateEvents, corrections } = cameAfter(known, facts, machines, period);
    if (lateEvents > 0) came.push(counted(lateEvents, "late event"));
    came.push(...correctionsText(corrections));
  } else if (entry !== null && entry.at !== null) {
    came.push(...correctionsText(correctionsSince(facts, machines, entry.at, period)));
  }
  return { id: baseline.id, lines, since: came.length === 0 ? null : came.join(", ") };
}

function correctionsText({ count, by }: Came): readonly string[] {
  if (count === 0) return [];
  const people = Object.entries(by).map(([person, own]) => `${person === "" ? "nobody named" : person} ${own}`);
  return [`${counted(count, "correction")} (${people.join(", ")})`];
}

/** What a component means, in a few words. */
export function componentTitle(name: string): string | null {
  const known = COMPONENT_NAMES.find((own) => publicNameOf(own) === name);
  return known === undefined ? null : COMPONENTS[known].meaning;
}

function measureText(name: string, by: number): string {
  if (isTime(name)) return signed(by, duration);
  if (measureNamed(name)?.isRatio === true) return signed(by, (size) => `${amount(size * 100, 2)} points`);
  return signed(by, (size) => amount(size, 2));
}

function componentText(name: string, by: number): string {
  return signed(by, name.endsWith("Time") ? duration : (size) => amount(size, Number.isInteger(size) ? 0 : 2));
}

function signed(by: number, text: (size: number) => string): string {
  return `${by < 0 ? "−" : "+"}${text(Math.abs(by))}`;
}
