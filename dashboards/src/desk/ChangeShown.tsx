/** The decomposition of a change of OEE (DC), as bars from zero and as a table in points and hours. */
import { type ReactElement, useMemo } from "react";
import { Chart } from "./chart/Chart.tsx";
import type { BarsSpec } from "./chart/spec.ts";
import type { DecompositionAnswer } from "@oee/protocol";
import { LOSSES } from "./data/rows.ts";
import { type Desk, useDesk } from "./desk-context.ts";
import { inOrder } from "./in-order.ts";
import { placeOfBar } from "./made-of.ts";
import { madeOf } from "./MadeOf.tsx";
import { signedPoints } from "./signed-points.ts";
import { DataTable } from "./table/DataTable.tsx";
import { HOUR_MS, NOT_KNOWN } from "./values.ts";

const MIXES = ["productMix", "machineMix", "unplaced"] as const;

export function ChangeShown(props: {
  readonly name: string;
  readonly title: string;
  /** `null`: there is no decomposition, as of a scope that is not rated. */
  readonly change: DecompositionAnswer | null;
}): ReactElement {
  const { name, title, change } = props;
  const { t } = useDesk();
  if (change === null) {
    return (
      <section>
        <h2>{title}</h2>
        <p>{t("quarter.noChange")}</p>
      </section>
    );
  }
  return <Known name={name} title={title} change={change} />;
}

interface BarRow {
  readonly bar: string;
  /** Change of OEE, 0.01 a point; `null`: a mix, which is not known where there is only one cell. */
  readonly points: number | null;
  /** The change in hours of planned time. */
  readonly hours: number | null;
}

function Known(props: {
  readonly name: string;
  readonly title: string;
  readonly change: DecompositionAnswer;
}): ReactElement {
  const { name, title, change } = props;
  const desk = useDesk();
  const { t, values } = desk;
  const hours: Readonly<Record<string, number | null>> = change.hours;
  const bars = useMemo(() => inOrder(Object.entries(change.bars), [...LOSSES, ...MIXES], ([bar]) => bar), [change]);
  const rows = bars.map(([bar, points]): BarRow => ({ bar, points, hours: hours[bar] ?? null }));
  const [before, after] = change.oee;
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "down",
      series: [
        {
          name: t("column.points"),
          colour: "running-mark",
          bars: bars.map(([bar, points]) => ({
            label: labelOf(desk, bar),
            value: points,
            // A bar above 0 raised OEE.
            colour: points !== null && points < 0 ? "stop-mark" : "running-mark",
          })),
        },
      ],
      text: (points) => (points === null ? NOT_KNOWN : signedPoints(desk, points)),
    }),
    [bars, desk, t],
  );
  return (
    <section>
      <p className="change-oee">
        {t("quarter.changeSentence", { before: values.ratio(before), after: values.ratio(after) })}{" "}
        <b>{t("desk.points", { value: signedPoints(desk, change.change) })}</b>
      </p>
      <Chart
        name={name}
        title={title}
        sentence={t("quarter.changeSentence", { before: values.ratio(before), after: values.ratio(after) })}
        spec={spec}
      />
      <DataTable
        name={name}
        caption={title}
        columns={[
          { name: "bar", label: t("column.loss"), value: ({ bar }) => bar, text: ({ bar }) => labelOf(desk, bar) },
          madeOf<BarRow>(
            {
              name: "points",
              label: t("column.points"),
              value: (row) => row.points,
              text: (row) => (row.points === null ? NOT_KNOWN : signedPoints(desk, row.points)),
              numeric: true,
            },
            ({ bar }) => placeOfBar(bar),
          ),
          {
            name: "hours",
            label: t("column.hours"),
            value: (row) => row.hours,
            text: (row) => signedHours(values, row.hours),
            numeric: true,
          },
        ]}
        rows={rows}
        keyOf={({ bar }) => bar}
      />
    </section>
  );
}

function labelOf({ t }: Pick<Desk, "t">, bar: string): string {
  const loss = LOSSES.find((known) => known === bar);
  if (loss !== undefined) return t(`loss.${loss}`);
  const mix = MIXES.find((known) => known === bar);
  return mix === undefined ? bar : t(`change.${mix}`);
}

function signedHours(values: Desk["values"], hours: number | null): string {
  if (hours === null) return NOT_KNOWN;
  const text = values.hours(Math.abs(hours) * HOUR_MS);
  return `${Math.abs(hours) < 0.005 ? "" : hours > 0 ? "+" : "−"}${text}`;
}
