/** Writes a line of the audit about the export of a table that names people; an answer as JSON, which pages show, is no export. */
import { formatInstant } from "@oee/model";
import type { FastifyRequest } from "fastify";
import type { Format } from "../tabular/send-table.ts";
import type { RouteContext } from "./context.ts";

interface Exported {
  readonly table: string;
  readonly scope: string;
  readonly format: Format;
  /** The period of the table (epoch ms). */
  readonly period?: { readonly from: number; readonly to: number };
}

/** Whether rows of stops name who corrected them. */
export function namesPeople(rows: readonly { readonly correctedBy: string | null }[]): boolean {
  return rows.some(({ correctedBy }) => correctedBy !== null);
}

/** Resolves when the line is durable. A read-only gateway writes none, for its answers name nobody. */
export async function auditExport(
  { options, note }: Pick<RouteContext, "options" | "note">,
  request: FastifyRequest,
  { table, scope, format, period }: Exported,
): Promise<void> {
  if (format === "json" || options.readOnly === true) return;
  const span = period === undefined ? {} : { from: formatInstant(period.from), to: formatInstant(period.to) };
  const after = { table, ...span, format };
  await note(request, { kind: "personal-data-exported", what: "", scope, before: null, after });
}
