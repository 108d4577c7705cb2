/** The frozen figures of baselines whose policy is another now, beside those of their periods under the policy of today (BL-6). */
import { OEE_RATIOS } from "@oee/model/kpis";
import type { BaselineAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";

interface Row {
  readonly kpi: string;
  readonly frozen: number | null;
  readonly today: number | null;
}

/** Asked for only where a baseline is marked, since it is computed from raw events. */
export function BaselinesToday(props: {
  readonly baselines: readonly BaselineAnswer[];
  readonly turn: number;
}): ReactElement | null {
  const { baselines, turn } = props;
  const { scope } = useDesk();
  const isMarked = baselines.some(({ policy }) => policy !== undefined);
  const url = apiUrl("/baselines", { scope: scope.path, policy: "today" });
  const asked = useTable<BaselineAnswer>(isMarked ? url : null, turn);
  if (!isMarked) return null;
  return (
    <Answered asked={asked}>
      {({ rows }) => (
        <>
          {rows.map((baseline) => (
            <Today key={baseline.id} baseline={baseline} />
          ))}
        </>
      )}
    </Answered>
  );
}

function Today(props: { readonly baseline: BaselineAnswer }): ReactElement | null {
  const { id, kpis, today } = props.baseline;
  const desk = useDesk();
  const { t } = desk;
  if (today === undefined) return null;
  if (today.why !== undefined) {
    return (
      <p className="weak-note" role="note" data-today={id}>
        {t(today.why === "events-gone" ? "baseline.eventsGone" : "baseline.tooManyEvents", { id })}
      </p>
    );
  }
  const rows = OEE_RATIOS.map((kpi): Row => ({ kpi, frozen: kpis[kpi] ?? null, today: today.kpis[kpi] ?? null }));
  const figure = (name: "frozen" | "today", label: string): Column<Row> => ({
    name,
    label,
    value: (row) => row[name],
    text: (row) => namedMeasureText(desk, row.kpi, row[name]),
    numeric: true,
  });
  return (
    <section data-today={id}>
      <DataTable
        name="baseline-today"
        caption={t("baseline.todayOf", { id })}
        columns={[
          {
            name: "measure",
            label: t("column.measure"),
            value: ({ kpi }) => kpi,
            text: ({ kpi }) => namedMeasureLabel(desk, kpi),
          },
          figure("frozen", t("baseline.frozen")),
          figure("today", t("baseline.today")),
        ]}
        rows={rows}
        keyOf={({ kpi }) => kpi}
      />
    </section>
  );
}
