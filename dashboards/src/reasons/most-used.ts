/** The most frequent reasons of a machine in the last four weeks, counted by `GET /pareto` and kept for some minutes. */
import { apiUrl, ask } from "../shared/api/ask.ts";
import type { ParetoRow } from "../shared/api/rows.ts";
import type { ReasonIndex } from "../shared/reason-tree.ts";

const KEPT_MS = 10 * 60_000;
const MACHINES_MAX = 200;

const known = new Map<string, { readonly at: number; readonly paths: readonly string[] }>();

/** Paths of a machine's reasons, the most frequent first; empty while they are not known. */
export function mostUsed(machine: string): readonly string[] {
  return known.get(machine)?.paths ?? [];
}

/** Fetches a machine's most frequent reasons. Where the server does not answer, those known before stay. */
export async function learnMostUsed(machine: string, reasons: ReasonIndex): Promise<void> {
  const before = known.get(machine);
  if (before !== undefined && performance.now() - before.at < KEPT_MS) return;
  if (known.size >= MACHINES_MAX) known.clear();
  known.set(machine, { at: performance.now(), paths: before?.paths ?? [] });
  try {
    const { body } = await ask<readonly ParetoRow[]>(
      apiUrl("/pareto", { scope: machine, by: "reason", measure: "count", from: "now-28d" }),
    );
    const paths = body
      .map(({ key }) => key)
      .filter((key): key is string => key !== null && reasons.reason(key)?.vague === false);
    known.set(machine, { at: performance.now(), paths });
  } catch {
    known.delete(machine);
    if (before !== undefined) known.set(machine, before);
  }
}
