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
}

export function useCoverage(span: Span): Coverage {
  const { scope } = useDesk();
  const { table } = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...span }));
  const share = table?.rows[0]?.kpis.coverage ?? null;
  return { share, nothing: share === null || share === 0, weak: share === null || share < COVERAGE_MIN };
}
