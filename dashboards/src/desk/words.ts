/** Verdicts, statuses and states in words; one without a text is shown as the API's name. */
import type { Desk } from "./desk-context.ts";
import { NOT_KNOWN } from "./values.ts";

const WORDS = [
  "not-begun",
  "no-data",
  "met",
  "missed",
  "ahead",
  "on-track",
  "behind",
  "improved",
  "worse",
  "no-clear-change",
  "drifting-before",
  "too-little-data",
  "open",
  "started",
  "done",
  "cancelled",
  "overdue",
  "held",
  "not-held",
  "no-effect-shown",
  "measuring",
  "interim",
  "chosen-later",
  "no-control",
  "acknowledged",
  "resolved",
  "withdrawn",
  "low-coverage",
  "nothing-planned",
  "no-value",
  "too-few-hours",
] as const;

export function wordOf({ t }: Pick<Desk, "t">, word: string | null): string {
  const known = WORDS.find((each) => each === word);
  return known === undefined ? (word ?? NOT_KNOWN) : t(`word.${known}`);
}
