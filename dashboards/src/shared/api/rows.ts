/** Rows in the HTTP API's JSON answers, by what a page calls them: of `GET /stops`, `GET /reasons/missing` and `GET /pareto`. */
export type { MissingAnswer as MissingRow, ParetoElement as ParetoRow, StopAnswer as StopRow } from "@oee/protocol";
