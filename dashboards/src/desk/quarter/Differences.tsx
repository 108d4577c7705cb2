/**
 * How a presented review differs from the figures of now (RV-4): what came since, the main figures, then all figures; and, on
 * request, whether its raw events still give the presented document.
 */
import { REVIEW_MEASURES } from "@oee/model/review-names";
import type { DifferencesAnswer, PresentedAnswer } from "@oee/protocol";
import { type ReactElement, useState } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { inOrder } from "../in-order.ts";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

type Difference = DifferencesAnswer["differences"][number];

const SHOWN_MAX = 100;

/** As the table of measures has them; cost and saving come after. */
const ORDER = REVIEW_MEASURES.map((name) => `/measures/${name}/achieved`);

export function Differences(props: { readonly presented: PresentedAnswer; readonly turn: number }): ReactElement {
  const { presented, turn } = props;
  const { t } = useDesk();
  const url = `/reviews/${encodeURIComponent(presented.id)}/differences`;
  const asked = useTable<DifferencesAnswer>(apiUrl(url), turn);
  const [isChecked, setChecked] = useState(false);
  const again = useTable<DifferencesAnswer>(isChecked ? apiUrl(url, { at: "position" }) : null, turn);
  return (
    <>
      <Answered asked={asked}>
        {({ rows: [answer] }) => (answer === undefined ? null : <Now presented={presented} answer={answer} />)}
      </Answered>
      <div className="check">
        {isChecked ? null : (
          <p data-screen-only={true}>
            {t("present.checkWhat")}{" "}
            <button type="button" onClick={() => setChecked(true)}>
              {t("present.check")}
            </button>
          </p>
        )}
        <Answered asked={again}>
          {({ rows: [answer] }) =>
            answer === undefined ? null : (
              <>
                <p role="status">
                  {answer.digest === answer.digestNow
                    ? t("present.checkedSame")
                    : t("present.checkedDiffers", { count: answer.differences.length })}
                </p>
                {answer.digest === answer.digestNow ? null : <PlantFile since={answer.since} />}
              </>
            )
          }
        </Answered>
      </div>
    </>
  );
}

function Now(props: { readonly presented: PresentedAnswer; readonly answer: DifferencesAnswer }): ReactElement {
  const { presented, answer } = props;
  const desk = useDesk();
  const { t, format, scope } = desk;
  const { differences } = answer;
  const key = differences.flatMap((difference) => {
    const named = namedIn(desk, difference.figure);
    return named === null ? [] : [{ ...difference, ...named }];
  });
  return (
    <>
      <p>
        {differences.length === 0
          ? t("present.same")
          : t("present.differs", {
              count: differences.length,
              at: format.instant(Date.parse(presented.instant), 0, scope.timezone),
            })}
      </p>
      <Since since={answer.since} />
      {differences.length === 0 ? null : key.length === 0 ? (
        <p>{t("present.noMeasure")}</p>
      ) : (
        <DataTable
          name="differences-measures"
          caption={t("present.measures")}
          columns={[
            { name: "figure", label: t("column.measure"), value: ({ figure }) => figure, text: ({ label }) => label },
            {
              name: "presented",
              label: t("quarter.presented"),
              value: (row) => valueOf(row.presented),
              text: (row) => row.text(row.presented, false),
              numeric: true,
            },
            {
              name: "now",
              label: t("desk.now"),
              value: (row) => valueOf(row.now),
              text: (row) => row.text(row.now, false),
              numeric: true,
            },
            {
              name: "by",
              label: t("column.difference"),
              value: (row) => valueOf(row.by),
              text: (row) => row.text(row.by, true),
              numeric: true,
            },
          ]}
          rows={inOrder(key, ORDER, ({ figure }) => figure)}
          keyOf={({ figure }) => figure}
        />
      )}
      {differences.length === 0 ? null : <All differences={differences} />}
    </>
  );
}

/** The events and corrections of the review's period that came after it was presented. */
function Since(props: { readonly since: DifferencesAnswer["since"] }): ReactElement {
  const { since } = props;
  const { t } = useDesk();
  const by = Object.entries(since.by).map(([person, count]) => `${person === "" ? NOT_KNOWN : person} ${count}`);
  const lines = [
    ...(since.lateEvents === 0 ? [] : [t("present.lateEvents", { count: since.lateEvents })]),
    ...(since.corrections === 0 ? [] : [t("present.correctionsBy", { count: since.corrections, list: by.join(", ") })]),
  ];
  return (
    <>
      <ul className="lines">
        {(lines.length === 0 ? [t("present.noneCame")] : lines).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <PlantFile since={since} />
    </>
  );
}

function PlantFile(props: { readonly since: DifferencesAnswer["since"] }): ReactElement | null {
  const { presented, now } = props.since.plant;
  const { t } = useDesk();
  return presented === now ? null : <p>{t("present.otherPlant", { presented, now })}</p>;
}

function All(props: { readonly differences: readonly Difference[] }): ReactElement {
  const { differences } = props;
  const { t } = useDesk();
  return (
    <details data-screen-only={true}>
      <summary>{t("present.all", { count: differences.length })}</summary>
      <DataTable
        name="differences"
        caption={t("present.differences")}
        columns={[
          {
            name: "figure",
            label: t("column.measure"),
            value: ({ figure }) => figure,
            text: ({ figure }) => stepsOf(figure).join(" › "),
          },
          {
            name: "presented",
            label: t("quarter.presented"),
            value: ({ presented }) => valueOf(presented),
            text: ({ presented }) => textOfAny(presented),
          },
          {
            name: "now",
            label: t("desk.now"),
            value: ({ now }) => valueOf(now),
            text: ({ now }) => textOfAny(now),
          },
        ]}
        rows={differences.slice(0, SHOWN_MAX)}
        keyOf={({ figure }) => figure}
      />
      {differences.length > SHOWN_MAX ? (
        <p className="muted">{t("desk.moreThan", { count: differences.length - SHOWN_MAX })}</p>
      ) : null}
    </details>
  );
}

interface Named {
  readonly label: string;
  readonly text: (value: unknown, isSigned: boolean) => string;
}

/** The main figure (a measure's value, cost or saving) at a JSON pointer; `null`: it is none of these. */
function namedIn(desk: Desk, pointer: string): Named | null {
  const { t, values, plant } = desk;
  const [first = "", second = "", third = "", ...more] = stepsOf(pointer);
  if (first === "measures" && third === "achieved" && more.length === 0) {
    const text = (value: unknown, isSigned: boolean): string =>
      namedMeasureText(desk, second, typeof value === "number" ? value : null, isSigned ? "difference" : "value");
    return { label: namedMeasureLabel(desk, second), text };
  }
  const label = pointer === "/cost" ? t("money.cost") : pointer === "/savings/saving" ? t("money.saving") : null;
  if (label === null) return null;
  const money = (value: unknown, isSigned: boolean): string => {
    const amount = typeof value === "string" ? value : null;
    const text = values.money(amount, plant.description.currency);
    return isSigned && amount !== null && Number(amount) > 0 ? `+${text}` : text;
  };
  return { label, text: money };
}

/** The unescaped steps of a JSON pointer. */
function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
}

function valueOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
}

function textOfAny(value: unknown): string {
  const shown = valueOf(value);
  if (shown === null) return NOT_KNOWN;
  return typeof shown === "number" ? String(Number(shown.toPrecision(6))) : shown;
}
