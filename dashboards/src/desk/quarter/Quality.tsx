/** The quality of the review's data (RV-2), in words. */
import type { ReactElement } from "react";
import type { ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";

export function Quality(props: { readonly review: ReviewAnswer }): ReactElement {
  const { quality, policy } = props.review;
  const { t, values } = useDesk();
  const refused = Object.entries(quality.refused);
  const lines: readonly string[] = [
    t("quality.coverage", { coverage: values.ratio(quality.coverage), reasons: values.ratio(quality.reasonShare) }),
    t("quality.rounded"),
    t("quality.above1", { count: quality.performanceAbove1 }),
    ...(quality.doubtedTotals === undefined ? [] : [t("quality.doubted", { count: quality.doubtedTotals })]),
    t("quality.corrections", { count: quality.corrections, after: quality.correctionsAfterEnd }),
    refused.length === 0
      ? t("quality.noneRefused")
      : t("quality.refused", { list: refused.map(([code, count]) => `${code} ${values.count(count)}`).join(", ") }),
    ...(policy === undefined || policy.length === 0 ? [] : [t("quality.policy", { list: policy.join(", ") })]),
  ];
  return (
    <ul className="lines">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
