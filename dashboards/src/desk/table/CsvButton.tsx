import { type ReactElement, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { post } from "../data/post.ts";
import { useDesk } from "../desk-context.ts";
import { download } from "../download.ts";
import type { Span } from "../period.ts";
import { type CsvDecimal, csvOf, type CsvValue, type Dialect } from "./csv.ts";
import type { Column } from "./column.ts";
import { dialectIn, keepDialect } from "./dialect.ts";

function written<R>({ numeric }: Column<R>, value: CsvValue): CsvValue | CsvDecimal {
  return numeric === true && typeof value === "string" ? { decimal: value } : value;
}

/** A button that saves a table as CSV, with its dialect. A table that names people is saved only once the audit has a line of it. */
export function CsvButton<R>(props: {
  readonly name: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly span?: Span | undefined;
}): ReactElement {
  const { name, columns, rows, span = {} } = props;
  const { t, locale, scope } = useDesk();
  const [dialect, setDialect] = useState(() => dialectIn(locale));
  const [problem, setProblem] = useState<Error | null>(null);
  const change = (part: Partial<Dialect>): void => {
    const next = { ...dialect, ...part };
    setDialect(next);
    keepDialect(next);
  };
  const save = async (): Promise<void> => {
    if (rows.some((row) => columns.some(({ person }) => person?.(row) === true))) {
      const refused = await post("/exports", { table: name, scope: scope.path, format: "csv", ...span });
      setProblem(refused);
      if (refused !== null) return;
    }
    const text = csvOf(
      columns.map((column) => column.name),
      rows.map((row) => columns.map((column) => written(column, column.value(row)))),
      dialect,
    );
    const file = `${name}-${scope.path === "*" ? "all" : scope.path.replace(/[^\w.-]+/g, "-")}.csv`;
    download(file, new Blob([text], { type: "text/csv;charset=utf-8" }));
  };
  return (
    <span className="csv">
      <button type="button" onClick={() => void save()}>
        CSV
      </button>
      <details>
        <summary aria-label={t("csv.dialect")} title={t("csv.dialect")}>
          ⋯
        </summary>
        <div className="csv-dialect">
          <label>
            {t("csv.separator")}
            <select
              value={dialect.separator}
              onChange={(event) => change({ separator: event.target.value as Dialect["separator"] })}
            >
              <option value=",">,</option>
              <option value=";">;</option>
              <option value={"\t"}>Tab</option>
            </select>
          </label>
          <label>
            {t("csv.decimal")}
            <select
              value={dialect.decimal}
              onChange={(event) => change({ decimal: event.target.value as Dialect["decimal"] })}
            >
              <option value=".">1.5</option>
              <option value=",">1,5</option>
            </select>
          </label>
          <label>
            <input
              type="checkbox"
              checked={dialect.byteOrderMark}
              onChange={(event) => change({ byteOrderMark: event.target.checked })}
            />
            {t("csv.bom")}
          </label>
        </div>
      </details>
      {problem === null ? null : (
        <span role="alert">
          {t("csv.notTold")} <ProblemText t={t} of={problem} />
        </span>
      )}
    </span>
  );
}
