/**
 * Shows an answer of the API once it has come; before that a note that it is awaited, with a button to cancel, or the error.
 * `beside`: answers whose figures stand beside those of the first. Nothing is shown before they came, for what is still awaited
 * must not look like what is not known; where one fails, its error stands above the first answer.
 */
import type { ReactElement, ReactNode } from "react";
import { ProblemText } from "../reasons/ProblemText.tsx";
import { Awaited } from "./Awaited.tsx";
import type { Asked, Table } from "./data/use-table.ts";
import { useDesk } from "./desk-context.ts";

export function Answered<T>(props: {
  readonly asked: Asked<T>;
  readonly beside?: readonly Asked<unknown>[];
  readonly children: (table: Table<T>) => ReactNode;
}): ReactElement {
  const { asked, beside = [], children } = props;
  const { t } = useDesk();
  const all: readonly Asked<unknown>[] = [asked, ...beside];
  const asking = all.some((each) => each.asking);
  const cancel = (): void => all.filter((each) => each.asking).forEach((each) => each.cancel());
  const cancelled = all.filter((each) => each.cancelled);
  const { table } = asked;
  const areThere = beside.every((each) => each.table !== null || each.problem !== null);
  return (
    <div className="answered" aria-busy={asking}>
      {all.map((each, i) => (
        <Problem key={i} of={each} />
      ))}
      {cancelled.length === 0 ? null : (
        <p role="alert">
          {t("desk.cancelled")}{" "}
          <button type="button" onClick={() => cancelled.forEach((each) => each.again())}>
            {t("desk.again")}
          </button>
        </p>
      )}
      {asking ? <Awaited all={all} onCancel={cancel} /> : null}
      {table === null || !areThere ? null : <div className={asking ? "old" : undefined}>{children(table)}</div>}
    </div>
  );
}

/** Why there is no answer, with a button to ask again; nothing where it came, is awaited or was cancelled. */
export function Problem(props: { readonly of: Asked<unknown> }): ReactElement | null {
  const { problem, again } = props.of;
  const { t } = useDesk();
  if (problem === null) return null;
  return (
    <p role="alert">
      <ProblemText t={t} of={problem} />{" "}
      <button type="button" onClick={again}>
        {t("desk.again")}
      </button>
    </p>
  );
}
