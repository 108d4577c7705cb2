import type { ReactElement } from "react";

/** The reason beside a disabled control, read out with it by `aria-describedby`; nothing where there is no reason. */
export function WhyNot(props: { readonly id: string; readonly why: string | null }): ReactElement | null {
  const { id, why } = props;
  return why === null ? null : (
    <span id={id} role="note" className="muted why-not">
      {why}
    </span>
  );
}
