/** By how much the figures of a baseline would be others now, by KPI and component, and what came since it was frozen (BL-5). */
import { OEE_RATIOS } from "@oee/model/kpis";
import type { BaselineAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { type Desk, useDesk } from "../desk-context.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { signedText } from "../signed-points.ts";
import { DataTable } from "../table/DataTable.tsx";
import { HOUR_MS, NOT_KNOWN } from "../values.ts";

const COMPONENTS = [
  "runTime",
  "minorStopTime",
  "setupTime",
  "plannedStopTime",
  "notPlannedTime",
  "unknownTime",
  "failureTime",
  "idealTime",
  "idealGoodTime",
  "startupLossTime",
  "failureCount",
  "repairCount",
  "repairTime",
] as const;

interface Row {
  readonly figure: string;
  readonly label: string;
  readonly by: number;
  readonly text: string;
}

/** `folded`: the table opens on a click. */
export function BaselineDrift(props: {
  readonly baseline: BaselineAnswer;
  readonly folded?: boolean;
}): ReactElement | null {
  const { baseline, folded = false } = props;
  const { id, drift, driftComponents, since } = baseline;
  const desk = useDesk();
  const { t } = desk;
  const rows: readonly Row[] = [
    // The KPIs of the table above; what they are made of comes after.
    ...OEE_RATIOS.flatMap((figure) => {
      const by = drift[figure];
      if (by === undefined) return [];
      return [
        { figure, by, label: namedMeasureLabel(desk, figure), text: namedMeasureText(desk, figure, by, "difference") },
      ];
    }),
    ...Object.entries(driftComponents).map(([figure, by]) => ({
      ...{ figure, by, label: componentLabel(desk, figure), text: componentText(desk, figure, by) },
    })),
  ];
  if (rows.length === 0) return null;
  const table = (
    <DataTable
      name="baseline-drift"
      caption={t("baseline.driftOf", { id })}
      columns={[
        { name: "figure", label: t("column.measure"), value: ({ figure }) => figure, text: ({ label }) => label },
        { name: "by", label: t("column.difference"), value: ({ by }) => by, text: ({ text }) => text, numeric: true },
      ]}
      rows={rows}
      keyOf={({ figure }) => figure}
    />
  );
  return (
    <section data-drift={id}>
      <p className="weak-note" role="note">
        {t("baseline.drifts", { id })}
      </p>
      {since === undefined ? null : <Since since={since} />}
      {folded ? (
        <details>
          <summary>{t("baseline.driftOf", { id })}</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </section>
  );
}

function Since(props: { readonly since: NonNullable<BaselineAnswer["since"]> }): ReactElement {
  const { lateEvents, corrections, correctionsBy, recomputations, recomputationsBy, plant } = props.since;
  const { t } = useDesk();
  const lines = [
    ...(lateEvents === 0 ? [] : [t("present.lateEvents", { count: lateEvents })]),
    ...(corrections === 0 ? [] : [t("present.correctionsBy", { count: corrections, list: peopleOf(correctionsBy) })]),
    ...(recomputations === 0
      ? []
      : [t("baseline.recomputationsBy", { count: recomputations, list: peopleOf(recomputationsBy) })]),
    ...(plant.frozen === plant.now ? [] : [t("present.otherPlant", { presented: plant.frozen, now: plant.now })]),
  ];
  return (
    <ul className="lines">
      {(lines.length === 0 ? [t("present.noneCame")] : lines).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function peopleOf(by: Readonly<Record<string, number>>): string {
  return Object.entries(by)
    .map(([person, count]) => `${person === "" ? NOT_KNOWN : person} ${count}`)
    .join(", ");
}

function componentLabel(desk: Desk, name: string): string {
  const known = COMPONENTS.find((component) => component === name);
  return known === undefined ? namedMeasureLabel(desk, name) : desk.t(`component.${known}`);
}

/** Times (ms) in hours, all else as numbers. */
function componentText({ values }: Desk, name: string, by: number): string {
  return name.endsWith("Time")
    ? signedText(by, HOUR_MS / 100, (ms) => `${values.hours(ms)} h`)
    : signedText(by, 0.01, values.count);
}
