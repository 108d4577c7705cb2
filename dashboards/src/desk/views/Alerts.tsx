/** The view of alerts (AL): each with its owners, its steps and its acknowledgements. */
import type { AlertAnswer } from "@oee/protocol";
import { type FormEvent, type ReactElement, useRef, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { Choice } from "../Choice.tsx";
import { textsOf } from "../form-text.ts";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantAt, nameOf } from "../element-columns.ts";
import { follow } from "../Shell.tsx";
import { statusColumn } from "../status-column.tsx";
import { StatusWord } from "../StatusWord.tsx";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { useSending } from "../use-sending.ts";
import { NOT_KNOWN } from "../values.ts";
import { useWhyNot } from "../use-may.ts";
import { WhyNot } from "../WhyNot.tsx";
import { WhoField } from "../WhoField.tsx";
import { wordOf } from "../words.ts";
import { RequiredNote } from "../RequiredNote.tsx";

const STATES = ["all", "open", "acknowledged", "resolved"] as const;

export function Alerts(): ReactElement {
  const desk = useDesk();
  const { t, scope, spans, address, go } = desk;
  const [turn, setTurn] = useState(0);
  const [chosen, setChosen] = useState<AlertAnswer | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const state = STATES.find((name) => name === address.options["state"]) ?? "all";
  const asked = useTable<AlertAnswer>(
    apiUrl("/alerts", { scope: scope.path, ...spans.span, state: state === "all" ? null : state }),
    turn,
  );
  const open = (alert: AlertAnswer): void => {
    setChosen(alert);
    dialog.current?.showModal();
  };
  return (
    <>
      <div className="choices">
        <Choice
          label={t("column.state")}
          value={state}
          options={STATES.map((name) => [name, name === "all" ? t("kind.all") : wordOf(desk, name)])}
          onChange={(next) => go({ options: { state: next === "all" ? null : next } })}
        />
      </div>
      <Answered asked={asked}>
        {({ rows }) => (
          <section>
            <DataTable
              name="alerts"
              caption={t("alerts.count", { count: rows.length })}
              columns={[...columnsOf(desk), stepColumn(desk, open)]}
              rows={[...rows].sort(newestFirst)}
              keyOf={({ ticket }) => ticket}
            />
          </section>
        )}
      </Answered>
      <dialog ref={dialog} aria-label={t("alerts.alert")} onClose={() => setChosen(null)}>
        {chosen === null ? null : (
          <AlertShown
            key={chosen.ticket}
            alert={chosen}
            onClose={() => dialog.current?.close()}
            onDone={() => {
              dialog.current?.close();
              setTurn((before) => before + 1);
            }}
          />
        )}
      </dialog>
    </>
  );
}

/** Orders alerts: open ones first, then the newest. */
function newestFirst(a: AlertAnswer, b: AlertAnswer): number {
  return Number(b.state === "open") - Number(a.state === "open") || Date.parse(b.opens) - Date.parse(a.opens);
}

function instantOf(desk: Desk, alert: AlertAnswer, at: string | null): string {
  if (at === null) return NOT_KNOWN;
  return instantAt(desk, at, alert.machine);
}

function columnsOf(desk: Desk): readonly Column<AlertAnswer>[] {
  const { t } = desk;
  const instant = (name: "opens" | "acknowledged" | "resolves"): Column<AlertAnswer> => ({
    name,
    label: t(`alerts.${name}`),
    value: (alert) => alert[name],
    text: (alert) => instantOf(desk, alert, alert[name]),
  });
  return [
    statusColumn(desk, "state", ({ state }) => state),
    { name: "rule", label: t("alerts.rule"), value: ({ rule }) => rule, text: ({ rule }) => rule },
    {
      name: "machine",
      label: t("scope.machine"),
      value: ({ machine }) => machine,
      text: ({ machine }) => nameOf(desk, machine),
    },
    instant("opens"),
    instant("acknowledged"),
    instant("resolves"),
    {
      name: "accountable",
      label: t("column.owner"),
      value: ({ owners }) => owners.accountable,
      text: ({ owners }) => owners.accountable ?? NOT_KNOWN,
    },
  ];
}

function stepColumn(desk: Desk, onOpen: (alert: AlertAnswer) => void): Column<AlertAnswer> {
  const { t } = desk;
  return {
    name: "steps",
    drawn: true,
    label: t("alerts.steps"),
    value: ({ steps }) => steps.filter(({ due }) => due).length,
    text: ({ steps }) => `${steps.filter(({ due }) => due).length} / ${steps.length}`,
    shown: (alert) => (
      <button type="button" onClick={() => onOpen(alert)}>
        {t("alerts.look", {
          due: alert.steps.filter(({ due }) => due).length,
          of: alert.steps.length,
        })}
      </button>
    ),
  };
}

const BEFORE_MS = 60 * 60_000;

function AlertShown(props: {
  readonly alert: AlertAnswer;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactElement {
  const { alert, onClose, onDone } = props;
  const desk = useDesk();
  const { t } = desk;
  const { busy, problem, send } = useSending();
  const whyNot = useWhyNot("operator", alert.machine);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    const text = textsOf(event);
    const note = text("note");
    const taken = await send(`/alerts/${encodeURIComponent(alert.ticket)}/acknowledgements`, {
      by: text("by"),
      resolved: text("resolved") !== "",
      ...(note === "" ? {} : { note }),
    });
    if (taken) onDone();
  };
  const around = {
    view: "stops",
    scope: alert.machine,
    options: {
      period: null,
      state: null,
      from: new Date(Date.parse(alert.opens) - BEFORE_MS).toISOString(),
      to: new Date(Date.parse(alert.resolves ?? alert.opens) + BEFORE_MS).toISOString(),
    },
  } as const;
  return (
    <>
      <h2>
        {alert.rule}: {nameOf(desk, alert.machine)}
      </h2>
      <p>
        <StatusWord status={alert.state} /> {t("alerts.since", { at: instantOf(desk, alert, alert.opens) })}{" "}
        <a href={desk.href(around)} onClick={(event) => follow(event, () => desk.go(around))}>
          {t("alerts.rows")}
        </a>
      </p>
      <ol className="lines">
        {alert.steps.map(({ to, at, due }) => (
          <li key={`${to} ${at}`}>
            {instantOf(desk, alert, at)} → <b>{to}</b>{" "}
            <span className="muted">{t(due ? "alerts.due" : "alerts.notDue")}</span>
          </li>
        ))}
      </ol>
      <p className="muted">{alert.ticket}</p>
      {alert.state === "resolved" ? null : (
        <form className="form" onSubmit={(event) => void submit(event)}>
          <WhoField />
          <label>
            {t("present.note")}
            <input name="note" />
          </label>
          <label className="check">
            <input type="checkbox" name="resolved" /> {t("alerts.alsoResolved")}
          </label>
          {problem === null ? null : (
            <p role="alert">
              <ProblemText t={t} of={problem} />
            </p>
          )}
          <RequiredNote t={t} />
          <p className="form-buttons">
            <button
              type="submit"
              className="primary"
              disabled={busy || whyNot !== null}
              aria-describedby={whyNot === null ? undefined : "acknowledge-why"}
            >
              {t("alerts.acknowledge")}
            </button>
            <WhyNot id="acknowledge-why" why={whyNot} />
          </p>
        </form>
      )}
      <button type="button" onClick={onClose}>
        {t("desk.close")}
      </button>
    </>
  );
}
