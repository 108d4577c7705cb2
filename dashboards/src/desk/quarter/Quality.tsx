/** The quality of the review's data (RV-2), in words. */
import type { RefusalCode } from "@oee/model";
import type { ReactElement } from "react";
import type { ReviewAnswer } from "@oee/protocol";
import { type Desk, useDesk } from "../desk-context.ts";
import { cyclesText } from "../ideal-cycles.ts";
import { policyChangesText, policyText } from "../policy-parts.ts";

const REFUSALS = [
  "malformed",
  "invalid",
  "unknown-machine",
  "unknown-state",
  "future",
  "past",
  "closed",
] as const satisfies readonly RefusalCode[];

export function Quality(props: { readonly review: ReviewAnswer }): ReactElement {
  const { quality, policy = [] } = props.review;
  const { plantVersions = [], policyChanges = [], policyChangedOn = [], idealCycleChanges = [] } = quality;
  const desk = useDesk();
  const { t, values } = desk;
  const refused = Object.entries(quality.refused);
  const lines: readonly string[] = [
    t("quality.coverage", { coverage: values.ratio(quality.coverage), reasons: values.ratio(quality.reasonShare) }),
    t("quality.rounded"),
    t("quality.above1", { count: values.count(quality.performanceAbove1) }),
    ...(quality.doubtedTotals === undefined
      ? []
      : [t("quality.doubted", { count: values.count(quality.doubtedTotals) })]),
    t("quality.corrections", {
      count: values.count(quality.corrections),
      after: values.count(quality.correctionsAfterEnd),
    }),
    ...(quality.lateEvents === undefined
      ? []
      : [
          typeof quality.lateEventsAfterEnd === "number"
            ? t("quality.late", {
                count: values.count(quality.lateEvents),
                after: values.count(quality.lateEventsAfterEnd),
              })
            : t("quality.lateMany", { count: values.count(quality.lateEvents) }),
        ]),
    refused.length === 0
      ? t("quality.noneRefused")
      : t("quality.refused", {
          list: refused.map(([code, count]) => `${refusalWord(desk, code)} ${values.count(count)}`).join(", "),
        }),
    // A review that an older release presented does not tell.
    ...(plantVersions.length === 0 ? [] : [t("quality.plantVersions", { list: plantVersions.join(", ") })]),
    ...(policyChanges.length === 0 ? [] : [policyChangesText(desk, policyChanges, policyChangedOn)]),
    ...(idealCycleChanges.length === 0
      ? []
      : [t("quality.idealCycles", { list: idealCycleChanges.map((change) => cyclesText(desk, change)).join("; ") })]),
    ...(policy.length === 0 ? [] : [t("quality.policy", { list: policyText(desk, policy) })]),
  ];
  return (
    <ul className="lines">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** Why events were refused (DI-2); a code of another release is shown as it is. */
function refusalWord({ t }: Pick<Desk, "t">, code: string): string {
  const known = REFUSALS.find((each) => each === code);
  return known === undefined ? code : t(`refusal.${known}`);
}
