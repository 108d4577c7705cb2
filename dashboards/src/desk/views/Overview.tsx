/** Each morning: how it went against the target, day by day, where it is worst, what waits for a reason. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import type { MissingRow } from "../../shared/api/rows.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import type { Element } from "../data/rows.ts";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantColumn, measureColumns, nameOf, scopeColumn } from "../element-columns.ts";
import { Figure } from "../Figure.tsx";
import { isWeak, type MeasureName } from "../measures.ts";
import { follow } from "../Shell.tsx";
import { DataTable } from "../table/DataTable.tsx";

const FIGURES: readonly MeasureName[] = [
  "oee",
  "availability",
  "performance",
  "quality",
  "coverage",
  "unplannedStopTime",
  "stopCount",
  "mttr",
  "downtimeCost",
  "goodCount",
];
const CHILD_OF = { enterprise: "site", site: "area", area: "line", line: "machine", machine: "machine" } as const;

export function Overview(): ReactElement {
  const { scope, spans } = useDesk();
  const own = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...spans.span }));
  const days = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, every: "day", from: "now-28d" }));
  const parts = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: CHILD_OF[scope.kind], ...spans.span }));
  const missing = useTable<MissingRow>(apiUrl("/reasons/missing", { scope: scope.path, limit: 10 }));
  return (
    <>
      <Answered asked={own}>
        {({ rows: [element] }) =>
          element === undefined ? null : (
            <section className="figures">
              {FIGURES.map((name) => (
                <Figure key={name} name={name} element={element} {...targetOf(scope.targets, name)} />
              ))}
            </section>
          )
        }
      </Answered>
      <Answered asked={days}>{({ rows }) => <Days rows={rows} />}</Answered>
      {scope.kind === "machine" ? null : <Answered asked={parts}>{({ rows }) => <Parts rows={rows} />}</Answered>}
      <Answered asked={missing}>
        {({ rows, headers }) => <Missing rows={rows} total={Number(headers.get("oee-total") ?? rows.length)} />}
      </Answered>
    </>
  );
}

function targetOf(targets: Readonly<Record<string, number>>, name: string): { readonly target?: number } {
  const target = targets[name];
  return target === undefined ? {} : { target };
}

/** A day leads to its own page. */
function Days(props: { readonly rows: readonly Element[] }): ReactElement {
  const { rows } = props;
  const desk = useDesk();
  const { t, scope, values, format, go } = desk;
  const target = scope.targets["oee"];
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "along",
      series: [
        {
          name: t("measure.oee"),
          colour: "running-mark",
          bars: rows.map((element) => ({
            label: format.date(Date.parse(element.from), scope.timezone),
            value: element.kpis.oee,
            weak: isWeak(element),
          })),
        },
      ],
      text: values.ratio,
      ...(target === undefined ? {} : { line: { value: target, name: t("desk.target") } }),
    }),
    [rows, t, format, scope, values, target],
  );
  const open = (index: number): void => {
    const day = rows[index];
    if (day !== undefined) go({ options: { period: null, from: day.from, to: day.to } });
  };
  const known = rows.filter(({ kpis }) => kpis.oee !== null).length;
  return (
    <section>
      <Chart
        name="days"
        title={t("overview.days")}
        sentence={t("overview.daysSentence", { known, count: rows.length })}
        spec={spec}
        onChoose={open}
      />
      <DataTable
        name="days"
        caption={t("overview.days")}
        columns={[
          {
            ...instantColumn<Element>(desk, "from", ({ from }) => from),
            shown: (day) => <DayLink day={day} desk={desk} />,
          },
          ...measureColumns(desk, ["oee", "availability", "performance", "quality", "unplannedStopTime", "coverage"]),
        ]}
        rows={rows}
        keyOf={({ from }) => from}
        weak={isWeak}
      />
    </section>
  );
}

function DayLink(props: { readonly day: Element; readonly desk: Desk }): ReactElement {
  const { day, desk } = props;
  const to = { options: { period: null, from: day.from, to: day.to } };
  return (
    <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
      {desk.format.date(Date.parse(day.from), desk.scope.timezone)}
    </a>
  );
}

function Parts(props: { readonly rows: readonly Element[] }): ReactElement {
  const desk = useDesk();
  const { t } = desk;
  const rows = useMemo(
    () => [...props.rows].sort((a, b) => (a.kpis.oee ?? Infinity) - (b.kpis.oee ?? Infinity)),
    [props.rows],
  );
  return (
    <section>
      <DataTable
        name="parts"
        caption={t("overview.parts")}
        columns={[
          {
            ...scopeColumn(desk),
            shown: ({ scope }) => (
              <a href={desk.href({ scope })} onClick={(event) => follow(event, () => desk.go({ scope }))}>
                {nameOf(desk, scope)}
              </a>
            ),
          },
          ...measureColumns(desk, [
            "oee",
            "availability",
            "performance",
            "quality",
            "unplannedStopTime",
            "stopCount",
            "coverage",
          ]),
        ]}
        rows={rows}
        keyOf={({ scope }) => scope}
        weak={isWeak}
      />
    </section>
  );
}

function Missing(props: { readonly rows: readonly MissingRow[]; readonly total: number }): ReactElement {
  const { rows, total } = props;
  const desk = useDesk();
  const { t, values, reasons, scope } = desk;
  const to = { view: "stops", options: { needs: "reason", period: "7d", from: null, to: null } } as const;
  return (
    <section>
      <DataTable
        name="missing"
        caption={t("overview.missing", { count: total })}
        columns={[
          {
            name: "machine",
            label: t("scope.machine"),
            value: ({ machine }) => machine,
            text: ({ machine }) => nameOf(desk, machine),
          },
          instantColumn<MissingRow>(desk, "from", ({ from }) => from),
          {
            name: "scheduledDuration",
            label: t("column.length"),
            value: (row) => row.scheduledDuration,
            text: (row) => values.duration(row.scheduledDuration),
          },
          {
            name: "reason",
            label: t("column.reason"),
            value: ({ reason }) => reason,
            text: ({ reason }) => (reason === null ? "–" : reasons.nameOf(reason)),
          },
          { name: "owner", label: t("column.owner"), value: ({ owner }) => owner, text: ({ owner }) => owner ?? "–" },
        ]}
        rows={rows}
        keyOf={({ machine, from }) => `${machine} ${from}`}
      />
      <p>
        <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
          {t("overview.allStops")}
        </a>{" "}
        {scope.kind === "line" ? (
          <a href={`/reasons/${scope.path.split("/").map(encodeURIComponent).join("/")}`}>{t("overview.tablet")}</a>
        ) : null}
      </p>
    </section>
  );
}
