/** A button that opens a dialog with a form: fields, refusals, send and cancel. The dialog closes when the form was accepted. */
import { type FormEvent, type ReactElement, type ReactNode, useId, useRef } from "react";
import { ProblemText } from "../reasons/ProblemText.tsx";
import { WhyNot } from "./WhyNot.tsx";
import { type TextOf, textsOf } from "./form-text.ts";
import type { DeskTranslate } from "./desk-context.ts";
import { RequiredNote } from "./RequiredNote.tsx";

export function FormDialog(props: {
  readonly t: DeskTranslate;
  /** The text of the button, and the title of the dialog. */
  readonly label: string;
  readonly submitLabel: string;
  readonly problem: Error | null;
  readonly busy?: boolean;
  /** Why the person may not use the form; `null`: they may. */
  readonly whyNot?: string | null;
  /** Sends the form; resolves with whether it was accepted. */
  readonly onSubmit: (text: TextOf) => Promise<boolean>;
  /** The fields. */
  readonly children: ReactNode;
}): ReactElement {
  const { t, label, submitLabel, problem, busy = false, whyNot = null, onSubmit, children } = props;
  const whyId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    if (await onSubmit(textsOf(event))) dialog.current?.close();
  };
  return (
    <>
      <button
        type="button"
        disabled={whyNot !== null}
        aria-describedby={whyNot === null ? undefined : whyId}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <WhyNot id={whyId} why={whyNot} />
      <dialog ref={dialog} aria-label={label}>
        <form className="form" onSubmit={(event) => void submit(event)}>
          <h2>{label}</h2>
          {children}
          {problem === null ? null : (
            <p role="alert">
              <ProblemText t={t} of={problem} />
            </p>
          )}
          <RequiredNote t={t} />
          <p className="form-buttons">
            <button type="submit" className="primary" disabled={busy}>
              {submitLabel}
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
