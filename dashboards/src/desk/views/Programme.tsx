/** What was begun to get better: actions with their effect and whether it held (AC), pilots with their interval (PI). */
import type { ReactElement } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { ActionTable } from "../ActionTable.tsx";
import { Answered } from "../Answered.tsx";
import { effectColumns } from "../effect-columns.ts";
import type { ActionAnswer, EffectAnswer, PilotAnswer } from "@oee/protocol";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { Interval } from "../Interval.tsx";
import { namedMeasureLabel } from "../named-measure.ts";
import { DataTable } from "../table/DataTable.tsx";
import { wordOf } from "../words.ts";

/** More are a matter of narrower scopes. */
const PILOTS_MAX = 12;

export function Programme(): ReactElement {
  const { scope, t } = useDesk();
  const actions = useTable<ActionAnswer>(apiUrl("/actions", { scope: scope.path }));
  const pilots = useTable<{ readonly id: string }>(apiUrl("/entries", { type: "pilot", scope: scope.path }));
  return (
    <>
      <Answered asked={actions}>{({ rows }) => <ActionTable caption={t("programme.actions")} rows={rows} />}</Answered>
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
