/** The spans of a choice of period; those of the calendar as the server says where they begin. */
import type { PlantScope } from "@oee/protocol";
import { useMemo } from "react";
import { apiUrl } from "../shared/api/ask.ts";
import type { Element } from "./data/rows.ts";
import { useTable } from "./data/use-table.ts";
import { calendarQuestion, type PeriodChoice, type Spans, spansAmong, spansOf } from "./period.ts";

/** `null` until they are known; the second says why they are not. */
export function useSpans(scope: PlantScope | undefined, choice: PeriodChoice): readonly [Spans | null, string | null] {
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
