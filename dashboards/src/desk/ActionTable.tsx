/** Actions with their state, their effect and whether it held (AC). */
import type { ActionAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { useDesk } from "./desk-context.ts";
import { effectColumns, policyMarks } from "./effect-columns.ts";
import { nameOf } from "./element-columns.ts";
import { namedMeasureLabel } from "./named-measure.ts";
import type { Column } from "./table/column.ts";
import { DataTable } from "./table/DataTable.tsx";
import { wordOf } from "./words.ts";

export function ActionTable(props: {
  readonly caption: string;
  readonly rows: readonly ActionAnswer[];
  readonly also?: readonly Column<ActionAnswer>[];
}): ReactElement {
  const desk = useDesk();
  const { t } = desk;
  const word = (name: "owner" | "title"): Column<ActionAnswer> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => row[name] ?? "–",
  });
  const titleOf = (id: string): string => props.rows.find((row) => row.id === id)?.title ?? id;
  const overlapMarks = ({ overlaps }: ActionAnswer): readonly string[] =>
    overlaps === undefined ? [] : [t("programme.overlaps", { list: overlaps.map(titleOf).join(", ") })];
  return (
    <DataTable
      name="actions"
      caption={props.caption}
      columns={[
        word("title"),
        {
          name: "scope",
          label: t("column.scope"),
          value: ({ scope }) => scope,
          text: ({ scope }) => nameOf(desk, scope),
        },
        { ...word("owner"), person: ({ owner }) => owner !== null },
        {
          name: "addresses",
          label: t("column.addresses"),
          value: (row) => row.addresses,
          text: (row) => namedMeasureLabel(desk, row.addresses),
        },
        {
          name: "state",
          label: t("column.state"),
          value: ({ state }) => state,
          text: ({ state, overdue }) =>
            [state, ...(overdue ? ["overdue"] : [])].map((each) => wordOf(desk, each)).join(", "),
        },
        ...effectColumns<ActionAnswer>(
          desk,
          ({ addresses }) => addresses,
          ({ effect }) => effect,
          (row) => [...policyMarks(desk, row.policy), ...overlapMarks(row)],
        ),
        {
          name: "holds",
          label: t("column.holds"),
          value: ({ holds }) => holds,
          text: ({ holds }) => wordOf(desk, holds),
        },
        ...(props.also ?? []),
      ]}
      rows={props.rows}
      none={t("programme.noneYet")}
      keyOf={({ id }) => id}
    />
  );
}
