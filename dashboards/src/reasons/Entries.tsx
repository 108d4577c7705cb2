import { isInScope } from "@oee/model/paths";
import type { ReactElement } from "react";
import { type Entry, givingBack, type Standing, undoOf } from "../shared/corrections/entry.ts";
import type { Done, OutboxState, Pending } from "../shared/corrections/outbox.ts";
import { serverNow } from "../shared/api/server-time.ts";
import { usePlace } from "./place.ts";
import { CodeText } from "./ProblemText.tsx";
import { useTexts } from "./texts/use-texts.ts";

const DONE_SHOWN_MAX = 3;

/** The entries of this browser: those being sent, those that need a decision since others changed the stop, and those that may be taken back. */
export function Entries(props: {
  readonly state: OutboxState;
  readonly onEnter: (entry: Entry) => void;
  readonly onDecide: (id: string, decision: "overwrite" | "drop") => void;
}): ReactElement | null {
  const { state, onEnter, onDecide } = props;
  const t = useTexts();
  const { plant, scope } = usePlace();
  const here = ({ machine }: Entry): boolean => isInScope(machine, scope.path);
  const pending = state.pending.filter(({ entry }) => here(entry));
  const done = state.done.filter(
    (entry) => here(entry) && plant.scope(entry.machine) !== undefined && takingBack(entry) !== null,
  );
  if (pending.length + done.length === 0) return null;
  return (
    <div className="entries">
      {pending.map((each) => (
        <PendingEntry key={each.entry.id} pending={each} onDecide={onDecide} />
      ))}
      {done.slice(0, DONE_SHOWN_MAX).map((entry) => (
        <div key={entry.id} className="entry" data-stage="done">
          <p>
            <span className="muted">{t(entry.kind === "undo" ? "reasons.takenBack" : "reasons.entered")}</span>
            <EntryText entry={entry} />
            <OverText entry={entry} />
          </p>
          <button type="button" className="side" onClick={() => onEnter(takingBack(entry) ?? entry)}>
            {t("reasons.undo")}
          </button>
        </div>
      ))}
    </div>
  );
}

/** The entry that takes back one in effect; `null`: it is an undo that took the place of no reason. */
function takingBack(entry: Done): Entry | null {
  if (entry.kind === "reason") return undoOf(entry, serverNow());
  const reason = entry.over?.reason ?? null;
  return reason === null ? null : givingBack(entry, reason, serverNow());
}

function EntryText(props: { readonly entry: Entry }): ReactElement {
  const { entry } = props;
  const { plant, scope, format, reasons } = usePlace();
  const machine = plant.scope(entry.machine);
  const names = entry.parts.map(({ reason }) => (reason === null ? "–" : reasons.nameOf(reason))).join(", ");
  return (
    <span className="entry-what">
      <b>{names}</b> {machine?.name ?? entry.machine}{" "}
      {format.timeOfDay(entry.from, machine?.timezone ?? scope.timezone)}
    </span>
  );
}

function PendingEntry(props: {
  readonly pending: Pending;
  readonly onDecide: (id: string, decision: "overwrite" | "drop") => void;
}): ReactElement {
  const { pending, onDecide } = props;
  const { entry, stage } = pending;
  const t = useTexts();
  const button = (label: string, decision: "overwrite" | "drop"): ReactElement => (
    <button type="button" className="side" onClick={() => onDecide(entry.id, decision)}>
      {label}
    </button>
  );
  const asks = stage === "conflict" || stage === "replaced";
  const needsSomeone = asks || stage === "gone" || stage === "refused";
  return (
    <div className="entry" data-stage={stage} role={needsSomeone ? "alert" : undefined}>
      <p>
        <PendingText pending={pending} />
        <EntryText entry={entry} />
      </p>
      {stage === "waiting" || stage === "others" ? button(t("reasons.undo"), "drop") : null}
      {asks ? (
        <>
          {button(t("reasons.keepTheirs"), "drop")}
          {button(t("reasons.replace"), "overwrite")}
        </>
      ) : null}
      {stage === "gone" || stage === "refused" ? button(t("reasons.dismiss"), "drop") : null}
    </div>
  );
}

function PendingText(props: { readonly pending: Pending }): ReactElement {
  const { entry, stage, now, code, problem } = props.pending;
  const t = useTexts();
  switch (stage) {
    case "waiting":
      return <span className="muted">{t("reasons.waiting")}</span>;
    case "others":
      return <span className="muted">{t("reasons.others", { by: entry.by })}</span>;
    case "taken":
      return <span className="muted">{t(entry.kind === "undo" ? "reasons.undoing" : "reasons.onItsWay")}</span>;
    case "conflict":
    case "replaced":
      return <StandingText entry={entry} stage={stage} now={now} />;
    case "gone":
      return <span>{t("reasons.gone")}</span>;
    case "refused":
      return (
        <span>
          {t("reasons.refused")} <CodeText t={t} code={code ?? ""} detail={problem ?? ""} />
        </span>
      );
    default:
      return stage satisfies never;
  }
}

/** Who entered what instead, and when. */
function StandingText(props: {
  readonly entry: Entry;
  readonly stage: "conflict" | "replaced";
  readonly now: Standing | null;
}): ReactElement {
  const { entry, stage, now } = props;
  const t = useTexts();
  const { reasons } = usePlace();
  const by = now?.by ?? now?.correctedBy ?? t("reasons.somebody");
  const reason = now?.reason ?? null;
  return (
    <>
      <span>
        {reason === null
          ? t(`reasons.${stage}None`, { by })
          : t(`reasons.${stage}`, { by, reason: reasons.nameOf(reason) })}{" "}
      </span>
      <Made entry={entry} of={now} />
    </>
  );
}

/** What another person had entered a moment before, which an entry in effect took the place of. */
function OverText(props: { readonly entry: Done }): ReactElement | null {
  const { entry } = props;
  const t = useTexts();
  const { reasons } = usePlace();
  const { over } = entry;
  if (over === undefined) return null;
  const by = over.by ?? t("reasons.somebody");
  return (
    <>
      <span role="status">
        {t("reasons.over", { by, reason: over.reason === null ? "–" : reasons.nameOf(over.reason) })}{" "}
      </span>
      <Made entry={entry} of={over} />
    </>
  );
}

/** When what stands was entered. */
function Made(props: { readonly entry: Entry; readonly of: Standing | null }): ReactElement | null {
  const { entry, of } = props;
  const t = useTexts();
  const { plant, scope, format } = usePlace();
  if (of === null || typeof of.at !== "number") return null;
  const zone = plant.scope(entry.machine)?.timezone ?? scope.timezone;
  return <span className="muted">{t("reasons.made", { time: format.clockInstant(of.at, serverNow(), zone) })} </span>;
}
