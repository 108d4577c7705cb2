/** The view for the morning: figures against the target, day by day, the lines that got worse, and the stops without a reason. */
import { OEE_RATIOS } from "@oee/model/kpis";
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import type { MissingRow } from "../../shared/api/rows.ts";
import { Answered, Problem } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import type { Element } from "../data/rows.ts";
import type { BaselineAnswer } from "@oee/protocol";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantAt, instantColumn, measureColumns, nameOf, scopeColumn } from "../element-columns.ts";
import { BaselineDrift } from "../entry/BaselineDrift.tsx";
import { Figure } from "../Figure.tsx";
import { isWeak, type MeasureName } from "../measures.ts";
import { PolicyNote } from "../PolicyNote.tsx";
import { follow } from "../Shell.tsx";
import { signedPoints } from "../signed-points.ts";
import { figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

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
const NO_ROWS: readonly Element[] = [];
const CHILD_OF = { enterprise: "site", site: "area", area: "line", line: "machine", machine: "machine" } as const;

export function Overview(): ReactElement {
  const { scope, spans, format } = useDesk();
  const own = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...spans.span }));
  const days = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, every: "day", from: "now-28d" }));
  const part = CHILD_OF[scope.kind];
  const parts = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: part, ...spans.span }));
  const before = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...spans.before }));
  const partsBefore = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: part, ...spans.before }));
  const begin = own.table === null ? null : format.isoDate(own.table.from, scope.timezone);
  const baselines = useTable<BaselineAnswer>(
    begin === null ? null : apiUrl("/baselines", { scope: scope.path, date: begin }),
  );
  const baseline = baselines.asking ? undefined : baselines.table?.rows[0];
  const missing = useTable<MissingRow>(apiUrl("/reasons/missing", { scope: scope.path, limit: 10 }));
  return (
    <>
      <Answered asked={own}>
        {({ rows: [element] }) =>
          element === undefined ? null : (
            <section className="figures">
              {FIGURES.map((name) => (
                <Figure
                  key={name}
                  name={name}
                  element={element}
                  before={before.asking ? null : known(before.table?.rows[0])}
                  // A cost is a sum, and the baseline's is that of its own, longer period.
                  baseline={name === "downtimeCost" ? null : (baseline?.kpis[name] ?? null)}
                  {...targetOf(scope.targets, name)}
                />
              ))}
            </section>
          )
        }
      </Answered>
      <PolicyNote parts={baseline?.policy} />
      {baseline === undefined ? null : <BaselineDrift baseline={baseline} folded={true} />}
      <Problem of={before} />
      <Problem of={baselines} />
      <Answered asked={days}>{({ rows }) => <DaysChart rows={rows} />}</Answered>
      {scope.kind === "machine" ? null : (
        <Answered asked={parts} beside={[partsBefore]}>
          {({ rows }) => <Parts rows={rows} before={partsBefore.table?.rows ?? NO_ROWS} />}
        </Answered>
      )}
      {scope.kind === "enterprise" || scope.kind === "site" ? <Worse /> : null}
      <Answered asked={missing}>
        {({ rows, headers }) => <Missing rows={rows} total={Number(headers.get("oee-total") ?? rows.length)} />}
      </Answered>
      <Answered asked={days}>{({ rows }) => <DaysTable rows={rows} />}</Answered>
    </>
  );
}

/** The element, or `null` where nothing is known of its time, so that its sums are not shown as 0. */
function known(element: Element | undefined): Element | null {
  return element === undefined || (element.kpis.coverage ?? 0) === 0 ? null : element;
}

function targetOf(targets: Readonly<Record<string, number>>, name: string): { readonly target?: number } {
  const target = targets[name];
  return target === undefined ? {} : { target };
}

/** A chart of OEE by day, in which a day is a link to the overview of that day. */
function DaysChart(props: { readonly rows: readonly Element[] }): ReactElement {
  const { rows } = props;
  const desk = useDesk();
  const { t, scope, values, format, go } = desk;
  const chosen = chosenDay(desk, rows);
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
            marked: element.from === chosen,
          })),
        },
      ],
      text: values.ratio,
      axis: format.percentShort,
      ...(target === undefined ? {} : { line: { value: target, name: t("desk.target") } }),
    }),
    [rows, chosen, t, format, scope, values, target],
  );
  const open = (index: number): void => {
    const day = rows[index];
    if (day !== undefined) go({ options: { period: null, from: day.from, to: day.to } });
  };
  const count = rows.filter(({ kpis }) => kpis.oee !== null).length;
  return (
    <section>
      <Chart
        name="days"
        title={t("overview.days")}
        sentence={t("overview.daysSentence", { known: count, count: rows.length })}
        spec={spec}
        onChoose={open}
      />
    </section>
  );
}

/** Where the day that the page speaks of begins; `null`: it speaks of none of them. */
function chosenDay({ spans: { span } }: Desk, rows: readonly Element[]): string | null {
  const isSame = (one: string, other: string): boolean => one === other || Date.parse(one) === Date.parse(other);
  return rows.find(({ from, to }) => isSame(from, span.from) && isSame(to, span.to))?.from ?? null;
}

