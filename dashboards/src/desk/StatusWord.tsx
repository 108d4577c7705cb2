import type { ReactElement } from "react";
import { useDesk } from "./desk-context.ts";
import { wordOf } from "./words.ts";

/** A status in words, with a sign that is understood without its colour (W-2). */
export function StatusWord(props: { readonly status: string | null }): ReactElement {
  const desk = useDesk();
  const { status } = props;
  const word = wordOf(desk, status);
  return status === null ? (
    <>{word}</>
  ) : (
    <span className="status" data-status={status}>
      {word}
    </span>
  );
}
