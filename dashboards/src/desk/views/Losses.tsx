/** The view of losses: the eight losses of KP-1 from planned time to good production, beside the period before. */
import { type ReactElement, useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Chart } from "../chart/Chart.tsx";
import type { WaterfallSpec } from "../chart/spec.ts";
import { type Element, LOSSES, type LossesElement } from "../data/rows.ts";
import { type Coverage, useCoverage } from "../data/use-coverage.ts";
import { useTable } from "../data/use-table.ts";
import { CoverageNote } from "../CoverageNote.tsx";
import { Figure } from "../Figure.tsx";
import { HOUR_MS, NOT_KNOWN } from "../values.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { stopsOfLoss } from "../made-of.ts";
import { MadeOf } from "../MadeOf.tsx";
import { figureColumn } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { hoursStep } from "../time-step.ts";

const STEPS = ["planned", ...LOSSES, "idealGoodTime"] as const;
type Step = (typeof STEPS)[number];

/** The figures of the cost of unplanned stops; other losses have no price (CS-1). */
const MONEY = ["oee", "unplannedStopTime", "downtimeCost"] as const;

interface LossRow {
  readonly step: Step;
  readonly now: number;
  /** The loss of the period before (ms); `null`: nothing is known of it. */
  readonly before: number | null;
  /** The cost of the loss; `null`: it has no price (CS-1). */
  readonly cost: string | null;
}

/** A loss as a share of planned time, in which 0.01 is a point of OEE; `null`: not known. */
function pointsOf(time: number | null, planned: number): number | null {
  return time === null || planned === 0 ? null : time / planned;
}

function pointsText({ format }: Pick<Desk, "format">, points: number | null): string {
  return points === null ? NOT_KNOWN : format.points(points);
}

export function Losses(): ReactElement {
  const desk = useDesk();
  const { t, scope, spans } = desk;
  const ask = (span: typeof spans.span): string => apiUrl("/losses", { scope: scope.path, by: scope.kind, ...span });
  const now = useTable<LossesElement>(ask(spans.span));
  const before = useTable<LossesElement>(ask(spans.before));
  const coverage = useCoverage(spans.span);
  const coverageBefore = useCoverage(spans.before);
  return (
    <Answered asked={now} beside={[before, coverage.asked, coverageBefore.asked]}>
      {({ rows: [element] }) =>
        element === undefined ? null : element.losses === null ? (
          <p>{t("losses.unrated")}</p>
        ) : (
          <Shown
            losses={element.losses}
            costs={element.lossCosts}
            before={coverageBefore.nothing ? null : (before.table?.rows[0]?.losses ?? null)}
            coverage={coverage}
            elementBefore={coverageBefore.nothing ? null : coverageBefore.element}
          />
        )
      }
    </Answered>
  );
}

function Shown(props: {
  readonly losses: NonNullable<LossesElement["losses"]>;
  readonly costs: LossesElement["lossCosts"];
  /** The losses of the period before; `null`: nothing is known of it. */
  readonly before: LossesElement["losses"];
  readonly coverage: Coverage;
  readonly elementBefore: Element | null;
}): ReactElement {
  const { losses, costs, before, coverage, elementBefore } = props;
  const desk = useDesk();
  const { t, values, go, plant } = desk;
  // Not every loss has a price (CS-1).
  const priced: Readonly<Partial<Record<Step, string>>> = costs ?? {};
  const rows = STEPS.map(
    (step): LossRow => ({
      step,
      now: losses[step],
      before: before?.[step] ?? null,
      cost: priced[step] ?? null,
    }),
  );
  const spec = useMemo<WaterfallSpec>(
    () => ({
      kind: "waterfall",
      weak: coverage.weak,
      steps: STEPS.map((step) => ({
        label: t(`loss.${step}`),
        value: losses[step] / HOUR_MS,
        total: step === "planned" || step === "idealGoodTime",
      })),
      text: (hours) => t("desk.hours", { value: values.hours(hours === null ? null : hours * HOUR_MS) }),
      axis: (hours) => t("desk.hours", { value: values.count(hours) }),
      step: hoursStep,
    }),
    [losses, coverage.weak, t, values],
  );
  return (
    <section>
      <CoverageNote coverage={coverage} />
      {coverage.element === null ? null : (
        <div className="figures figures-few">
          {MONEY.map((name) => (
            <Figure key={name} name={name} element={coverage.element as Element} before={elementBefore} />
          ))}
        </div>
      )}
      {coverage.nothing ? null : (
        <Chart
          name="losses"
          title={t("losses.title")}
          sentence={t("losses.sentence", {
            planned: values.hours(losses.planned),
            good: values.hours(losses.idealGoodTime),
          })}
          spec={spec}
          onChoose={(index) => {
            const to = stopsOfLoss(STEPS[index] ?? "planned");
            if (to !== null) go(to);
          }}
        />
      )}
      <DataTable<LossRow>
        name="losses"
        caption={t("losses.caption")}
        columns={[
          {
            name: "loss",
            label: t("column.loss"),
            value: ({ step }) => step,
            text: ({ step }) => t(`loss.${step}`),
            shown: ({ step }) => <MadeOf place={stopsOfLoss(step)}>{t(`loss.${step}`)}</MadeOf>,
          },
          figureColumn("time", t("column.hours"), (row) => row.now, values.hours),
          {
            name: "points",
            label: t("column.pointsOfPlanned"),
            value: (row) => pointsOf(row.now, losses.planned),
            text: (row) => pointsText(desk, pointsOf(row.now, losses.planned)),
            numeric: true,
          },
          figureColumn(
            "cost",
            t("column.cost"),
            ({ cost }) => cost,
            (cost) => values.money(cost, plant.description.currency),
          ),
          figureColumn("timeBefore", t("column.hoursBefore"), (row) => row.before, values.hours),
          {
            name: "pointsBefore",
            label: t("column.pointsBefore"),
            value: (row) => pointsOf(row.before, before?.planned ?? 0),
            text: (row) => pointsText(desk, pointsOf(row.before, before?.planned ?? 0)),
            numeric: true,
          },
        ]}
        rows={rows}
        keyOf={({ step }) => step}
      />
    </section>
  );
}
