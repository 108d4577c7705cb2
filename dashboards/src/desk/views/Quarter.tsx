/** The review of a period (RV-1): measures against baseline and target, what changed OEE and by how much, the longest stops. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { ChangeShown } from "../ChangeShown.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { Choice } from "../Choice.tsx";
import type { MeasureAnswer, ReviewAnswer } from "@oee/protocol";
import type { Element } from "../data/rows.ts";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { isWeak } from "../measures.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { type Column, DataTable } from "../table/DataTable.tsx";
import { wordOf } from "../words.ts";

const PERIODS = ["this-quarter", "last-quarter", "this-month", "last-month", "this-week", "last-week"] as const;

export function Quarter(): ReactElement {
  const { t, scope, address, go } = useDesk();
  // A period that has a name of its own, such as 2026-Q2, may stand in the address.
  const of = address.options["of"] ?? "this-quarter";
  const named = PERIODS.find((name) => name === of);
  const asked = useTable<ReviewAnswer>(apiUrl("/review", { scope: scope.path, period: of }));
  return (
    <>
      <Choice
        label={t("quarter.of")}
        value={of}
        options={[
          ...(named === undefined ? [[of, of] as const] : []),
          ...PERIODS.map((name) => [name, t(`period.${name}`)] as const),
        ]}
        onChange={(next) => go({ options: { of: next } })}
      />
      <Answered asked={asked}>
        {({ rows: [review] }) => (review === undefined ? null : <Shown review={review} />)}
      </Answered>
    </>
  );
}

function Shown(props: { readonly review: ReviewAnswer }): ReactElement {
  const { review } = props;
  const desk = useDesk();
  const { t, values, reasons, format, scope } = desk;
  const weeks = review.trend.week;
  const weak = useWeakWeeks(weeks);
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "along",
      series: [
        {
          name: t("measure.oee"),
          colour: "running-mark",
          bars: weeks.map((week) => ({
            label: format.date(Date.parse(week.from), scope.timezone),
            value: week.values["oee"] ?? null,
            weak: weak.has(week.from),
          })),
        },
      ],
      text: values.ratio,
    }),
    [weeks, weak, t, format, scope, values],
  );
  return (
    <>
      {review.inProgress ? <p role="note">{t("quarter.inProgress")}</p> : null}
      <p>
        <b>{t("desk.span", { from: review.from, to: review.to })}</b>{" "}
        {review.baseline === null ? t("quarter.noBaseline") : t("quarter.baseline", { id: review.baseline })}
      </p>
      <Measures measures={review.measures} />
      <section>
        <Chart
          name="weeks"
          title={t("quarter.week")}
          sentence={t("quarter.weekSentence", { count: weeks.length })}
          spec={spec}
        />
        <DataTable
          name="weeks"
          caption={t("quarter.week")}
          columns={[
            {
              name: "from",
              label: t("column.from"),
              value: ({ from }) => from,
              text: ({ from }) => format.date(Date.parse(from), scope.timezone),
            },
            {
              name: "oee",
              label: t("measure.oee"),
              value: (week) => week.values["oee"] ?? null,
              text: (week) => values.ratio(week.values["oee"] ?? null),
              numeric: true,
            },
          ]}
          rows={weeks}
          keyOf={({ from }) => from}
          weak={({ from }) => weak.has(from)}
        />
      </section>
      <ChangeShown name="changeFromPrevious" title={t("quarter.fromPrevious")} change={review.changeFromPrevious} />
      {review.baseline === null ? null : (
        <ChangeShown name="changeFromBaseline" title={t("quarter.fromBaseline")} change={review.changeFromBaseline} />
      )}
      <section>
        <DataTable
          name="longestStops"
          caption={t("quarter.longest")}
          columns={[
            {
              name: "machine",
              label: t("scope.machine"),
              value: ({ machine }) => machine,
              text: ({ machine }) => nameOf(desk, machine),
            },
            {
              name: "stop",
              label: t("column.stop"),
              value: ({ stop }) => stop,
              text: ({ stop }) => beginOf(stop, desk),
            },
            {
              name: "time",
              label: t("column.hours"),
              value: ({ time }) => time,
              text: ({ time }) => values.hours(time),
            },
            {
              name: "reasons",
              label: t("column.reason"),
              value: (row) => row.reasons.filter((reason) => reason !== null).join(" "),
              text: (row) =>
                row.reasons.map((reason) => (reason === null ? t("desk.noReason") : reasons.nameOf(reason))).join(", "),
            },
          ]}
          rows={review.longestStops}
          keyOf={({ stop }) => stop}
        />
      </section>
    </>
  );
}

/** Starts of the weeks that rest on too little data, which the trend itself does not say. */
function useWeakWeeks(weeks: ReviewAnswer["trend"]["week"]): ReadonlySet<string> {
  const { scope } = useDesk();
  const [first, last] = [weeks[0], weeks[weeks.length - 1]];
  const { table } = useTable<Element>(
    first === undefined || last === undefined
      ? null
      : apiUrl("/kpis", { scope: scope.path, by: scope.kind, every: "week", from: first.from, to: last.to }),
  );
  return useMemo(() => new Set(table?.rows.filter(isWeak).map(({ from }) => from)), [table]);
}

/** A stop's id holds its start. */
function beginOf(stop: string, { format, scope }: Pick<ReturnType<typeof useDesk>, "format" | "scope">): string {
  const at = Date.parse(stop.slice(stop.lastIndexOf("@") + 1));
  return Number.isNaN(at) ? stop : format.instant(at, 0, scope.timezone);
}

interface MeasureRow extends MeasureAnswer {
  readonly name: string;
}

function Measures(props: { readonly measures: ReviewAnswer["measures"] }): ReactElement {
  const desk = useDesk();
  const { t } = desk;
  const rows = Object.entries(props.measures).map(([name, standing]): MeasureRow => ({ name, ...standing }));
  const figure = (
    name: "baseline" | "expected" | "goal" | "achieved" | "difference" | "previous",
  ): Column<MeasureRow> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => namedMeasureText(desk, row.name, row[name], name === "difference"),
    numeric: true,
  });
  return (
    <section>
      <DataTable
        name="measures"
        caption={t("quarter.measures")}
        columns={[
          {
            name: "measure",
            label: t("column.measure"),
            value: ({ name }) => name,
            text: ({ name }) => namedMeasureLabel(desk, name),
          },
          figure("achieved"),
          figure("previous"),
          figure("baseline"),
          figure("difference"),
          figure("expected"),
          figure("goal"),
          {
            name: "status",
            label: t("column.status"),
            value: ({ status }) => status,
            text: ({ status }) => wordOf(desk, status),
          },
        ]}
        rows={rows}
        keyOf={({ name }) => name}
        weak={({ counts }) => !counts}
      />
    </section>
  );
}
