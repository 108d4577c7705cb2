/** Shows an answer when it has come; until then that it is on its way, how to stop that, and what went wrong. */
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
