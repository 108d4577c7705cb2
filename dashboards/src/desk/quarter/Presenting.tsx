/** Presenting freezes the review as it is now (RV-3); signing signs what was presented; what would differ now is told beside it (RV-4). */
import type { DifferencesAnswer, PresentedAnswer, ReviewAnswer } from "@oee/protocol";
import { type FormEvent, type ReactElement, useRef } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { Answered } from "../Answered.tsx";
import { textsOf } from "../form-text.ts";
import { useTable } from "../data/use-table.ts";
import { useDesk } from "../desk-context.ts";
import { DataTable } from "../table/DataTable.tsx";
import { useSending } from "../use-sending.ts";
import { NOT_KNOWN } from "../values.ts";
import { WhoField } from "../WhoField.tsx";
import { nameOfPeriod, periodOfEntry } from "./name-of-period.ts";

export function PresentButton(props: {
  readonly review: ReviewAnswer;
  readonly onPresented: (id: string) => void;
}): ReactElement {
  const { review, onPresented } = props;
  const { t, scope } = useDesk();
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, problem, send } = useSending();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    const text = textsOf(event);
    const note = text("note");
    const taken = await send("/reviews", {
      ...{ id: text("id"), by: text("by"), scope: scope.path, period: periodOfEntry(review) },
      ...(note === "" ? {} : { note }),
    });
    if (!taken) return;
    dialog.current?.close();
    onPresented(text("id"));
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        {t("present.button")}
      </button>
      <dialog ref={dialog} aria-label={t("present.button")}>
        <form className="form" onSubmit={(event) => void submit(event)}>
          <h2>{t("present.button")}</h2>
          <p>{t("present.what")}</p>
          <label>
            {t("present.id")}
            <input name="id" required defaultValue={proposedId(nameOfPeriod(review), scope.path)} pattern="[\w.\-]+" />
          </label>
          <WhoField />
          <label>
            {t("present.note")}
            <input name="note" />
          </label>
          {problem === null ? null : <p role="alert">{problem}</p>}
          <p className="form-buttons">
            <button type="submit" className="primary" disabled={busy}>
              {t("present.button")}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              {t("desk.cancel")}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

function proposedId(period: string, scope: string): string {
  return `${scope === "*" ? "all" : scope}-${period}`.toLowerCase().replace(/[^\w.-]+/g, "-");
}

export function SignOffs(props: { readonly presented: PresentedAnswer; readonly onSigned: () => void }): ReactElement {
  const { presented, onSigned } = props;
  const { t, format, scope } = useDesk();
  const { busy, problem, send } = useSending();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    const text = textsOf(event);
    const { id, digest, rev } = presented;
    const signature = { by: text("by"), role: text("role"), digest, rev: rev + 1 };
    if (await send(`/reviews/${encodeURIComponent(id)}/sign-offs`, signature)) onSigned();
  };
  return (
    <>
      <DataTable
        name="signOffs"
        caption={t("present.signOffs")}
        columns={[
          { name: "by", label: t("present.by"), value: ({ by }) => by, text: ({ by }) => by },
          { name: "role", label: t("present.role"), value: ({ role }) => role, text: ({ role }) => role },
          {
            name: "at",
            label: t("present.at"),
            value: ({ at }) => at,
            text: ({ at }) => format.instant(Date.parse(at), 0, scope.timezone),
          },
          {
            name: "digest",
            label: t("quarter.digest"),
            value: ({ digest }) => digest,
            text: ({ digest }) => (digest === presented.digest ? t("present.ofThis") : t("present.ofOther")),
          },
        ]}
        rows={presented.signOffs}
        keyOf={({ by, at }) => `${by} ${at}`}
      />
      <form className="form form-line" onSubmit={(event) => void submit(event)}>
        <WhoField />
        <label>
          {t("present.role")}
          <input name="role" required />
        </label>
        <button type="submit" className="primary" disabled={busy}>
          {t("present.sign")}
        </button>
      </form>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <div className="signatures" data-paper-only={true}>
        {[0, 1, 2].map((line) => (
          <div key={line}>{t("present.signature")}</div>
        ))}
      </div>
    </>
  );
}

const SHOWN_MAX = 100;

export function Differences(props: { readonly id: string; readonly turn: number }): ReactElement {
  const { id, turn } = props;
  const { t } = useDesk();
  const asked = useTable<DifferencesAnswer>(apiUrl(`/reviews/${encodeURIComponent(id)}/differences`), turn);
  return (
    <Answered asked={asked}>
      {({ rows: [answer] }) =>
        answer === undefined ? null : answer.differences.length === 0 ? (
          <p>{t("present.same")}</p>
        ) : (
          <>
            <p>{t("present.differs", { count: answer.differences.length, corrections: answer.since.corrections })}</p>
            <DataTable
              name="differences"
              caption={t("present.differences")}
              columns={[
                {
                  name: "figure",
                  label: t("column.measure"),
                  value: ({ figure }) => figure,
                  text: ({ figure }) => wordsOf(figure),
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
              rows={answer.differences.slice(0, SHOWN_MAX)}
              keyOf={({ figure }) => figure}
            />
            {answer.differences.length > SHOWN_MAX ? (
              <p className="muted">{t("desk.moreThan", { count: answer.differences.length - SHOWN_MAX })}</p>
            ) : null}
          </>
        )
      }
    </Answered>
  );
}

/** A JSON pointer into the document, with its slashes as steps. */
function wordsOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"))
    .join(" › ");
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