function DaysTable(props: { readonly rows: readonly Element[] }): ReactElement {
  const { rows } = props;
  const desk = useDesk();
  const { t } = desk;
  const chosen = chosenDay(desk, rows);
  return (
    <section>
      <DataTable
        name="days"
        caption={t("overview.days")}
        columns={[
          {
            ...instantColumn<Element>(desk, "from", ({ from }) => from),
            shown: (day) => <DayLink day={day} desk={desk} />,
          },
          ...measureColumns(desk, [...OEE_RATIOS, "unplannedStopTime", "coverage"]),
        ]}
        rows={rows}
        keyOf={({ from }) => from}
        weak={isWeak}
        chosen={({ from }) => from === chosen}
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

function Parts(props: { readonly rows: readonly Element[]; readonly before: readonly Element[] }): ReactElement {
  const desk = useDesk();
  const { t, values } = desk;
  const oeeBefore = useMemo(
    () => new Map(props.before.map((element) => [element.scope, known(element)?.kpis.oee ?? null])),
    [props.before],
  );
  const before = ({ scope }: Element): number | null => oeeBefore.get(scope) ?? null;
  const change = (row: Element): number | null => {
    const was = before(row);
    return row.kpis.oee === null || was === null ? null : row.kpis.oee - was;
  };
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
          ...measureColumns(desk, ["oee"]),
          figureColumn("oeeBefore", t("column.oeeBefore"), before, values.ratio),
          {
            name: "oeeChange",
            label: t("column.oeeChange"),
            value: change,
            text: (row) => {
              const points = change(row);
              return points === null ? NOT_KNOWN : signedPoints(desk, points);
            },
            numeric: true,
          },
          ...measureColumns(desk, [
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

const WORSE_MAX = 8;

/** The lines below the scope, at any depth, whose OEE fell most against the period before. */
function Worse(): ReactElement {
  const desk = useDesk();
  const { t, scope, spans, values } = desk;
  const now = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: "line", ...spans.span }));
  const before = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: "line", ...spans.before }));
  const was = useMemo(
    () => new Map(before.table?.rows.map((element) => [element.scope, known(element)?.kpis.oee ?? null])),
    [before.table],
  );
  const fell = ({ scope: line, kpis }: Element): number | null => {
    const oee = was.get(line) ?? null;
    return kpis.oee === null || oee === null || kpis.oee >= oee ? null : kpis.oee - oee;
  };
  return (
    <Answered asked={now} beside={[before]}>
      {({ rows: all }) => {
        const rows = all
          .filter((row) => fell(row) !== null)
          .sort((a, b) => (fell(a) ?? 0) - (fell(b) ?? 0))
          .slice(0, WORSE_MAX);
        return (
          <DataTable<Element>
            name="worse"
            caption={t("overview.worse")}
            columns={[
              {
                ...scopeColumn(desk),
                shown: ({ scope: line }) => {
                  const to = { view: "losses", scope: line } as const;
                  return (
                    <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
                      {nameOf(desk, line)}
                    </a>
                  );
                },
              },
              ...measureColumns(desk, ["oee"]),
              figureColumn("oeeBefore", t("column.oeeBefore"), (row) => was.get(row.scope) ?? null, values.ratio),
              {
                name: "oeeChange",
                label: t("column.oeeChange"),
                value: fell,
                text: (row) => {
                  const points = fell(row);
                  return points === null ? NOT_KNOWN : signedPoints(desk, points);
                },
                numeric: true,
              },
              ...measureColumns(desk, ["unplannedStopTime", "stopCount", "downtimeCost", "coverage"]),
            ]}
            rows={rows}
            keyOf={({ scope: line }) => line}
            weak={isWeak}
          />
        );
      }}
    </Answered>
  );
}

function Missing(props: { readonly rows: readonly MissingRow[]; readonly total: number }): ReactElement {
  const { rows, total } = props;
  const desk = useDesk();
  const { t, values, reasons, scope } = desk;
  const to = { view: "stops", options: { needs: "reason", period: "7d", from: null, to: null } } as const;
  return (
    <section>
      <DataTable<MissingRow>
        name="missing"
        caption={t("overview.missing", { count: total })}
        columns={[
          {
            name: "machine",
            label: t("scope.machine"),
            value: ({ machine }) => machine,
            text: ({ machine }) => nameOf(desk, machine),
            shown: ({ machine }) => (
              <a
                href={desk.href({ ...to, scope: machine })}
                onClick={(event) => follow(event, () => desk.go({ ...to, scope: machine }))}
              >
                {nameOf(desk, machine)}
              </a>
            ),
          },
          {
            ...instantColumn<MissingRow>(desk, "from", ({ from }) => from),
            text: ({ from, machine }) => instantAt(desk, from, machine),
          },
          figureColumn("scheduledDuration", t("column.length"), (row) => row.scheduledDuration, values.duration),
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
