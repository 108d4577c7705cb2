/** Tells the audit that somebody takes a table away that names people; JSON, of which pages are made, is none. */
import { formatInstant } from "@oee/model";
import type { FastifyRequest } from "fastify";
import type { Format } from "../tabular/send-table.ts";
import type { RouteContext } from "./context.ts";

interface Exported {
  readonly table: string;
  readonly scope: string;
  readonly format: Format;
  /** Epoch ms. */
  readonly period?: { readonly from: number; readonly to: number };
}

/** Resolves when the line is durable. A read-only gateway has no audit, and names nobody. */
export async function tellExported(
  { options, note }: Pick<RouteContext, "options" | "note">,
  request: FastifyRequest,
  { table, scope, format, period }: Exported,
): Promise<void> {
  if (format === "json" || options.readOnly === true) return;
  const span = period === undefined ? {} : { from: formatInstant(period.from), to: formatInstant(period.to) };
  const after = { table, ...span, format };
  await note(request, { kind: "personal-data-exported", what: "", scope, before: null, after });
}
