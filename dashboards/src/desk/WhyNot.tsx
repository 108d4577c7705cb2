import type { ReactElement } from "react";

/** Beside what is disabled, and read out with it (`aria-describedby`); nothing where nothing is. */
export function WhyNot(props: { readonly id: string; readonly why: string | null }): ReactElement | null {
  const { id, why } = props;
  return why === null ? null : (
    <span id={id} role="note" className="muted why-not">
      {why}
    </span>
  );
}
