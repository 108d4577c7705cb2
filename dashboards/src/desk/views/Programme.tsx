/** What was begun to get better: actions with their effect and whether it held (AC), pilots with their interval (PI). */
import type { ReactElement } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import type { ActionAnswer, EffectAnswer, PilotAnswer } from "@oee/protocol";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { Interval } from "../Interval.tsx";
import { namedMeasureLabel, namedMeasureText } from "../named-measure.ts";
import { type Column, DataTable } from "../table/DataTable.tsx";
import { wordOf } from "../words.ts";

/** More are a matter of narrower scopes. */
const PILOTS_MAX = 12;

export function Programme(): ReactElement {
  const { scope, t } = useDesk();
  const actions = useTable<ActionAnswer>(apiUrl("/actions", { scope: scope.path }));
  const pilots = useTable<{ readonly id: string }>(apiUrl("/entries", { type: "pilot", scope: scope.path }));
  return (
    <>
      <Answered asked={actions}>{({ rows }) => <Actions rows={rows} />}</Answered>
      <Answered asked={pilots}>
        {({ rows }) =>
          rows.length === 0 ? (
            <p>{t("programme.noPilots")}</p>
          ) : (
            rows.slice(0, PILOTS_MAX).map(({ id }) => <Pilot key={id} id={id} />)
          )
        }
      </Answered>
    </>
  );
}

/** Columns of an effect; the measure it is of says how it is written. */
function effectColumns<R>(
  desk: Desk,
  measureOf: (row: R) => string,
  effectOf: (row: R) => EffectAnswer | null,
): readonly Column<R>[] {
  const figure = (name: "effect" | "low" | "high" | "detectable", signed: boolean): Column<R> => ({
    name,
    label: desk.t(`column.${name}`),
    value: (row) => effectOf(row)?.[name] ?? null,
    text: (row) => namedMeasureText(desk, measureOf(row), effectOf(row)?.[name] ?? null, signed),
    numeric: true,
  });
  return [
    {
      name: "verdict",
      label: desk.t("column.verdict"),
      value: (row) => effectOf(row)?.verdict ?? null,
      text: (row) => verdictText(desk, effectOf(row)),
    },
    figure("effect", true),
    figure("low", true),
    figure("high", true),
    figure("detectable", false),
  ];
}

/** With what belongs to it: that it is not over, that nothing was held against it. */
function verdictText(desk: Desk, effect: (EffectAnswer & { readonly measuring?: boolean }) | null): string {
  if (effect === null) return wordOf(desk, null);
  const marks = [
    ...(effect.measuring === true ? ["measuring"] : []),
    ...(effect.noControl === true ? ["no-control"] : []),
  ];
  return [effect.verdict, ...marks].map((word) => wordOf(desk, word)).join("; ");
}

function Actions(props: { readonly rows: readonly ActionAnswer[] }): ReactElement {
  const desk = useDesk();
  const { t } = desk;
  const word = (name: "owner" | "title"): Column<ActionAnswer> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => row[name] ?? "–",
  });
  return (
    <section>
      <DataTable
        name="actions"
        caption={t("programme.actions")}
        columns={[
          word("title"),
          {
            name: "scope",
            label: t("column.scope"),
            value: ({ scope }) => scope,
            text: ({ scope }) => nameOf(desk, scope),
          },
          word("owner"),
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
          ),
          {
            name: "holds",
            label: t("column.holds"),
            value: ({ holds }) => holds,
            text: ({ holds }) => wordOf(desk, holds),
          },
        ]}
        rows={props.rows}
        keyOf={({ id }) => id}
      />
    </section>
  );
}

function Pilot(props: { readonly id: string }): ReactElement {
  const asked = useTable<PilotAnswer>(apiUrl(`/pilots/${encodeURIComponent(props.id)}`));
  return (
    <Answered asked={asked}>
      {({ rows: [pilot] }) => (pilot === undefined ? null : <PilotShown pilot={pilot} />)}
    </Answered>
  );
}

interface PilotRow {
  readonly measure: string;
  readonly effect: EffectAnswer;
}

function PilotShown(props: { readonly pilot: PilotAnswer }): ReactElement {
  const { pilot } = props;
  const desk = useDesk();
  const { t } = desk;
  const rows = Object.entries(pilot.measures).map(([measure, effect]): PilotRow => ({ measure, effect }));
  const names = (paths: readonly string[]): string => paths.map((path) => nameOf(desk, path)).join(", ");
  const marks = [...(pilot.interim ? ["interim"] : []), ...(pilot.chosenLater ? ["chosen-later"] : [])];
  return (
    <section>
      <h2>
        {t("programme.pilots", { id: pilot.id })}:{" "}
        {[pilot.verdict, ...marks].map((word) => wordOf(desk, word)).join("; ")}
      </h2>
      <p className="muted">
        {names(pilot.scopes)} / {pilot.controls.length === 0 ? wordOf(desk, "no-control") : names(pilot.controls)}
      </p>
      <DataTable
        name={`pilot-${pilot.id}`}
        caption={t("programme.interval")}
        columns={[
          {
            name: "measure",
            label: t("column.measure"),
            value: ({ measure }) => measure,
            text: ({ measure }) => namedMeasureLabel(desk, measure),
          },
          ...effectColumns<PilotRow>(
            desk,
            ({ measure }) => measure,
            ({ effect }) => effect,
          ),
          {
            name: "interval",
            drawn: true,
            label: t("column.interval"),
            value: () => null,
            text: () => "",
            shown: ({ effect }) => <Interval effect={effect} />,
          },
        ]}
        rows={rows}
        keyOf={({ measure }) => measure}
      />
    </section>
  );
}
