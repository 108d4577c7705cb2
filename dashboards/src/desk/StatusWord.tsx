import type { ReactElement } from "react";
import { useDesk } from "./desk-context.ts";
import { wordOf } from "./words.ts";

/** A verdict in its word, with a sign that does not need its colour (W-2). */
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
