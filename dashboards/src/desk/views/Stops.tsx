/** The view of stops: a list in which each is found, gets its reason, is split or has its correction cleared; and timelines of machines. */
import { type ReactElement, useMemo, useRef, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { Entries } from "../../reasons/Entries.tsx";
import { learnMostUsed } from "../../reasons/most-used.ts";
import { Picker } from "../../reasons/Picker.tsx";
import { PlaceContext } from "../../reasons/place.ts";
import { keyOf } from "../../reasons/StopList.tsx";
import { ReasonsTextsContext } from "../../reasons/texts/use-texts.ts";
import { whoEnters } from "../../shared/who.ts";
import type { StopRow } from "../../shared/api/rows.ts";
import { serverNow } from "../../shared/api/server-time.ts";
import type { Entry } from "../../shared/corrections/entry.ts";
import { newId } from "../../shared/corrections/new-id.ts";
import type { TextKey } from "../../shared/texts/texts.ts";
import { Choice } from "../Choice.tsx";
import { useStops } from "../data/use-stops.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { instantAt, instantColumn, nameOf } from "../element-columns.ts";
import { filtered, filterIn, KINDS, ORDERS } from "../stop-filter.ts";
import { RowHistory } from "../RowHistory.tsx";
import { follow } from "../Shell.tsx";
import { StopGrid } from "../StopGrid.tsx";
import { Timelines } from "../Timelines.tsx";
import { CsvButton } from "../table/CsvButton.tsx";
import type { Column } from "../table/column.ts";
import { useWhyNot } from "../use-may.ts";
import { WhyNot } from "../WhyNot.tsx";
import { useCorrections } from "../use-corrections.ts";

const MINUTE_MS = 60_000;

export function Stops(): ReactElement {
  const desk = useDesk();
  const { t, scope, spans, address, go, reasons } = desk;
  const { options } = address;
  const { outbox, state, version } = useCorrections();
  const needs = options["needs"] === "reason";
  const machines = options["machines"] === "kpi" ? "kpi" : "all";
  const { rows, asking, problem, cut, cancel } = useStops(
    scope.path,
    spans.span,
    needs ? "missing" : machines,
    version,
  );
  const filter = useMemo(() => filterIn(options), [options]);
  const words = useMemo(() => wordsOf(desk), [desk]);
  const shown = useMemo(() => filtered(rows, filter, words), [rows, filter, words]);
  const columns = useMemo(() => stopColumns(desk), [desk]);
  const [chosen, setChosen] = useState<StopRow | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const open = async (row: StopRow): Promise<void> => {
    await learnMostUsed(row.machine, reasons);
    setChosen(row);
    if (dialog.current?.open === false) dialog.current.showModal();
  };
  const close = (): void => dialog.current?.close();
  const enter = (entry: Entry): void => {
    outbox.add(entry);
    close();
  };
  const change = (name: string, value: string): void => go({ options: { [name]: value === "" ? null : value } });
  return (
    <ReasonsTextsContext.Provider value={t}>
      <PlaceContext.Provider value={desk}>
        <div className="choices">
          <Choice
            label={t("stops.kind")}
            value={filter.kind}
            options={KINDS.map((kind) => [kind, t(`kind.${kind}`)])}
            onChange={(kind) => change("kind", kind === "all" ? "" : kind)}
          />
          <Choice
            label={t("stops.order")}
            value={filter.order}
            options={ORDERS.map((order) => [order, t(`stops.order.${order}`)])}
            onChange={(order) => change("order", order === "machine" ? "" : order)}
          />
          <label>
            <span className="muted">{t("stops.least")}</span>
            <input
              type="number"
              min={0}
              defaultValue={options["least"] ?? ""}
              onChange={(event) => change("least", event.target.value)}
            />
          </label>
          <label>
            <span className="muted">{t("setup.search")}</span>
            <input
              type="search"
              defaultValue={options["text"] ?? ""}
              onChange={(event) => change("text", event.target.value)}
            />
          </label>
          <label>
            <input type="checkbox" checked={needs} onChange={() => change("needs", needs ? "" : "reason")} />
            {t("stops.needs")}
          </label>
          {machines === "all" || needs ? null : (
            <button type="button" onClick={() => go({ options: { machines: null } })}>
              {t("pareto.machines")}: {t("pareto.machines.kpi")} ×
            </button>
          )}
          {filter.reason === null && filter.state === null ? null : (
            <button type="button" onClick={() => go({ options: { reason: null, state: null } })}>
              {filterText(desk, filter.reason, filter.state)} ×
            </button>
          )}
        </div>
        {problem === null ? null : (
          <p role="alert">
            <ProblemText t={t} of={problem} />
          </p>
        )}
        {cut ? <p role="alert">{t("stops.cut", { count: rows.length })}</p> : null}
        <div className="entering">
          <Entries state={state} onEnter={enter} onDecide={(id, word) => outbox.decide(id, word)} />
        </div>
        <Timelines rows={shown} onChoose={(row) => void open(row)} />
        <div className="stops-head">
          <p role="status">
            {asking && rows.length === 0 ? t("desk.asking") : t("stops.shown", { count: shown.length })}
          </p>
          {asking ? (
            <button type="button" onClick={cancel}>
              {t("desk.cancel")}
            </button>
          ) : null}
          <CsvButton name="stops" columns={columns} rows={shown} />
        </div>
        {shown.length === 0 && !asking && !(cut && rows.length === 0) ? (
          <p className="muted">{t(rows.length === 0 ? "desk.nothing" : "stops.noneLeft")}</p>
        ) : (
          <StopGrid columns={columns} rows={shown} onChoose={(row) => void open(row)} />
        )}
        <dialog
          ref={dialog}
          className="correct entering"
          aria-label={t("stops.correct")}
          onClose={() => setChosen(null)}
        >
          {chosen === null ? null : (
            <>
              <CorrectStop row={chosen} onEnter={enter} onClose={close} />
              <RowHistory row={chosen} />
              <EventsLink row={chosen} onGo={close} />
              <Corrected row={chosen} onClear={enter} />
            </>
          )}
        </dialog>
      </PlaceContext.Provider>
    </ReasonsTextsContext.Provider>
  );
}

/** The dialog of a stop: its history for everybody, and the choice of a reason for those who may give one. */
function CorrectStop(props: {
  readonly row: StopRow;
  readonly onEnter: (entry: Entry) => void;
  readonly onClose: () => void;
}): ReactElement {
  const { row, onEnter, onClose } = props;
  const { t } = useDesk();
  const whyNot = useWhyNot("operator", row.machine);
  if (whyNot === null) return <Picker key={keyOf(row)} row={row} onEnter={onEnter} onClose={onClose} />;
  return (
    <p>
      <WhyNot id="correct-why" why={whyNot} />{" "}
      <button type="button" onClick={onClose}>
        {t("desk.close")}
      </button>
    </p>
  );
}

/** Who corrected a stop, with a button that clears the correction, for those who may. */
function Corrected(props: { readonly row: StopRow; readonly onClear: (entry: Entry) => void }): ReactElement | null {
  const { row, onClear } = props;
  const { t } = useDesk();
  const whyNot = useWhyNot("supervisor", row.machine);
  const { correctedBy } = row;
  if (correctedBy === null) return null;
  return (
    <p className="correct-clear">
      {t("stops.correctedBy", { by: correctedBy })}{" "}
      <button
        type="button"
        className="side"
        disabled={whyNot !== null}
        aria-describedby={whyNot === null ? undefined : "clear-why"}
        onClick={() => onClear(clearOf(row, correctedBy))}
      >
        {t("stops.clear")}
      </button>
      <WhyNot id="clear-why" why={whyNot} />
    </p>
  );
}

/** A link to the machine's raw events, from a minute before the stop to a minute after it. */
function EventsLink(props: { readonly row: StopRow; readonly onGo: () => void }): ReactElement {
  const { row, onGo } = props;
  const { t, go, href } = useDesk();
  const at = (text: string, moved: number): string => new Date(Date.parse(text) + moved).toISOString();
  const to = {
    view: "events",
    scope: row.machine,
    options: { period: null, from: at(row.from, -MINUTE_MS), to: at(row.to, MINUTE_MS) },
  } as const;
  const move = (): void => {
    onGo();
    go(to);
  };
  return (
    <p>
      <a href={href(to)} onClick={(event) => follow(event, move)}>
        {t("events.ofStop")}
      </a>
    </p>
  );
}

/** Gives the texts by which a row can be found; each name is looked up once, however many rows have it. */
function wordsOf(desk: Desk): (row: StopRow) => readonly string[] {
  const known = new Map<string, string>();
  const small = (key: string | null, name: (key: string) => string): string => {
    if (key === null) return "";
    let word = known.get(key);
    if (word === undefined) known.set(key, (word = name(key).toLowerCase()));
    return word;
  };
  const same = (text: string): string => text;
  return ({ machine, reason, product, shift, correctedBy }) => [
    small(machine, (path) => `${nameOf(desk, path)} ${path}`),
    small(reason, (path) => `${desk.reasons.nameOf(path)} ${path}`),
    small(product, same),
    small(shift, same),
    small(correctedBy, same),
  ];
}

/** The correction that clears a person's correction of a stop, so that the machine's own state and reason hold again (TL-7). */
function clearOf(row: StopRow, saidBy: string): Entry {
  const [from, to] = [Date.parse(row.from), row.open ? null : Date.parse(row.to)];
  return {
    kind: "undo",
    id: newId(),
    of: null,
    machine: row.machine,
    stop: row.stop,
    from,
    to,
    parts: [{ from, to, reason: row.reason }],
    saidBy,
    seen: { state: row.state, reason: null, correctedBy: null },
    at: serverNow(),
    by: whoEnters(),
  };
}

function filterText({ t, reasons }: Desk, reason: string | null, state: string | null): string {
  if (state !== null) return t(`state.${state}` as TextKey);
  return reason === "none" ? t("desk.noReason") : reasons.nameOf(reason ?? "");
}

function stopColumns(desk: Desk): readonly Column<StopRow>[] {
  const { t, values, reasons } = desk;
  const word = (name: "shift" | "product" | "correctedBy"): Column<StopRow> => ({
    name,
    label: t(`column.${name}`),
    value: (row) => row[name],
    text: (row) => row[name] ?? "–",
  });
  return [
    {
      name: "machine",
      label: t("scope.machine"),
      value: ({ machine }) => machine,
      text: ({ machine }) => nameOf(desk, machine),
    },
    {
      ...instantColumn<StopRow>(desk, "from", ({ from }) => from),
      text: ({ from, machine }) => instantAt(desk, from, machine),
    },
    {
      name: "duration",
      label: t("column.length"),
      value: ({ duration }) => duration,
      text: ({ duration, open }) => `${values.duration(duration)}${open ? ` (${t("reasons.goesOn")})` : ""}`,
    },
    {
      name: "state",
      label: t("by.state"),
      value: ({ state }) => state,
      text: ({ state }) => t(`state.${state}` as TextKey),
    },
    {
      name: "reason",
      label: t("column.reason"),
      value: ({ reason }) => reason,
      text: ({ reason }) =>
        reason === null ? t("desk.noReason") : [...reasons.namesAbove(reason), reasons.nameOf(reason)].join(" › "),
    },
    {
      name: "minor",
      label: t("column.minor"),
      value: ({ minor }) => minor,
      text: ({ minor }) => (minor ? t("sign.minorStop") : ""),
    },
    word("shift"),
    word("product"),
    word("correctedBy"),
  ];
}
