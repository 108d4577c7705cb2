/** OEE by week against the target's path, and months as a table; weeks and months on too little data are hatched. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import type { ReviewAnswer } from "@oee/protocol";
import type { Element } from "../data/rows.ts";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { placeOf } from "../made-of.ts";
import { madeOf } from "../MadeOf.tsx";
import { isWeak, labelOf } from "../measures.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";

type TrendPoint = ReviewAnswer["trend"]["week"][number];

export function Trend(props: { readonly trend: ReviewAnswer["trend"] }): ReactElement {
  const { week: weeks, month: months } = props.trend;
  const desk = useDesk();
  const { t, values, format, scope } = desk;
  const weak = useWeak(weeks, "week");
  const weakMonths = useWeak(months, "month");
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "along",
      series: [
        {
          name: t("measure.oee"),
          colour: "running-mark",
          bars: weeks.map((week) => ({
            label: format.day(Date.parse(week.from), scope.timezone),
            value: week.values["oee"] ?? null,
            weak: weak.has(week.from),
          })),
        },
      ],
      ...(weeks.some(({ expected }) => typeof expected["oee"] === "number")
        ? { path: { name: t("column.expected"), values: weeks.map(({ expected }) => expected["oee"] ?? null) } }
        : {}),
      text: values.ratio,
      axis: format.percentShort,
    }),
    [weeks, weak, t, format, scope, values],
  );
  return (
    <>
      <Chart
        name="weeks"
        title={t("quarter.week")}
        sentence={t("quarter.weekSentence", { count: weeks.length })}
        spec={spec}
      />
      <DataTable
        name="weeks"
        caption={t("quarter.week")}
        columns={columnsOf(desk)}
        rows={weeks}
        keyOf={({ from }) => from}
        weak={({ from }) => weak.has(from)}
      />
      <DataTable
        name="months"
        caption={t("quarter.month")}
        columns={columnsOf(desk)}
        rows={months}
        keyOf={({ from }) => from}
        weak={({ from }) => weakMonths.has(from)}
      />
    </>
  );
}

function columnsOf({ t, values, format, scope }: Desk): readonly Column<TrendPoint>[] {
  const figure = (
    name: string,
    label: string,
    of: (point: TrendPoint) => number | null | undefined,
  ): Column<TrendPoint> => ({
    name,
    label,
    value: (point) => of(point) ?? null,
    text: (point) => values.ratio(of(point) ?? null),
    numeric: true,
  });
  const achieved = (name: "oee" | "availability" | "performance" | "quality" | "unplannedDowntimeShare") =>
    madeOf(
      figure(name, t(labelOf(name)), (point) => point.values[name]),
      () => placeOf(name),
      ({ from, to }) => ({ span: { from, to } }),
    );
  return [
    {
      name: "from",
      label: t("column.from"),
      value: ({ from }) => from,
      text: ({ from }) => format.day(Date.parse(from), scope.timezone),
    },
    achieved("oee"),
    figure("expected", t("column.expected"), (point) => point.expected["oee"]),
    achieved("availability"),
    achieved("performance"),
    achieved("quality"),
    achieved("unplannedDowntimeShare"),
  ];
}

/** Starts of the weeks or months that rest on too little data, asked of `/kpis` because the trend does not hold their coverage. */
function useWeak(points: readonly TrendPoint[], every: "week" | "month"): ReadonlySet<string> {
  const { scope } = useDesk();
  const [first, last] = [points[0], points[points.length - 1]];
  const { table } = useTable<Element>(
    first === undefined || last === undefined
      ? null
      : apiUrl("/kpis", { scope: scope.path, by: scope.kind, every, from: first.from, to: last.to }),
  );
  return useMemo(() => new Set(table?.rows.filter(isWeak).map(({ from }) => from)), [table]);
}
