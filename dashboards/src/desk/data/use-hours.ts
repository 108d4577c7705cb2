/** The elements of the machines of a scope by hour, for the background of timelines: `/kpis` of at most two days. */
import { useMemo } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { useDesk } from "../desk-context.ts";
import { absolute } from "../PeriodPicker.tsx";
import type { Span } from "../period.ts";
import type { Element } from "./rows.ts";
import { useTable } from "./use-table.ts";

const SPAN_MAX_MS = 2 * 86_400_000;

/** Elements by machine; empty for longer spans, and until the answer has come. */
export function useHours(span: Span, wanted: boolean): ReadonlyMap<string, readonly Element[]> {
  const { scope } = useDesk();
  const length = Date.parse(absolute(span.to)) - Date.parse(absolute(span.from));
  const { table } = useTable<Element>(
    wanted && length <= SPAN_MAX_MS
      ? apiUrl("/kpis", { scope: scope.path, by: "machine", every: "hour", ...span })
      : null,
  );
  return useMemo(() => {
    const byMachine = new Map<string, Element[]>();
    for (const element of table?.rows ?? []) {
      const hours = byMachine.get(element.scope);
      if (hours === undefined) byMachine.set(element.scope, [element]);
      else hours.push(element);
    }
    return byMachine;
  }, [table]);
}
