/** The scopes one level below, each with its figures and its part of the change (DC-4). */
import type { ReactElement } from "react";
import type { MeasureAnswer, ReviewAnswer } from "@oee/protocol";
import { useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { inOrder } from "../in-order.ts";
import { placeOf } from "../made-of.ts";
import { madeOf } from "../MadeOf.tsx";
import { labelOf } from "../measures.ts";
import { namedMeasureText } from "../named-measure.ts";
import { follow } from "../Shell.tsx";
import { statusColumn } from "../status-column.tsx";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";
import { signedPoints } from "../signed-points.ts";

interface PartRow {
  readonly scope: string;
  readonly standings: Readonly<Record<string, MeasureAnswer>>;
  /** The scope's part of the change of OEE, 0.01 a point; `null`: not known. */
  readonly share: number | null;
}

export function Parts(props: { readonly review: ReviewAnswer }): ReactElement {
  const { review } = props;
  const desk = useDesk();
  const { t, plant } = desk;
  const found = Object.entries(review.children).map(
    ([scope, standings]): PartRow => ({
      scope,
      standings,
      share: review.changeFromPrevious?.children[scope] ?? null,
    }),
  );
  const rows = inOrder(
    found,
    plant.children(review.scope).map(({ path }) => path),
    ({ scope }) => scope,
  );
  const figure = (
    name: string,
    label: string,
    measure: string,
    of: (standing: MeasureAnswer) => number | null,
  ): Column<PartRow> => ({
    name,
    label,
    value: ({ standings }) => (standings[measure] === undefined ? null : of(standings[measure])),
    text: ({ standings }) =>
      namedMeasureText(
        desk,
        measure,
        standings[measure] === undefined ? null : of(standings[measure]),
        name === "difference" ? "difference" : "value",
      ),
    numeric: true,
  });
  const ofPart = (name: "oee" | "unplannedDowntimeShare" | "mttr"): Column<PartRow> =>
    madeOf(
      figure(name, t(labelOf(name)), name, ({ achieved }) => achieved),
      () => placeOf(name),
      ({ scope }) => ({ scope }),
    );
  return (
    <DataTable
      name="children"
      caption={t("quarter.partsCaption")}
      columns={[
        {
          name: "scope",
          label: t("column.scope"),
          value: ({ scope }) => scope,
          text: ({ scope }) => nameOf(desk, scope),
          shown: ({ scope }) => (
            <a href={desk.href({ scope })} onClick={(event) => follow(event, () => desk.go({ scope }))}>
              {nameOf(desk, scope)}
            </a>
          ),
        },
        ofPart("oee"),
        figure("previous", t("column.previous"), "oee", ({ previous }) => previous),
        figure("baseline", t("column.baseline"), "oee", ({ baseline }) => baseline),
        figure("difference", t("column.difference"), "oee", ({ difference }) => difference),
        {
          name: "share",
          label: t("quarter.shareOfChange"),
          value: ({ share }) => share,
          text: ({ share }) => (share === null ? NOT_KNOWN : signedPoints(desk, share)),
          numeric: true,
        },
        ofPart("unplannedDowntimeShare"),
        ofPart("mttr"),
        statusColumn<PartRow>(desk, "status", ({ standings }) => standings["oee"]?.status ?? null),
      ]}
      rows={rows}
      keyOf={({ scope }) => scope}
      weak={({ standings }) => standings["oee"]?.counts === false}
    />
  );
}
