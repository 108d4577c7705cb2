/** The forms by which a review is presented, which freezes its document (RV-3), and by which the presented document is signed. */
import type { PresentedAnswer } from "@oee/protocol";
import { type FormEvent, type ReactElement, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { FormDialog } from "../FormDialog.tsx";
import { type TextOf, textsOf } from "../form-text.ts";
import { useDesk } from "../desk-context.ts";
import { DataTable } from "../table/DataTable.tsx";
import { useSending } from "../use-sending.ts";
import { useWhyNot } from "../use-may.ts";
import { WhyNot } from "../WhyNot.tsx";
import { WhoField } from "../WhoField.tsx";
import { type PeriodName, periodText } from "./name-of-period.ts";

export function PresentButton(props: {
  readonly period: PeriodName;
  readonly onPresented: (id: string) => void;
}): ReactElement {
  const { period, onPresented } = props;
  const { t, scope } = useDesk();
  const { busy, problem, send } = useSending();
  const present = async (text: TextOf): Promise<boolean> => {
    const note = text("note");
    const taken = await send("/reviews", {
      ...{ id: text("id"), by: text("by"), scope: scope.path, period },
      ...(note === "" ? {} : { note }),
    });
    if (taken) onPresented(text("id"));
    return taken;
  };
  const whyNot = useWhyNot("supervisor", scope.path);
  const label = t("present.button");
  return (
    <FormDialog
      t={t}
      label={label}
      submitLabel={label}
      problem={problem}
      busy={busy}
      whyNot={whyNot}
      onSubmit={present}
    >
      <p>{t("present.what")}</p>
      <label className="required">
        {t("present.id")}
        <input name="id" required defaultValue={proposedId(periodText(period), scope.path)} pattern="[\w.\-]+" />
      </label>
      <WhoField />
      <label>
        {t("present.note")}
        <input name="note" />
      </label>
    </FormDialog>
  );
}

function proposedId(period: string, scope: string): string {
  return `${scope === "*" ? "all" : scope}-${period}`.toLowerCase().replace(/[^\w.-]+/g, "-");
}

export function SignOffs(props: { readonly presented: PresentedAnswer; readonly onSigned: () => void }): ReactElement {
  const { presented, onSigned } = props;
  const { t, format, scope } = useDesk();
  const { busy, problem, send } = useSending();
  const whyNot = useWhyNot("supervisor", presented.scope);
  // The form is emptied once it was taken. Where somebody else signed first it stays, for it to be sent again beside their signature.
  const [taken, setTaken] = useState(0);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    const text = textsOf(event);
    const { id, digest, rev } = presented;
    const signature = { by: text("by"), role: text("role"), digest, rev: rev + 1 };
    if (await send(`/reviews/${encodeURIComponent(id)}/sign-offs`, signature)) setTaken((before) => before + 1);
    onSigned();
  };
  return (
    <>
      <DataTable
        name="signOffs"
        caption={t("present.signOffs")}
        columns={[
          { name: "by", label: t("present.signedBy"), value: ({ by }) => by, text: ({ by }) => by, person: () => true },
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
      <form key={taken} className="form form-line" onSubmit={(event) => void submit(event)}>
        <WhoField />
        <label className="required">
          {t("present.role")}
          <input name="role" required />
        </label>
        <button
          type="submit"
          className="primary"
          disabled={busy || whyNot !== null}
          aria-describedby={whyNot === null ? undefined : "sign-why"}
        >
          {t("present.sign")}
        </button>
        <WhyNot id="sign-why" why={whyNot} />
      </form>
      {problem === null ? null : (
        <p role="alert">
          <ProblemText t={t} of={problem} />
        </p>
      )}
      <div className="signatures" data-paper-only={true}>
        {[0, 1, 2].map((line) => (
          <div key={line}>{t("present.signature")}</div>
        ))}
      </div>
    </>
  );
}
