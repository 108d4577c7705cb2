/** The scorecard (SC, RV-2): how far figures can be trusted, by machines seen, coverage, and reasons of stops. */
import type { ReactElement } from "react";
import type { ScorecardAnswer, ScorecardRows } from "@oee/protocol";
import { type Desk, useDesk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";
import { placeOfScore, type Score } from "./made-of.ts";
import { madeOf } from "./MadeOf.tsx";
import { PolicyNote } from "./PolicyNote.tsx";
import { statusColumn } from "./status-column.tsx";
import { type Column, figureColumn } from "./table/column.ts";
import { DataTable } from "./table/DataTable.tsx";
import { NOT_KNOWN } from "./values.ts";

interface Row {
  readonly name: Score;
  readonly value: number | null;
  /** The value of the same dates a quarter before, and that of the baseline; missing where only the review is at hand (SC-4). */
  readonly before?: number | null;
  readonly baseline?: number | null;
  /** The goal of the measure; `null`: it has none. */
  readonly goal: number | null;
  /** Whether the goal is one of SC-1 or SC-2, which must be exceeded. */
  readonly strictly: boolean;
  readonly status: string | null;
}

/** `course`: the rows of SC-4, of the same scope and period; a review that was presented holds them. */
export function Scorecard(props: {
  readonly scorecard: ScorecardAnswer;
  readonly course?: ScorecardRows["rows"] | undefined;
}): ReactElement {
  const { scorecard, course } = props;
  const desk = useDesk();
  const { t, values } = desk;
  const held: readonly Row[] = [
    { name: "visibility", value: scorecard.visibility, ...GOALS.visibility, status: scorecard.visibilityStatus },
    { name: "coverage", value: scorecard.coverage, ...GOALS.coverage, status: scorecard.coverageStatus },
    { name: "reasonShare", value: scorecard.reasonShare, ...NO_GOAL, status: null },
    { name: "reasonInTime", value: scorecard.reasonInTime, ...NO_GOAL, status: null },
  ];
  const rows = held.map((row): Row => {
    const known = course?.find(({ measure }) => measure === row.name);
    if (known === undefined) return row;
    const { before, baseline, goal, status } = known;
    return { ...row, before, baseline, goal, strictly: row.strictly && goal === row.goal, status };
  });
  const ratio = (name: "before" | "baseline", label: string): Column<Row> =>
    figureColumn(name, label, (row) => row[name] ?? null, values.ratio);
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
          madeOf<Row>(
            figureColumn("value", t("column.achieved"), ({ value }) => value, values.ratio),
            ({ name }) => placeOfScore(name),
          ),
          ...(course === undefined
            ? []
            : [ratio("before", t("score.before")), ratio("baseline", t("column.baseline"))]),
          {
            name: "goal",
            label: t("column.goal"),
            value: ({ goal }) => goal,
            text: ({ goal, strictly }) =>
              goal === null ? NOT_KNOWN : `${strictly ? "> " : ""}${desk.format.percentShort(goal)}`,
            numeric: true,
          },
          statusColumn<Row>(desk, "status", ({ status }) => status),
        ]}
        rows={rows}
        keyOf={({ name }) => name}
      />
      <PolicyNote parts={differing(course, "policy")} />
      <PolicyNote parts={differing(course, "policyBefore")} text="quality.policyBefore" />
      <Named desk={desk} label={t("score.silent")} paths={scorecard.silent} />
      <Named desk={desk} label={t("score.undeclared")} paths={scorecard.undeclared} />
    </>
  );
}

/** In what the policy of any of the rows differs from that of what it is compared with (BL-6). */
function differing(course: ScorecardRows["rows"] | undefined, name: "policy" | "policyBefore"): readonly string[] {
  return [...new Set(course?.flatMap((row) => row[name] ?? []))];
}

const GOALS = { visibility: { goal: 0.95, strictly: true }, coverage: { goal: 0.8, strictly: true } } as const;
const NO_GOAL = { goal: null, strictly: false } as const;
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
