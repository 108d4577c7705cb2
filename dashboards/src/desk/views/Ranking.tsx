/** The ranking of machines or lines of one class (BM), with the KPIs that show a good number without an improvement. */
import { isInScope } from "@oee/model/paths";
import type { BenchmarkAnswer } from "@oee/protocol";
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { BarsSpec } from "../chart/spec.ts";
import { Choice } from "../Choice.tsx";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { cyclesText } from "../ideal-cycles.ts";
import { namedMeasureAxis, namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { PeriodOf, periodOfIn, usePinnedPeriod } from "../PeriodOf.tsx";
import { policyText } from "../policy-parts.ts";
import { follow } from "../Shell.tsx";
import { type Column, figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";
import { wordOf } from "../words.ts";

type RankedRow = BenchmarkAnswer["rows"][number];
type Beside = RankedRow["beside"];

const MEASURES = [
  "oee",
  "availability",
  "performance",
  "quality",
  "unplannedDowntimeShare",
  "downtimeFrequency",
  "mttr",
  "mtbf",
  "scrapRatio",
] as const;

export function Ranking(): ReactElement {
  const desk = useDesk();
  const { t, scope, plant, address, go } = desk;
  const classes = useMemo(() => {
    const found = plant.description.scopes
      .filter((each) => isInScope(each.path, scope.path))
      .flatMap((each) => each.class ?? []);
    return [...new Set(found)].sort();
  }, [plant, scope]);
  const of = classes.find((name) => name === address.options["class"]) ?? classes[0];
  const measure = MEASURES.find((name) => name === address.options["measure"]) ?? "oee";
  const period = periodOfIn(address.options);
  const asked = useTable<BenchmarkAnswer>(
    of === undefined ? null : apiUrl("/benchmark", { class: of, measure, scope: scope.path, period }),
  );
  usePinnedPeriod(asked.asking ? undefined : asked.table?.headers);
  if (of === undefined) {
    return (
      <section>
        <p>{t("ranking.noClass")}</p>
      </section>
    );
  }
  return (
    <>
      <div className="choices">
        <Choice
          label={t("ranking.class")}
          value={of}
          options={classes.map((name) => [name, name])}
          onChange={(next) => go({ options: { class: next } })}
        />
        <Choice
          label={t("compare.measure")}
          value={measure}
          options={MEASURES.map((name) => [name, namedMeasureLabel(desk, name)])}
          onChange={(next) => go({ options: { measure: next } })}
        />
        <PeriodOf />
      </div>
      <Answered asked={asked}>
        {({ rows: [answer] }) => (answer === undefined ? null : <Ranked answer={answer} />)}
      </Answered>
    </>
  );
}

/** World-class values of secondary sources (BM-2): drawn as a line in the chart, never used for a verdict. */
const WORLD_CLASS: Readonly<Record<string, number>> = {
  oee: 0.85,
  availability: 0.9,
  performance: 0.95,
  quality: 0.99,
};

function Ranked(props: { readonly answer: BenchmarkAnswer }): ReactElement {
  const { answer } = props;
  const desk = useDesk();
  const { t, values, format } = desk;
  const { measure, rows } = answer;
  const line = WORLD_CLASS[measure];
  const spec = useMemo<BarsSpec>(
    () => ({
      kind: "bars",
      direction: "down",
      series: [
        {
          name: namedMeasureLabel(desk, measure),
          colour: "running-mark",
          bars: rows.map(({ scope, value }) => ({ label: nameOf(desk, scope), value })),
        },
      ],
      ...(line === undefined ? {} : { line: { value: line, name: t("ranking.worldClass") } }),
      text: (value) => namedMeasureText(desk, measure, value),
      ...namedMeasureAxis(desk, measure),
    }),
    [rows, measure, line, desk, t],
  );
  const [q1, median, q3] = answer.quartiles;
  const best = rows[0];
  return (
    <section className="chapter">
      {best === undefined ? null : (
        <Chart
          name="ranking"
          title={namedMeasureLabel(desk, measure)}
          sentence={t("compare.sentence", {
            count: rows.length,
            measure: namedMeasureLabel(desk, measure),
            name: nameOf(desk, best.scope),
            value: namedMeasureText(desk, measure, best.value),
          })}
          spec={spec}
        />
      )}
      <DataTable<RankedRow>
        name="ranking"
        caption={t("ranking.title", { class: answer.class })}
        columns={[
          figureColumn("rank", t("ranking.rank"), ({ rank }) => rank, format.whole),
          rankedScope(desk),
          {
            name: "value",
            label: namedMeasureLabel(desk, measure),
            value: ({ value }) => value,
            text: ({ value }) => namedMeasureText(desk, measure, value),
          },
          {
            name: "position",
            label: t("ranking.position"),
            value: ({ position }) => position,
            text: ({ position }) => (position === null ? NOT_KNOWN : format.percentWhole(position)),
            numeric: true,
          },
          {
            name: "gap",
            label: t("ranking.gap"),
            value: ({ gap }) => gap,
            text: ({ gap }) => namedMeasureText(desk, measure, gap, "size"),
          },
          {
            name: "gapHours",
            label: t("ranking.gapHours"),
            value: ({ gapHours }) => gapHours,
            text: ({ gapHours }) => (gapHours === null ? NOT_KNOWN : values.hours(gapHours * 3_600_000)),
            numeric: true,
          },
        ]}
        rows={rows}
        keyOf={({ scope }) => scope}
      />
      <BesideRanks rows={rows} />
      {q1 === undefined || median === undefined || q3 === undefined ? null : (
        <p className="muted">
          {t("ranking.quartiles", {
            q1: namedMeasureText(desk, measure, q1),
            median: namedMeasureText(desk, measure, median),
            q3: namedMeasureText(desk, measure, q3),
          })}
        </p>
      )}
      {line === undefined ? null : <p className="muted">{t("ranking.worldClassWhy")}</p>}
      {answer.notRanked.length === 0 ? null : (
        <DataTable
          name="notRanked"
          caption={t("ranking.notRanked")}
          columns={[
            {
              name: "scope",
              label: t("column.scope"),
              value: ({ scope }) => scope,
              text: ({ scope }) => nameOf(desk, scope),
              shown: ({ scope }) => <ScopeLink desk={desk} path={scope} />,
            },
            { name: "why", label: t("ranking.why"), value: ({ why }) => why, text: ({ why }) => wordOf(desk, why) },
          ]}
          rows={answer.notRanked}
          keyOf={({ scope }) => scope}
        />
      )}
    </section>
  );
}

function rankedScope(desk: Desk): Column<RankedRow> {
  return {
    name: "scope",
    label: desk.t("column.scope"),
    value: ({ scope }) => scope,
    text: ({ scope }) => nameOf(desk, scope),
    shown: ({ scope }) => <ScopeLink desk={desk} path={scope} />,
  };
}

/** What makes a number good without making anything better (BM-3), for each rank. */
function BesideRanks(props: { readonly rows: BenchmarkAnswer["rows"] }): ReactElement {
  const desk = useDesk();
  const { t, values, format } = desk;
  const ratio = (name: string, label: string, of: (beside: Beside) => number | null): Column<RankedRow> =>
    figureColumn(name, label, ({ beside }) => of(beside), values.ratio);
  return (
    <DataTable<RankedRow>
      name="besideRanks"
      caption={t("ranking.beside")}
      columns={[
        figureColumn("rank", t("ranking.rank"), ({ rank }) => rank, format.whole),
        rankedScope(desk),
        ratio("coverage", namedMeasureLabel(desk, "coverage"), ({ coverage }) => coverage),
        ratio("loading", namedMeasureLabel(desk, "loading"), ({ loading }) => loading),
        ratio("teep", namedMeasureLabel(desk, "teep"), ({ teep }) => teep),
        ratio("plannedStopShare", t("ranking.plannedStops"), ({ plannedStopShare }) => plannedStopShare),
        {
          name: "minorStopThresholds",
          label: t("ranking.threshold"),
          value: ({ beside }) => beside.minorStopThresholds.join(" "),
          text: ({ beside }) => beside.minorStopThresholds.map((ms) => values.duration(ms)).join(", "),
        },
        {
          name: "idealCycleChanges",
          label: t("ranking.cycles"),
          value: ({ beside }) => beside.idealCycleChanges.map(({ machine, product }) => machine ?? product).join(" "),
          text: ({ beside }) => beside.idealCycleChanges.map((change) => cyclesText(desk, change)).join("; "),
        },
        figureColumn("performanceAbove1", t("ranking.above1"), ({ beside }) => beside.performanceAbove1, format.whole),
        ratio("correctedShare", t("ranking.corrected"), ({ correctedShare }) => correctedShare),
        ratio("reasonShare", t("score.reasonShare"), ({ reasonShare }) => reasonShare),
        {
          name: "policy",
          label: t("ranking.policy"),
          value: ({ beside }) => (beside.policy ?? []).join(" "),
          text: ({ beside }) => policyText(desk, beside.policy ?? []),
        },
      ]}
      rows={props.rows}
      keyOf={({ scope }) => scope}
    />
  );
}

function ScopeLink(props: { readonly desk: Desk; readonly path: string }): ReactElement {
  const { desk, path } = props;
  const to = { view: "overview", scope: path } as const;
  return (
    <a href={desk.href(to)} onClick={(event) => follow(event, () => desk.go(to))}>
      {nameOf(desk, path)}
    </a>
  );
}
