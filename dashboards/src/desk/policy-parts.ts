/** The parts of a policy (BL-2) in words: the settings of a plant file by which events become figures. */
import type { Desk } from "./desk-context.ts";

const PARTS = [
  "categories",
  "reasons",
  "constraints",
  "products",
  "states",
  "idealCycle",
  "costPerHour",
  "minorStopThreshold",
  "staleAfter",
  "rolloverAt",
  "overtime",
  "pulseGap",
  "decimals",
  "piecesPerCount",
  "maxRatePerHour",
  "plantFile",
] as const;

/** Parts without a text, such as those of a newer server, are shown as the API's names. */
export function policyText({ t }: Pick<Desk, "t">, parts: readonly string[]): string {
  return parts
    .map((part) => {
      const known = PARTS.find((each) => each === part);
      return known === undefined ? part : t(`policy.${known}`);
    })
    .join(", ");
}

/** What of the policy changed within a period, and on which dates where the answer tells them (RV-2). */
export function policyChangesText(
  desk: Pick<Desk, "t" | "format">,
  parts: readonly string[],
  on: readonly string[],
): string {
  const list = policyText(desk, parts);
  if (on.length === 0) return desk.t("quality.policyChanges", { list });
  return desk.t("quality.policyChangedOn", { list, dates: on.map((date) => desk.format.localDay(date)).join(", ") });
}
