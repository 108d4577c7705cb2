/** The view of the programme: actions with their effect and whether it held (AC), pilots with their interval (PI), targets and baselines. */
import { type ReactElement, useState } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { ActionTable } from "../ActionTable.tsx";
import { Answered } from "../Answered.tsx";
import { effectColumns, policyMarks } from "../effect-columns.ts";
import type { ActionAnswer, BaselineAnswer, EffectAnswer, PilotAnswer, TargetAnswer } from "@oee/protocol";
import { editColumn } from "../entry/edit-column.tsx";
import { BaselineDrift } from "../entry/BaselineDrift.tsx";
import { BaselinesToday } from "../entry/BaselineToday.tsx";
import { EntryDialog, type Opened } from "../entry/EntryDialog.tsx";
import { ENTERED, type Entered } from "../entry/fields.ts";
import { Baselines, Targets, Withdrawn } from "../entry/EntryTables.tsx";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { Interval } from "../Interval.tsx";
import { namedMeasureLabel } from "../named-measure.ts";
import { PilotNotes } from "../PilotNotes.tsx";
import { DataTable } from "../table/DataTable.tsx";
import { useWhyNot } from "../use-may.ts";
import { WhyNot } from "../WhyNot.tsx";
import { WorthTable } from "../WorthTable.tsx";
import { wordOf } from "../words.ts";

/** Most pilots that are shown; a narrower scope shows the others. */
const PILOTS_MAX = 12;

export function Programme(): ReactElement {
  const { scope, t } = useDesk();
  const [turn, setTurn] = useState(0);
  const [opened, setOpened] = useState<Opened | null>(null);
  const of = { scope: scope.path };
  const actions = useTable<ActionAnswer>(apiUrl("/actions", of), turn);
  const pilots = useTable<{ readonly id: string }>(apiUrl("/entries", { ...of, type: "pilot" }), turn);
  const targets = useTable<TargetAnswer>(apiUrl("/targets", of), turn);
  const baselines = useTable<BaselineAnswer>(apiUrl("/baselines", of), turn);
  const whyNot = useWhyNot("supervisor", scope.path);
  const open = (type: Entered, id: string | null): void => setOpened({ type, id });
  return (
    <>
      <p className="form-buttons add" role="group" aria-label={t("entry.new")}>
        {ENTERED.map((type) => (
          <button
            key={type}
            type="button"
            disabled={whyNot !== null}
            aria-describedby={whyNot === null ? undefined : "new-why"}
            onClick={() => open(type, null)}
          >
            {t(`entry.new.${type}`)}
          </button>
        ))}
        <WhyNot id="new-why" why={whyNot} />
      </p>
      <Answered asked={actions}>
        {({ rows }) => (
          <>
            <ActionTable
              caption={t("programme.actions")}
              rows={rows}
              also={[editColumn(t("entry.change"), ({ id }) => open("action", id))]}
            />
            <WorthTable
              name="actions-worth"
              first={{ name: "title", label: t("column.title"), text: (title) => title }}
              rows={rows.map(({ id, title, effect }) => ({ key: id, of: title, effect }))}
            />
          </>
        )}
      </Answered>
      <Answered asked={pilots}>
        {({ rows }) =>
          rows.length === 0 ? (
            <p>{t("programme.noPilots")}</p>
          ) : (
            rows
              .slice(0, PILOTS_MAX)
              .map(({ id }) => <Pilot key={id} id={id} turn={turn} onChange={() => open("pilot", id)} />)
          )
        }
      </Answered>
      <Answered asked={targets}>
        {({ rows }) => <Targets rows={rows} onChange={({ id }) => open("target", id)} />}
      </Answered>
      <Answered asked={baselines}>
        {({ rows }) => (
          <>
            <Baselines rows={rows} onChange={({ id }) => open("baseline", id)} />
            {rows.map((baseline) => (
              <BaselineDrift key={baseline.id} baseline={baseline} />
            ))}
            <BaselinesToday baselines={rows} turn={turn} />
          </>
        )}
      </Answered>
      <Withdrawn turn={turn} onOpen={open} />
      {opened === null ? null : (
        <EntryDialog
          opened={opened}
          onClose={() => setOpened(null)}
          onEntered={() => {
            setOpened(null);
            setTurn((before) => before + 1);
          }}
        />
      )}
    </>
  );
}

function Pilot(props: { readonly id: string; readonly turn: number; readonly onChange: () => void }): ReactElement {
  const { id, turn, onChange } = props;
  const asked = useTable<PilotAnswer>(apiUrl(`/pilots/${encodeURIComponent(id)}`), turn);
  return (
    <Answered asked={asked}>
      {({ rows: [pilot] }) => (pilot === undefined ? null : <PilotShown pilot={pilot} onChange={onChange} />)}
    </Answered>
  );
}

interface PilotRow {
  readonly measure: string;
  readonly effect: EffectAnswer;
}

function PilotShown(props: { readonly pilot: PilotAnswer; readonly onChange: () => void }): ReactElement {
  const { pilot, onChange } = props;
  const desk = useDesk();
  const { t } = desk;
  const rows = Object.entries(pilot.measures).map(([measure, effect]): PilotRow => ({ measure, effect }));
  const names = (paths: readonly string[]): string => paths.map((path) => nameOf(desk, path)).join(", ");
  const marks = [...(pilot.interim ? ["interim"] : []), ...(pilot.chosenLater ? ["chosen-later"] : [])];
  return (
    <section>
      <h2>
        {t("programme.pilots", { id: pilot.id })}:{" "}
        {[...[pilot.verdict, ...marks].map((word) => wordOf(desk, word)), ...policyMarks(desk, pilot.policy)].join(
          "; ",
        )}
      </h2>
      <p className="muted">
        {pilot.controls.length === 0
          ? `${names(pilot.scopes)}, ${wordOf(desk, "no-control")}`
          : t("programme.compared", { scopes: names(pilot.scopes), controls: names(pilot.controls) })}{" "}
        <button type="button" onClick={onChange}>
          {t("entry.change")}
        </button>
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
      <PilotNotes pilot={pilot} />
      <WorthTable
        name={`pilot-${pilot.id}-worth`}
        first={{
          name: "measure",
          label: t("column.measure"),
          text: (measure) => namedMeasureLabel(desk, measure),
        }}
        rows={rows.map(({ measure, effect }) => ({ key: measure, of: measure, effect }))}
      />
    </section>
  );
}
