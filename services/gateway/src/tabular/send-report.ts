/**
 * Sends a report of the review in the format that `Accept` prefers: JSON has the whole document, CSV and Arrow have
 * its rows.
 */
import type { Period } from "@oee/calendar";
import type { FastifyReply } from "fastify";
import { answers } from "../schemas.ts";
import type { Column } from "./columns.ts";
import { type Format, sendTable, TABLE_PROBLEMS, TABLE_TYPES, tellSpan } from "./send-table.ts";

/** How the rows `R` of documents `D` are laid out. */
export interface Report<D, R> {
  readonly rows: (document: D) => readonly R[];
  readonly columns: readonly Column<R>[];
}

/** The documented answers of a route that sends a report. */
export function reportAnswers(description: string, schema: object): ReturnType<typeof answers> {
  return answers(
    { 200: { description: `${description}; as a table its rows`, types: TABLE_TYPES, schema } },
    TABLE_PROBLEMS,
  );
}

/** Sends a document, which must fit the route's schema. `period` goes into headers; `null` where the report has none, or they are set already. */
export function sendReport<D, R>(
  reply: FastifyReply,
  format: Format,
  document: object,
  { rows, columns }: Report<D, R>,
  period: Period | null,
  shown: (text: string) => string,
): FastifyReply {
  if (period !== null) tellSpan(reply, period);
  void reply.header("vary", "accept");
  if (format === "json") return reply.send(document);
  return sendTable(reply, format, [rows(document as D)], { json: (row) => row, columns }, null, shown);
}
