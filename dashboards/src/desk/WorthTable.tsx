/** The money of effects (CS-2 to CS-4): saving, saving a year, return and payback, each also at both ends of the interval. */
import type { EffectAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { type Desk, useDesk } from "./desk-context.ts";
import type { Column } from "./table/column.ts";
import { DataTable } from "./table/DataTable.tsx";
import { NOT_KNOWN } from "./values.ts";

type Money = NonNullable<EffectAnswer["money"]>;

const FIGURES = ["saving", "perYear", "roi1", "roi3", "paybackMonths"] as const;
type Figure = (typeof FIGURES)[number];
type Value = string | number | null;

/** An effect with the action's title or the measure that it is of. */
export interface Worth {
  readonly key: string;
  readonly of: string;
  readonly effect: EffectAnswer | null;
}

interface Row {
  readonly worth: Worth;
  readonly what: Figure;
  readonly value: Value;
  readonly low: Value;
  readonly high: Value;
  /** For a payback (CS-4): whether the interval includes no gain. */
  readonly isUncertain: boolean;
}

export function WorthTable(props: {
  readonly name: string;
  /** The first column: its name in the API, its label, and the text of a row. */
  readonly first: { readonly name: string; readonly label: string; readonly text: (of: string) => string };
  readonly rows: readonly Worth[];
}): ReactElement | null {
  const { name, first, rows } = props;
  const desk = useDesk();
  const { t } = desk;
  const shown = rows.flatMap((worth) => {
    const money = worth.effect?.money ?? null;
    return money === null ? [] : FIGURES.map((what) => rowOf(worth, money, what));
  });
  if (shown.length === 0) return null;
  const figure = (column: "value" | "low" | "high", label: string): Column<Row> => ({
    name: column,
    label,
    value: (row) => row[column],
    text: (row) => {
      const text = textOf(desk, row.what, row[column]);
      if (!row.isUncertain || column !== "value") return text;
      return row.value === null ? t("worth.notCertain") : `${text}; ${t("worth.notCertain")}`;
    },
    numeric: true,
  });
  return (
    <>
      <DataTable
        name={name}
        caption={t("worth.caption")}
        columns={[
          {
            name: first.name,
            label: first.label,
            value: ({ worth }) => worth.of,
            text: ({ worth }) => first.text(worth.of),
          },
          { name: "what", label: t("worth.figure"), value: ({ what }) => what, text: ({ what }) => t(`worth.${what}`) },
          figure("value", t("worth.value")),
          figure("low", t("worth.low")),
          figure("high", t("worth.high")),
        ]}
        rows={shown}
        keyOf={({ worth, what }) => `${worth.key} ${what}`}
      />
      <p className="muted">{t("worth.note")}</p>
    </>
  );
}

function rowOf(worth: Worth, money: Money, what: Figure): Row {
  const [least, most] = money.ends;
  const isUncertain =
    what === "paybackMonths" && money.roi1 !== null && money.ends.some(({ paybackMonths }) => paybackMonths === null);
  return what === "saving"
    ? { worth, what, value: money.saving, low: money.low, high: money.high, isUncertain }
    : { worth, what, value: money[what], low: least[what], high: most[what], isUncertain };
}

function textOf({ t, values, format, plant }: Desk, what: Figure, value: Value): string {
  if (value === null) return NOT_KNOWN;
  if (what === "saving" || what === "perYear") return values.money(value, plant.description.currency);
  const number = Number(value);
  return what === "paybackMonths" ? t("worth.months", { months: format.amount(number, 1) }) : values.returned(number);
}
