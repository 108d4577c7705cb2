/** The scorecard (SC, RV-2): how far figures can be trusted, by machines seen, coverage, and reasons of stops. */
import type { ReactElement } from "react";
import type { ScorecardAnswer } from "@oee/protocol";
import { type Desk, useDesk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";
import { statusColumn } from "./status-column.tsx";
import { DataTable } from "./table/DataTable.tsx";

interface Row {
  readonly name: "visibility" | "coverage" | "reasonShare" | "reasonInTime";
  readonly value: number | null;
  /** The goal of the measure; `null`: it has none. */
  readonly goal: number | null;
  readonly status: string | null;
}

export function Scorecard(props: { readonly scorecard: ScorecardAnswer }): ReactElement {
  const { scorecard } = props;
  const desk = useDesk();
  const { t, values } = desk;
  const rows: readonly Row[] = [
    { name: "visibility", value: scorecard.visibility, goal: 0.95, status: scorecard.visibilityStatus },
    { name: "coverage", value: scorecard.coverage, goal: 0.8, status: scorecard.coverageStatus },
    { name: "reasonShare", value: scorecard.reasonShare, goal: null, status: null },
    { name: "reasonInTime", value: scorecard.reasonInTime, goal: null, status: null },
  ];
  return (
    <>
      <DataTable
        name="scorecard"
        caption={t("quarter.scorecard")}
        columns={[
          {
            name: "measure",
            label: t("column.measure"),
            value: ({ name }) => name,
            text: ({ name }) => t(`score.${name}`),
          },
          {
            name: "value",
            label: t("column.achieved"),
            value: ({ value }) => value,
            text: ({ value }) => values.ratio(value),
            numeric: true,
          },
          {
            name: "goal",
            label: t("column.goal"),
            value: ({ goal }) => goal,
            text: ({ goal }) => (goal === null ? "–" : `> ${desk.format.percentWhole(goal)}`),
            numeric: true,
          },
          statusColumn<Row>(desk, "status", ({ status }) => status),
        ]}
        rows={rows}
        keyOf={({ name }) => name}
      />
      <Named desk={desk} label={t("score.silent")} paths={scorecard.silent} />
      <Named desk={desk} label={t("score.undeclared")} paths={scorecard.undeclared} />
    </>
  );
}

const NAMED_MAX = 20;

function Named(props: {
  readonly desk: Desk;
  readonly label: string;
  readonly paths: readonly string[];
}): ReactElement | null {
  const { desk, label, paths } = props;
  if (paths.length === 0) return null;
  const more = paths.length > NAMED_MAX ? " …" : "";
  return (
    <p>
      <b>{label}:</b>{" "}
      {paths
        .slice(0, NAMED_MAX)
        .map((path) => nameOf(desk, path))
        .join(", ")}
      {more}
    </p>
  );
}
