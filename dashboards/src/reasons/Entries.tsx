import { isInScope } from "@oee/model/paths";
import type { ReactElement } from "react";
import type { Entry, ReasonEntry } from "../shared/corrections/entry.ts";
import type { OutboxState, Pending } from "../shared/corrections/outbox.ts";
import { usePlace } from "./place.ts";
import { CodeText } from "./ProblemText.tsx";
import { useTexts } from "./texts/use-texts.ts";

const DONE_SHOWN_MAX = 3;

/** The entries of this browser: those being sent, those that need a decision since others changed the stop, and those that may be taken back. */
export function Entries(props: {
  readonly state: OutboxState;
  readonly onUndo: (entry: ReasonEntry) => void;
  readonly onDecide: (id: string, decision: "overwrite" | "drop") => void;
}): ReactElement | null {
  const { state, onUndo, onDecide } = props;
  const t = useTexts();
  const { plant, scope } = usePlace();
  const here = ({ machine }: Entry): boolean => isInScope(machine, scope.path);
  const pending = state.pending.filter(({ entry }) => here(entry));
  const done = state.done.filter((entry) => here(entry) && plant.scope(entry.machine) !== undefined);
  if (pending.length + done.length === 0) return null;
  return (
    <div className="entries">
      {pending.map((each) => (
        <PendingEntry key={each.entry.id} pending={each} onDecide={onDecide} />
      ))}
      {done.slice(0, DONE_SHOWN_MAX).map((entry) => (
        <div key={entry.id} className="entry" data-stage="done">
          <p>
            <span className="muted">{t("reasons.entered")}</span>
            <EntryText entry={entry} />
          </p>
          <button type="button" className="side" onClick={() => onUndo(entry)}>
            {t("reasons.undo")}
          </button>
        </div>
      ))}
    </div>
  );
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
  const needsSomeone = stage === "conflict" || stage === "gone" || stage === "refused";
  return (
    <div className="entry" data-stage={stage} role={needsSomeone ? "alert" : undefined}>
      <p>
        <PendingText pending={pending} />
        <EntryText entry={entry} />
      </p>
      {stage === "waiting" || stage === "others" ? button(t("reasons.undo"), "drop") : null}
      {stage === "conflict" ? (
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
  const { reasons } = usePlace();
  switch (stage) {
    case "waiting":
      return <span className="muted">{t("reasons.waiting")}</span>;
    case "others":
      return <span className="muted">{t("reasons.others", { by: entry.by })}</span>;
    case "taken":
      return <span className="muted">{t(entry.kind === "undo" ? "reasons.undoing" : "reasons.onItsWay")}</span>;
    case "conflict": {
      const by = now?.correctedBy ?? t("reasons.somebody");
      const reason = now?.reason ?? null;
      return (
        <span>
          {reason === null
            ? t("reasons.conflictNone", { by })
            : t("reasons.conflict", { by, reason: reasons.nameOf(reason) })}
        </span>
      );
    }
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
