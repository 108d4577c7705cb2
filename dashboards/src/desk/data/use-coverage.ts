/** For how much of the scheduled time there is data: what every answer about a span rests on. */
import { apiUrl } from "../../shared/api/ask.ts";
import { useDesk } from "../desk-context.ts";
import { COVERAGE_MIN } from "../measures.ts";
import type { Span } from "../period.ts";
import type { Element } from "./rows.ts";
import { useTable } from "./use-table.ts";

export interface Coverage {
  /** `null`: nothing was scheduled, or it is not known yet. */
  readonly share: number | null;
  /** Nothing is known of the span, so that a sum of it says nothing. */
  readonly nothing: boolean;
  readonly weak: boolean;
  /** All that is known of the span. */
  readonly element: Element | null;
}

export function useCoverage(span: Span): Coverage {
  const { scope } = useDesk();
  const { table } = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...span }));
  const element = table?.rows[0] ?? null;
  const share = element?.kpis.coverage ?? null;
  return { element, share, nothing: share === null || share === 0, weak: share === null || share < COVERAGE_MIN };
}
