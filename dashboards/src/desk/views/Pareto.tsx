/** The Pareto of unplanned stops by reason, state, machine, shift or product, the greatest first; a bar is a link to its stops. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import type { ParetoRow } from "../../shared/api/rows.ts";
import type { TextKey } from "../../shared/texts/texts.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { type Coverage, useCoverage } from "../data/use-coverage.ts";
import { useTable } from "../data/use-table.ts";
import { CoverageNote } from "../CoverageNote.tsx";
import { HOUR_MS } from "../values.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { Choice } from "../Choice.tsx";
import { follow } from "../Shell.tsx";
import { figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { hoursStep } from "../time-step.ts";

const KEYS = ["reason", "state", "machine", "shift", "product"] as const;
type Key = (typeof KEYS)[number];
/** How many parts of a reason's path make a bar. */
const DEPTHS = ["1", "2", "3", "all"] as const;
/**
 * Whose stops are shown: at first those of the machines that stand for the scope (EQ-3), whose unplanned stops the figures are
 * made of; or those of all machines, also of those that only waited for these.
 */
const MACHINES = ["kpi", "all"] as const;
/** Most bars of the chart; the table has all of them. */
const BARS_MAX = 15;

export function Pareto(): ReactElement {
  const desk = useDesk();
  const { t, scope, spans, address, go } = desk;
  const by = KEYS.find((key) => key === address.options["by"]) ?? "reason";
  const depth = by === "reason" ? (DEPTHS.find((each) => each === address.options["depth"]) ?? "all") : "all";
  const machines =
    scope.kind === "machine" ? "all" : (MACHINES.find((each) => each === address.options["machines"]) ?? "kpi");
  const ask = (span: typeof spans.span): string =>
    apiUrl("/pareto", {
      scope: scope.path,
      by,
      depth: depth === "all" ? null : depth,
      machines: machines === "all" ? null : machines,
      ...span,
    });
  const now = useTable<ParetoRow>(ask(spans.span));
  const before = useTable<ParetoRow>(ask(spans.before));
  const coverage = useCoverage(spans.span);
  const coverageBefore = useCoverage(spans.before);
  return (
    <>
      <div className="choices">
        <Choice
          label={t("pareto.by")}
          value={by}
          options={KEYS.map((key) => [key, t(`by.${key}`)])}
          onChange={(next) => go({ options: { by: next } })}
        />
        {by !== "reason" ? null : (
          <Choice
            label={t("pareto.depth")}
            value={depth}
            options={DEPTHS.map((each) => [each, each === "all" ? t("kind.all") : each])}
            onChange={(next) => go({ options: { depth: next === "all" ? null : next } })}
          />
        )}
        {scope.kind === "machine" ? null : (
          <Choice
            label={t("pareto.machines")}
            value={machines}
            options={MACHINES.map((each) => [each, t(`pareto.machines.${each}`)])}
            onChange={(next) => go({ options: { machines: next === "kpi" ? null : next } })}
          />
        )}
      </div>
      <Answered asked={now} beside={[before, coverage.asked, coverageBefore.asked]}>
        {({ rows }) => (
          <Bars
            by={by}
            machines={machines}
            rows={rows}
            before={coverageBefore.nothing ? null : (before.table?.rows ?? null)}
            coverage={coverage}
          />
        )}
      </Answered>
    </>
  );
}

function labelOf(desk: Desk, by: Key, { key, name }: ParetoRow): string {
  if (key === null) return desk.t(by === "reason" ? "desk.noReason" : "desk.none");
  if (by === "machine") return nameOf(desk, key);
  return by === "state" ? desk.t(`state.${key}` as TextKey) : (name ?? key);
}

