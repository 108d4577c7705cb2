/**
 * Decides whether a caller may put in an entry: the scope that it names must be one that the caller holds, and so must
 * the scope of the entry that it replaces.
 */
import type { Plant } from "@oee/model";
import { isEntryRefusal, readEntry } from "@oee/review";
import { HttpProblem } from "../problems.ts";
import { concerns } from "../review/concerns.ts";
import type { EntryLog } from "../review/entry-log.ts";
import { isPartial } from "./seen-plant.ts";

/** `plant` is the part that the caller holds. Throws `HttpProblem`, the same one as for a scope that does not exist. */
export async function checkEntryReach(
  plant: Plant,
  whole: Plant,
  entries: EntryLog,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!isPartial(plant)) return;
  const entry = readEntry(plant, given);
  if (isEntryRefusal(entry)) throw new HttpProblem("OEE_HTTP_ENTRY_REFUSED", entry.detail, { refusal: entry.code });
  if (entry.type === "acknowledgement") {
    // The ticket of an alert elsewhere is refused like one that names nothing.
    const held = plant.scopes.get("*")?.children ?? [];
    if (!held.some(({ path }) => concerns(entry, path))) {
      throw new HttpProblem("OEE_HTTP_FORBIDDEN", "alert: expected the ticket of an alert in the scopes that you hold");
    }
  }
  const scopes =
    entry.type === "pilot"
      ? [...entry.scopes, ...entry.controls]
      : entry.type === "acknowledgement"
        ? []
        : [entry.scope];
  if (scopes.some(({ path }) => path === "*")) {
    throw new HttpProblem("OEE_HTTP_FORBIDDEN", "scope: found *, the whole plant; expected one of those that you hold");
  }
  const { type, id } = entry;
  const { programme: all } = await entries.programmeOf(whole);
  const { programme: own } = await entries.programmeOf(plant);
  if (all.book.newestOf(type, id) === null || own.book.newestOf(type, id) !== null) return;
  throw new HttpProblem(
    "OEE_HTTP_FORBIDDEN",
    `id: ${JSON.stringify(id.slice(0, 200))} is of an entry that you do not hold`,
  );
}
