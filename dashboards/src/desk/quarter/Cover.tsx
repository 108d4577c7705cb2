/** The first page of the printed review: its scope, period, plant version and contents. It is not shown on the screen. */
import type { ReactElement } from "react";
import type { PresentedAnswer, ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";
import { daysOf } from "./name-of-period.ts";

export interface Chapter {
  readonly id: string;
  readonly title: string;
}

export function Cover(props: {
  readonly review: ReviewAnswer;
  readonly periodName: string;
  readonly presented: PresentedAnswer | null;
  /** The instant that the answer reflects (epoch ms), and the version of its plant file. */
  readonly reflects: number;
  readonly plantVersion: string | null;
  readonly position: string | null;
  readonly chapters: readonly Chapter[];
}): ReactElement {
  const { review, periodName, presented, reflects, plantVersion, position, chapters } = props;
  const { t, plant, scope, format } = useDesk();
  const at = presented === null ? reflects : Date.parse(presented.instant);
  const rows: readonly (readonly [string, string])[] = [
    [t("quarter.of"), `${periodName} (${t("desk.span", daysOf(review, format.localDay))})`],
    [t("column.scope"), [...plant.ancestors(scope.path).map(({ name }) => name), scope.name].join(" › ")],
    [t(presented === null ? "quarter.asOf" : "quarter.presented"), format.instant(at, 0, scope.timezone)],
    [t("quarter.zone"), scope.timezone],
    [t("column.baseline"), review.baseline ?? t("desk.none")],
    [t("quarter.plantVersion"), presented?.plant ?? plantVersion ?? ""],
    [t("quarter.position"), presented === null ? (position ?? "") : positionText(presented.position)],
    ...(presented === null ? [] : [[t("quarter.digest"), presented.digest] as const]),
  ];
  return (
    <section className="cover" data-paper-only={true}>
      <p className="cover-plant">{plant.description.name}</p>
      <p className="cover-title">{t("quarter.title", { scope: scope.name })}</p>
      <p className="cover-period">{periodName}</p>
      <dl>
        {rows
          .filter(([, value]) => value !== "")
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {review.inProgress ? <p>{t("quarter.inProgress")}</p> : null}
      {presented === null ? <p className="cover-draft">{t("quarter.draft")}</p> : null}
      <h2>{t("quarter.contents")}</h2>
      <ol>
        {chapters.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function positionText(position: PresentedAnswer["position"]): string {
  return Object.entries(position)
    .map(
      ([topic, partitions]) =>
        `${topic} ${Object.entries(partitions)
          .map(([partition, offset]) => `${partition}:${offset}`)
          .join(" ")}`,
    )
    .join("; ");
}