function Bars(props: {
  readonly by: Key;
  readonly machines: (typeof MACHINES)[number];
  readonly rows: readonly ParetoRow[];
  /** The rows of the period before; `null`: nothing is known of it. */
  readonly before: readonly ParetoRow[] | null;
  readonly coverage: Coverage;
}): ReactElement {
  const { by, machines, rows, before, coverage } = props;
  const desk = useDesk();
  const { t, values, plant, go, href } = desk;
  const timeBefore = useMemo(() => new Map(before?.map(({ key, time }) => [key, time])), [before]);
  const shown = useMemo(() => rows.filter(({ time }) => time > 0).slice(0, BARS_MAX), [rows]);
  const spec = useMemo<BarsSpec>(() => {
    const series = (
      name: string,
      colour: string,
      timeOf: (row: ParetoRow) => number | null,
    ): BarsSpec["series"][number] => ({
      name,
      colour,
      bars: shown.map((row) => {
        const time = timeOf(row);
        return { label: labelOf(desk, by, row), value: time === null ? null : time / HOUR_MS, weak: coverage.weak };
      }),
    });
    const own = series(t("desk.thisPeriod"), "stop-mark", ({ time }) => time);
    return {
      kind: "bars",
      direction: "down",
      series:
        before === null
          ? [own]
          : [own, series(t("desk.periodBefore"), "notPlanned-mark", ({ key }) => timeBefore.get(key) ?? 0)],
      text: (hours) => t("desk.hours", { value: values.hours(hours === null ? null : hours * HOUR_MS) }),
      axis: (hours) => t("desk.hours", { value: values.count(hours) }),
      step: hoursStep,
    };
  }, [shown, before, timeBefore, coverage.weak, by, desk, t, values]);
  const stopsOf = ({ key }: ParetoRow): Parameters<typeof go>[0] => {
    if (by === "machine" && key !== null) return { view: "stops", scope: key };
    const named = by === "shift" || by === "product" ? { text: key } : { [by]: key ?? "none" };
    return { view: "stops", options: { kind: "major", machines: machines === "all" ? null : machines, ...named } };
  };
  const greatest = rows[0];
  return (
    <section>
      <CoverageNote coverage={coverage} />
      {shown.length === 0 ? null : (
        <Chart
          name="pareto"
          title={t("pareto.title")}
          sentence={
            greatest === undefined
              ? t("desk.nothing")
              : t("pareto.sentence", {
                  count: rows.length,
                  name: labelOf(desk, by, greatest),
                  hours: values.hours(greatest.time),
                })
          }
          spec={spec}
          onChoose={(index) => {
            const row = shown[index];
            if (row !== undefined) go(stopsOf(row));
          }}
        />
      )}
      <DataTable<ParetoRow>
        name="pareto"
        caption={t("pareto.title")}
        columns={[
          {
            name: "key",
            label: t(`by.${by}`),
            value: ({ key }) => key,
            text: (row) => labelOf(desk, by, row),
            shown: (row) => (
              <a href={href(stopsOf(row))} onClick={(event) => follow(event, () => go(stopsOf(row)))}>
                {labelOf(desk, by, row)}
              </a>
            ),
          },
          figureColumn("time", t("column.hours"), ({ time }) => time, values.hours),
          figureColumn(
            "timeBefore",
            t("column.hoursBefore"),
            ({ key }) => (before === null ? null : (timeBefore.get(key) ?? 0)),
            values.hours,
          ),
          figureColumn("count", t("column.count"), ({ count }) => count, values.count),
          figureColumn("share", t("column.share"), (row) => row.share, values.ratio),
          figureColumn("cumulative", t("column.cumulative"), (row) => row.cumulative, values.ratio),
          figureColumn(
            "cost",
            t("column.cost"),
            ({ cost }) => cost,
            (value) => values.money(value, plant.description.currency),
          ),
          figureColumn("minorTime", t("column.minorHours"), (row) => row.minorTime, values.hours),
          figureColumn("minorCount", t("column.minorCount"), (row) => row.minorCount, values.count),
        ]}
        rows={rows}
        keyOf={({ key }) => key ?? ""}
      />
    </section>
  );
}
