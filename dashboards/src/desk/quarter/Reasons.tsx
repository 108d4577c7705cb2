/** Unplanned stop time by reason (PA), and how each reason's share of planned time changed (DC-5). */
import type { ReactElement } from "react";
import type { ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";
import { stopsOfReason } from "../made-of.ts";
import { madeOf } from "../MadeOf.tsx";
import { figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";
import { signedPoints } from "../signed-points.ts";

type Bar = ReviewAnswer["pareto"][number];

/** Rows that fit on a page; the CSV of the Pareto has all of them. */
const ROWS_MAX = 15;

export function Reasons(props: { readonly review: ReviewAnswer }): ReactElement {
  const { review } = props;
  const desk = useDesk();
  const { t, values, reasons, plant } = desk;
  const nameOfReason = (key: string | null): string => (key === null ? t("desk.noReason") : reasons.nameOf(key));
  const changes = new Map(review.reasonsFromPrevious.map(({ key, change }) => [key, change]));
  const changeOf = (key: string | null): number | null => changes.get(key) ?? null;
  const known = review.pareto.filter(({ time }) => time > 0);
  return (
    <>
      <DataTable<Bar>
        name="reasons"
        caption={t("pareto.title")}
        columns={[
          { name: "key", label: t("by.reason"), value: ({ key }) => key, text: ({ key }) => nameOfReason(key) },
          madeOf<Bar>(
            figureColumn("time", t("column.hours"), ({ time }) => time, values.hours),
            // PA-2: a review has the reasons of all machines.
            ({ key }) => stopsOfReason(key, "all"),
          ),
          figureColumn("count", t("column.count"), ({ count }) => count, values.count),
          figureColumn(
            "cost",
            t("column.cost"),
            ({ cost }) => cost,
            (value) => values.money(value, plant.description.currency),
          ),
          figureColumn("share", t("column.share"), ({ share }) => share, values.ratio),
          figureColumn("cumulative", t("column.cumulative"), ({ cumulative }) => cumulative, values.ratio),
          {
            name: "change",
            label: t("quarter.changeOfShare"),
            value: ({ key }) => changeOf(key),
            text: ({ key }) => {
              const change = changeOf(key);
              return change === null ? NOT_KNOWN : signedPoints(desk, change);
            },
            numeric: true,
          },
        ]}
        rows={known.slice(0, ROWS_MAX)}
        keyOf={({ key }) => key ?? ""}
      />
      {known.length > ROWS_MAX ? (
        <p className="muted">{t("quarter.reasonsMore", { count: known.length - ROWS_MAX })}</p>
      ) : null}
    </>
  );
}
