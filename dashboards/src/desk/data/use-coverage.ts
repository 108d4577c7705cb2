/** The coverage of a span: the share of scheduled time of which there are data. */
import { apiUrl } from "../../shared/api/ask.ts";
import { useDesk } from "../desk-context.ts";
import { COVERAGE_MIN } from "../measures.ts";
import type { Span } from "../period.ts";
import type { Element } from "./rows.ts";
import { type Asked, useTable } from "./use-table.ts";

export interface Coverage {
  /** The coverage, 0 to 1; `null`: nothing was scheduled, or it is not known yet. */
  readonly share: number | null;
  /** Whether nothing is known of the span, so that its sums are not shown as 0. */
  readonly nothing: boolean;
  readonly weak: boolean;
  /** The element of the span; `null`: it has not come yet. */
  readonly element: Element | null;
  readonly asked: Asked<Element>;
}

export function useCoverage(span: Span): Coverage {
  const { scope } = useDesk();
  const asked = useTable<Element>(apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...span }));
  const element = asked.table?.rows[0] ?? null;
  const share = element?.kpis.coverage ?? null;
  const nothing = share === null || share === 0;
  return { element, asked, share, nothing, weak: share === null || share < COVERAGE_MIN };
}
