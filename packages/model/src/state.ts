/**
 * The machine states of the product and the category each has by default (TL-5 of packages/engine/SPEC.md).
 * State names compare without regard to case, with space, `_` and `-` alike.
 */

/** What kind of time a segment is. `production` and `unknown` can never be set by a reason (TL-6). */
export type Category = "production" | "unplannedStop" | "setup" | "plannedStop" | "notPlanned" | "unknown";

export const CATEGORIES: readonly Category[] = [
  "production",
  "unplannedStop",
  "setup",
  "plannedStop",
  "notPlanned",
  "unknown",
];

export type StateName =
  | "running"
  | "idle"
  | "starved"
  | "blocked"
  | "down"
  | "setup"
  | "maintenance"
  | "cleaning"
  | "break"
  | "no-demand"
  | "unknown";

/** Category and failure flag of each state, unless the plant file sets others. */
export const STATES: Readonly<Record<StateName, { readonly category: Category; readonly failure: boolean }>> = {
  running: { category: "production", failure: false },
  idle: { category: "unplannedStop", failure: false },
  starved: { category: "unplannedStop", failure: false },
  blocked: { category: "unplannedStop", failure: false },
  down: { category: "unplannedStop", failure: true },
  setup: { category: "setup", failure: false },
  maintenance: { category: "plannedStop", failure: false },
  cleaning: { category: "plannedStop", failure: false },
  break: { category: "notPlanned", failure: false },
  "no-demand": { category: "notPlanned", failure: false },
  unknown: { category: "unknown", failure: false },
};

export const STATE_NAMES: readonly StateName[] = Object.keys(STATES) as StateName[];

/** The form in which state names are compared: lower case, with space and `_` as `-`. */
export function normalizeStateName(name: string): string {
  return name.toLowerCase().replace(/[ _]/g, "-");
}

const OURS: ReadonlyMap<string, StateName> = new Map(STATE_NAMES.map((name) => [name, name]));

/** Our state of that name, whatever its case and separators, or `undefined`. */
export function ownStateOf(name: string): StateName | undefined {
  return OURS.get(normalizeStateName(name));
}
