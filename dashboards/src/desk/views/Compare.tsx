/** The view that compares machines, lines, areas, sites or products, with the KPIs that show a good number without an improvement (BM-3). */
import type { By } from "@oee/model";
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { Choice } from "../Choice.tsx";
import type { Element } from "../data/rows.ts";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { measureColumns, nameOf, scopeColumn } from "../element-columns.ts";
import { axisOf, isWeak, labelOf, MEASURE_NAMES, type MeasureName, MEASURES, textOf } from "../measures.ts";
import { follow } from "../Shell.tsx";
import { DataTable } from "../table/DataTable.tsx";

const LEVELS = ["machine", "line", "area", "site"] as const satisfies readonly By[];
type Level = (typeof LEVELS)[number];
const BARS_MAX = 30;
const BESIDE: readonly MeasureName[] = ["coverage", "loading", "teep", "minorStopCount"];

export function Compare(): ReactElement {
  const { t, scope, spans, address, go } = useDesk();
  // The levels at or below that of the scope.
  const levels: readonly Level[] =
    scope.kind === "enterprise" ? LEVELS : LEVELS.slice(0, LEVELS.indexOf(scope.kind) + 1);
  const by = levels.find((level) => level === address.options["by"]) ?? "machine";
  const measure = MEASURE_NAMES.find((name) => name === address.options["measure"]) ?? "oee";
  const asked = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by, ...spans.span }));
  return (
    <>
      <div className="choices">
        <Choice
          label={t("compare.what")}
          value={by}
          options={levels.map((level) => [level, t(`scope.${level}`)])}
          onChange={(next) => go({ options: { by: next } })}
        />
        <Choice
          label={t("compare.measure")}
          value={measure}
          options={MEASURE_NAMES.map((name) => [name, t(labelOf(name))])}
          onChange={(next) => go({ options: { measure: next } })}
        />
      </div>
      <Answered asked={asked}>{({ rows }) => <Ranked measure={measure} rows={rows} />}</Answered>
    </>
  );
}

/** Rows with the best first, or the greatest where the measure has no better; unknown values are last. */
function ranked(rows: readonly Element[], name: MeasureName): readonly Element[] {
  const { of, better } = MEASURES[name];
  const sign = better === -1 ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
}

function Ranked(props: { readonly measure: MeasureName; readonly rows: readonly Element[] }): ReactElement {
  const { measure } = props;
  const desk = useDesk();
  const { t } = desk;
  const rows = useMemo(() => ranked(props.rows, measure), [props.rows, measure]);
  const shown = useMemo(() => rows.slice(0, BARS_MAX), [rows]);
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "down",
      series: [
        {
          name: t(labelOf(measure)),
          colour: MEASURES[measure].better === -1 ? "stop-mark" : "running-mark",
          bars: shown.map((element) => ({
            label: nameOf(desk, element.scope),
            value: MEASURES[measure].of(element),
            weak: isWeak(element),
          })),
        },
      ],
      text: (value) => textOf(MEASURES[measure], value, desk),
      ...axisOf(MEASURES[measure], desk),
    }),
    [shown, measure, desk, t],
  );
  const [best] = rows;
  return (
    <section>
      <Chart
        name="compare"
        title={t(labelOf(measure))}
        sentence={
          best === undefined
            ? t("desk.nothing")
            : t("compare.sentence", {
                count: rows.length,
                measure: t(labelOf(measure)),
                name: nameOf(desk, best.scope),
                value: textOf(MEASURES[measure], MEASURES[measure].of(best), desk),
              })
        }
        spec={spec}
        onChoose={(index) => {
          const row = shown[index];
          if (row !== undefined) desk.go({ view: "overview", scope: row.scope });
        }}
      />
      <DataTable
        name="compare"
        caption={t("compare.caption")}
        columns={[
          {
            ...scopeColumn(desk),
            shown: ({ scope }) => (
              <a
                href={desk.href({ view: "overview", scope })}
                onClick={(event) => follow(event, () => desk.go({ view: "overview", scope }))}
              >
                {nameOf(desk, scope)}
              </a>
            ),
          },
          ...measureColumns(desk, [measure, ...BESIDE.filter((name) => name !== measure)]),
        ]}
        rows={rows}
        keyOf={({ scope }) => scope}
        weak={isWeak}
      />
    </section>
  );
}
