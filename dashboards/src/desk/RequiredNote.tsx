import type { ReactElement } from "react";
import type { DeskTranslate } from "./desk-context.ts";

/** What the mark means that a form's style sheet sets before each field that must be filled in; screen readers say it of the field. */
export function RequiredNote(props: { readonly t: DeskTranslate }): ReactElement {
  return (
    <small className="muted required-note" aria-hidden={true}>
      {props.t("form.required")}
    </small>
  );
}
