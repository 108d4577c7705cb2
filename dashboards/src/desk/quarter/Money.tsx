/** The cost of unplanned stops, and the savings against the baseline's share (CS-1); a year of these is an extrapolation. */
import type { ReviewAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { placeOf, SAVING, stopsOfLoss } from "../made-of.ts";
import { madeOf } from "../MadeOf.tsx";
import { PolicyNote } from "../PolicyNote.tsx";
import { DataTable } from "../table/DataTable.tsx";

interface Row {
  readonly name: "cost" | "breakdowns" | "otherUnplannedStops" | "saving" | "perYear";
  readonly value: string | null;
}

export function Money(props: { readonly review: ReviewAnswer }): ReactElement {
  const { cost, lossCosts, savings } = props.review;
  const desk = useDesk();
  const { t, values, plant } = desk;
  const rows: readonly Row[] = [
    { name: "cost", value: cost },
    { name: "breakdowns", value: lossCosts?.breakdowns ?? null },
    { name: "otherUnplannedStops", value: lossCosts?.otherUnplannedStops ?? null },
    { name: "saving", value: savings?.saving ?? null },
    { name: "perYear", value: savings?.perYear ?? null },
  ];
  return (
    <>
      <DataTable
        name="money"
        caption={t("quarter.moneyCaption")}
        columns={[
          {
            name: "what",
            label: t("column.measure"),
            value: ({ name }) => name,
            text: ({ name }) =>
              t(name === "breakdowns" || name === "otherUnplannedStops" ? `loss.${name}` : `money.${name}`),
          },
          madeOf<Row>(
            {
              name: "value",
              label: plant.description.currency ?? t("column.cost"),
              value: ({ value }) => value,
              text: ({ value }) => values.money(value, plant.description.currency),
              numeric: true,
            },
            ({ name }) => (name === "cost" ? placeOf("downtimeCost") : (stopsOfLoss(name) ?? SAVING)),
          ),
        ]}
        rows={rows}
        keyOf={({ name }) => name}
      />
      <p className="muted">{t("money.note")}</p>
      <PolicyNote parts={savings?.policy} />
      {savings === null || savings.notInBaseline.length === 0 ? null : (
        <p className="muted">
          {t("money.notInBaseline", { list: savings.notInBaseline.map((path) => nameOf(desk, path)).join(", ") })}
        </p>
      )}
    </>
  );
}
