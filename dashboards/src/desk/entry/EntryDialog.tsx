/**
 * The dialog of an entry of the programme (RE-1): to make, change, withdraw or reinstate it, with all its revisions. A revision that
 * somebody else made meanwhile is shown before it is replaced.
 */
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { apiUrl } from "../../shared/api/ask.ts";
import { textsOf } from "../form-text.ts";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { useSending } from "../use-sending.ts";
import { useWhyNot } from "../use-may.ts";
import { WhyNot } from "../WhyNot.tsx";
import { WhoField } from "../WhoField.tsx";
import { bodyOf, type FormValues, type Raw, revOf, valuesOf, withdrawnBody } from "./body.ts";
import { type Entered, FIELDS } from "./fields.ts";
import { FieldInput } from "./FieldInput.tsx";
import { plainText } from "./plain-text.ts";
import { Preview } from "./Preview.tsx";
import { refusedField } from "./refused-field.ts";
import { Revisions } from "./Revisions.tsx";
import { RequiredNote } from "../RequiredNote.tsx";

export interface Opened {
  readonly type: Entered;
  /** Id of the entry; `null`: a new entry. */
  readonly id: string | null;
}

export function EntryDialog(props: {
  readonly opened: Opened;
  readonly onClose: () => void;
  /** Called when a revision was accepted. */
  readonly onEntered: () => void;
}): ReactElement {
  const { opened, onClose, onEntered } = props;
  const { t } = useDesk();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="entry-dialog" aria-label={t(`entry.${opened.type}`)} onClose={onClose}>
      <h2>
        {t(`entry.${opened.type}`)} {opened.id ?? ""}
      </h2>
      {opened.id === null ? (
        <EntryForm type={opened.type} raw={null} trail={[]} onClose={onClose} onEntered={onEntered} />
      ) : (
        <Known type={opened.type} id={opened.id} onClose={onClose} onEntered={onEntered} />
      )}
    </dialog>
  );
}

function Known(props: {
  readonly type: Entered;
  readonly id: string;
  readonly onClose: () => void;
  readonly onEntered: () => void;
}): ReactElement {
  const { type, id } = props;
  const { t } = useDesk();
  const { table, problem } = useTable<Raw>(apiUrl("/entries", { type, id, revisions: "all" }));
  if (problem !== null)
    return (
      <p role="alert">
        <ProblemText t={t} of={problem} />
      </p>
    );
  if (table === null) return <p role="status">{t("desk.asking")}</p>;
  return <EntryForm {...props} raw={table.rows[table.rows.length - 1] ?? null} trail={table.rows} />;
}

function EntryForm(props: {
  readonly type: Entered;
  readonly raw: Raw | null;
  readonly trail: readonly Raw[];
  readonly onClose: () => void;
  readonly onEntered: () => void;
}): ReactElement {
  const { type, trail, onClose, onEntered } = props;
  const desk = useDesk();
  const { t, scope, plant } = desk;
  const [raw, setRaw] = useState(props.raw);
  const [values, setValues] = useState<FormValues>(() => valuesOf(type, props.raw, scope.path));
  const { busy, problem, refusal, send, forget } = useSending();
  const form = useRef<HTMLFormElement>(null);
  const fields = FIELDS[type];
  const refused = refusedField(refusal, fields);
  const newest = refusal?.code === "OEE_HTTP_CONFLICT" ? (refusal.more["newest"] as Raw | null) : null;
  const idOf = (text: (name: string) => string): string => (raw === null ? text("id") : String(raw["id"]));
  const body = (id: string): Raw => bodyOf(type, id, raw, values, plant.description.currency);
  const enter = async (entry: Raw, by: string): Promise<void> => {
    if (await send("/entries", { ...entry, by })) onEntered();
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    const text = textsOf(event);
    void enter(body(idOf(text)), text("by"));
  };
  const withdraw = (withdrawn: boolean): void => {
    const by = form.current === null ? "" : plainText(new FormData(form.current).get("by"));
    if (raw !== null) void enter(withdrawnBody(type, raw, withdrawn), by);
  };
  const isWithdrawn = raw?.["withdrawn"] === true;
  const whyNot = useWhyNot("supervisor", scopeOf(raw) ?? scope.path);
  return (
    <>
      <form ref={form} className="form" onSubmit={submit}>
        {raw === null ? (
          <label className="required">
            {t("entry.id")}
            <input name="id" required pattern="[\w.\-]+" title={t("entry.idWhy")} />
          </label>
        ) : null}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            type={type}
            field={field}
            values={values}
            onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
            refused={refused === field.name ? problem : null}
          />
        ))}
        {type === "baseline" ? <Preview entry={body("preview")} /> : null}
        <WhoField />
        {newest === null ? null : (
          <Conflict
            type={type}
            newest={newest}
            own={values}
            onTake={() => {
              setRaw(newest);
              setValues(valuesOf(type, newest, scope.path));
              forget();
            }}
            onKeep={() => {
              setRaw(newest);
              forget();
            }}
          />
        )}
        {problem === null || refused !== null || newest !== null ? null : (
          <p role="alert">
            <ProblemText t={t} of={problem} />
          </p>
        )}
        {isWithdrawn ? <p role="note">{t("entry.isWithdrawn")}</p> : null}
        <RequiredNote t={t} />
        <p className="form-buttons">
          <button
            type="submit"
            className="primary"
            disabled={busy || whyNot !== null}
            aria-describedby={whyNot === null ? undefined : "entry-why"}
          >
            {t("entry.enter")}
          </button>
          {raw === null ? null : (
            <button type="button" disabled={busy || whyNot !== null} onClick={() => withdraw(!isWithdrawn)}>
              {t(isWithdrawn ? "entry.again" : "entry.withdraw")}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {t("desk.cancel")}
          </button>
          <WhyNot id="entry-why" why={whyNot} />
        </p>
      </form>
      {trail.length === 0 ? null : <Revisions type={type} trail={trail} />}
    </>
  );
}

/** The scope of an entry, of a pilot its first; `null`: the entry is new. */
function scopeOf(raw: Raw | null): string | null {
  const scopes = raw?.["scopes"];
  const scope: unknown = raw?.["scope"] ?? (Array.isArray(scopes) ? scopes[0] : null);
  return typeof scope === "string" ? scope : null;
}

/** Shown when somebody else made a revision first: that revision, and the choice to keep or to replace it. */
function Conflict(props: {
  readonly type: Entered;
  readonly newest: Raw;
  readonly own: FormValues;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}): ReactElement {
  const { type, newest, onTake, onKeep } = props;
  const { t } = useDesk();
  return (
    <div role="alert" className="conflict">
      <p>{t("entry.conflict", { by: plainText(newest["by"]), rev: revOf(newest) })}</p>
      <Revisions type={type} trail={[newest]} open />
      <p className="form-buttons">
        <button type="button" onClick={onTake}>
          {t("entry.take")}
        </button>
        <button type="button" onClick={onKeep}>
          {t("entry.keep")}
        </button>
      </p>
    </div>
  );
}
