/** Lines of the audit for entries that are put in (RE-1). */
import type { FastifyRequest } from "fastify";
import type { AuditFacts } from "../audit/audit-line.ts";
import type { Taken, Telling } from "../review/new-entries.ts";
import type { RouteContext } from "./context.ts";

type Line = Pick<AuditFacts, "scope" | "before" | "after">;

/** Tells the audit of what a request puts in: a line of the kind `entry` each, and `entry-refused` where it was not put in after all. */
export function tellingOf(
  note: RouteContext["note"],
  request: FastifyRequest,
  lineOf: (taken: Taken) => Line,
): Telling {
  const tell =
    (kind: string) =>
    (entries: readonly Taken[]): Promise<void> =>
      note(
        request,
        ...entries.map((taken) => ({ kind, what: `${taken.entry.type}/${taken.entry.id}`, ...lineOf(taken) })),
      );
  return { before: tell("entry"), refused: tell("entry-refused") };
}
