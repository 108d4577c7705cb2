/** Shows an answer of the API once it has come; before that a note that it is awaited, with a button to cancel, or the error. */
import type { ReactElement, ReactNode } from "react";
import type { Asked, Table } from "./data/use-table.ts";
import { useDesk } from "./desk-context.ts";

export function Answered<T>(props: {
  readonly asked: Asked<T>;
  readonly children: (table: Table<T>) => ReactNode;
}): ReactElement {
  const { asked, children } = props;
  const { t } = useDesk();
  const { table, asking, problem } = asked;
  return (
    <div className="answered" aria-busy={asking}>
      {problem === null ? null : (
        <p role="alert">
          {problem}{" "}
          <button type="button" onClick={asked.again}>
            {t("desk.again")}
          </button>
        </p>
      )}
      {asking ? (
        <p role="status" className="asking">
          {t("desk.asking")}{" "}
          <button type="button" onClick={asked.cancel}>
            {t("desk.cancel")}
          </button>
        </p>
      ) : null}
      {table === null ? null : <div className={asking ? "old" : undefined}>{children(table)}</div>}
    </div>
  );
}
