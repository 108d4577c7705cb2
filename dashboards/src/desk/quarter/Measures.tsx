import { REVIEW_MEASURES } from "@oee/model/review-names";
import type { ReactElement } from "react";
import type { MeasureAnswer, ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";
import { Definition } from "../Figure.tsx";
import { inOrder } from "../in-order.ts";
import { placeOfNamed, PROGRAMME } from "../made-of.ts";
import { madeOf } from "../MadeOf.tsx";
import { MEASURE_NAMES } from "../measures.ts";
import type { Span } from "../period.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { statusColumn } from "../status-column.tsx";

interface MeasureRow extends MeasureAnswer {
  readonly name: string;
}

type Figures = "baseline" | "expected" | "goal" | "achieved" | "difference" | "previous";

/** What comes of baselines and targets. */
const COMMITTED = ["baseline", "difference", "expected", "goal"] as const satisfies readonly Figures[];

/** The table of measures, each with the period before, the baseline, the target's path and goal. */
export function Measures(props: {
  readonly measures: ReviewAnswer["measures"];
  /** The period before. */
  readonly before: Span;
}): ReactElement {
  const { measures, before } = props;
  const desk = useDesk();
  const { t } = desk;
  const found = Object.entries(measures).map(([name, standing]): MeasureRow => ({ name, ...standing }));
  const rows = inOrder(found, REVIEW_MEASURES, ({ name }) => name);
  const figure = (name: Figures): Column<MeasureRow> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => namedMeasureText(desk, row.name, row[name], name === "difference" ? "difference" : "value"),
    numeric: true,
  });
  return (
    <DataTable
      name="measures"
      caption={t("quarter.measures")}
      columns={[
        {
          name: "measure",
          label: t("column.measure"),
          value: ({ name }) => name,
          text: ({ name }) => namedMeasureLabel(desk, name),
          shown: ({ name }) => <Measured name={name} />,
        },
        madeOf(figure("achieved"), ({ name }) => placeOfNamed(name)),
        madeOf(
          figure("previous"),
          ({ name }) => placeOfNamed(name),
          () => ({ span: before }),
        ),
        ...COMMITTED.map((name) => madeOf(figure(name), () => PROGRAMME)),
        statusColumn<MeasureRow>(desk, "status", ({ status }) => status),
      ]}
      rows={rows}
      keyOf={({ name }) => name}
      weak={({ counts }) => !counts}
    />
  );
}

/** The name of a measure, and what it means, where it is one that has a definition. */
function Measured(props: { readonly name: string }): ReactElement {
  const kpi = MEASURE_NAMES.find((known) => known === props.name);
  const label = namedMeasureLabel(useDesk(), props.name);
  return kpi === undefined ? (
    <>{label}</>
  ) : (
    <>
      {label} <Definition name={kpi} />
    </>
  );
}
