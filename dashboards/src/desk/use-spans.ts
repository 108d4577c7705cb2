/** The spans of a choice of period; periods of the calendar are asked of the server. */
import type { PlantScope } from "@oee/protocol";
import { useMemo } from "react";
import { apiUrl } from "../shared/api/ask.ts";
import type { Element } from "./data/rows.ts";
import { useTable } from "./data/use-table.ts";
import { calendarQuestion, type PeriodChoice, type Spans, spansAmong, spansOf } from "./period.ts";

/** The spans, `null` until they are known; and the error if the server did not answer. */
export function useSpans(scope: PlantScope | undefined, choice: PeriodChoice): readonly [Spans | null, Error | null] {
  const url =
    scope === undefined || choice.kind !== "calendar"
      ? null
      : apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...calendarQuestion(choice.name) });
  const { table, asking, problem } = useTable<Element>(url);
  const spans = useMemo(() => {
    if (choice.kind !== "calendar") return spansOf(choice);
    return table === null || asking ? null : spansAmong(choice.name, table.rows);
  }, [choice, table, asking]);
  return [spans, problem];
}
