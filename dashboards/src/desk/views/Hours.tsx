/** Hour by hour, or shift by shift: made against target, with what was lost; prints on a page as the handover of a shift. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { Choice } from "../Choice.tsx";
import type { Element } from "../data/rows.ts";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantColumn, measureColumns } from "../element-columns.ts";
import { isWeak } from "../measures.ts";
import { type Column, DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

const EVERY = ["hour", "shift", "day", "week"] as const;

export function Hours(): ReactElement {
  const { t, scope, spans, address, go } = useDesk();
  const every = EVERY.find((name) => name === address.options["every"]) ?? "hour";
  const asked = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, every, ...spans.span }));
  return (
    <>
      <Choice
        label={t("hours.every")}
        value={every}
        options={EVERY.map((name) => [name, t(`every.${name}`)])}
        onChange={(next) => go({ options: { every: next } })}
      />
      <Answered asked={asked}>{({ rows }) => <Board every={every} rows={rows} />}</Answered>
    </>
  );
}

function Board(props: { readonly every: (typeof EVERY)[number]; readonly rows: readonly Element[] }): ReactElement {
  const { every, rows } = props;
  const desk = useDesk();
  const { t, values, format, scope } = desk;
  const label = useMemo(
    () =>
      ({ from, shift, shiftDate }: Element): string => {
        if (every === "shift") return `${shift ?? ""} ${shiftDate ?? ""}`;
        const at = Date.parse(from);
        return every === "hour" ? format.timeOfDay(at, scope.timezone) : format.date(at, scope.timezone);
      },
    [every, format, scope],
  );
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "along",
      series: [
        {
          name: t("measure.goodCount"),
          colour: "running-mark",
          bars: rows.map((element) => ({
            label: label(element),
            // Where nothing is known, nothing counted is no 0.
            value: element.kpis.coverage === 0 ? null : element.components.goodCount,
            weak: isWeak(element),
          })),
        },
        {
          name: t("measure.targetCount"),
          colour: "notPlanned-mark",
          bars: rows.map((element) => ({ label: label(element), value: element.kpis.targetCount })),
        },
      ],
      text: values.count,
    }),
    [rows, label, t, values],
  );
  const sums = useMemo(() => cumulativeOf(rows), [rows]);
  const when: readonly Column<Element>[] =
    every === "shift"
      ? [
          { name: "shift", label: t("column.shift"), value: ({ shift }) => shift, text: ({ shift }) => shift ?? "–" },
          {
            name: "shiftDate",
            label: t("column.shiftDate"),
            value: (row) => row.shiftDate,
            text: (row) => row.shiftDate ?? "–",
          },
          { name: "crew", label: t("column.crew"), value: ({ crew }) => crew, text: ({ crew }) => crew ?? "–" },
        ]
      : [];
  return (
    <section>
      <Chart name="hours" title={t("hours.title")} sentence={t("hours.sentence", { count: rows.length })} spec={spec} />
      <DataTable
        name="hours"
        caption={t("hours.title")}
        columns={[
          ...when,
          instantColumn<Element>(desk, "from", ({ from }) => from),
          instantColumn<Element>(desk, "to", ({ to }) => to),
          ...measureColumns(desk, ["targetCount", "goodCount"]),
          balanceColumn(desk, "difference", (row) => differenceOf(row)),
          balanceColumn(desk, "cumulative", (row) => sums.get(row) ?? null),
          ...measureColumns(desk, [
            "scrapCount",
            "reworkCount",
            "oee",
            "unplannedStopTime",
            "stopCount",
            "minorStopCount",
            "coverage",
          ]),
        ]}
        rows={rows}
        keyOf={({ from, shift, shiftDate }) => `${from} ${shift ?? ""} ${shiftDate ?? ""}`}
        weak={isWeak}
      />
    </section>
  );
}

/** Made less target; `null` where either is not known. */
function differenceOf({ kpis, components }: Element): number | null {
  return kpis.targetCount === null || kpis.coverage === 0 ? null : components.goodCount - kpis.targetCount;
}

/** The differences so far; a row without one has none of its own, and the next goes on. */
function cumulativeOf(rows: readonly Element[]): ReadonlyMap<Element, number> {
  const sums = new Map<Element, number>();
  let sum = 0;
  for (const row of rows) {
    const difference = differenceOf(row);
    if (difference !== null) sums.set(row, (sum += difference));
  }
  return sums;
}

function balanceColumn(
  desk: Desk,
  name: "difference" | "cumulative",
  of: (row: Element) => number | null,
): Column<Element> {
  return {
    name,
    label: desk.t(name === "difference" ? "column.difference" : "hours.cumulative"),
    value: of,
    text: (row) => {
      const value = of(row);
      return value === null ? NOT_KNOWN : desk.format.signed(value, 0);
    },
    numeric: true,
  };
}
