/** Sign-offs of reviews, where people sign in: each is its signer's own, given by `POST /reviews/<id>/sign-offs`. */
import { isDeepStrictEqual } from "node:util";
import type { Plant } from "@oee/model";
import type { EntryBook, ReviewEntry } from "@oee/review";
import { HttpProblem } from "../problems.ts";
import type { EntryLog } from "../review/entry-log.ts";

/** Throws `HttpProblem` where a revision of a review adds sign-offs to those of the former one, or takes some of them away. */
export async function checkSignOffs(
  plant: Plant,
  entries: EntryLog,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { type, id, signOffs: wanted = [] } = given;
  if (type !== "review" || typeof id !== "string") return;
  const { programme } = await entries.programmeOf(plant);
  if (isDeepStrictEqual(wanted, programme.book.newestOf("review", id)?.raw["signOffs"] ?? [])) return;
  // Presented anew, or withdrawn, it has none.
  const hasNone = Array.isArray(wanted) && wanted.length === 0;
  if (hasNone && ((given["digest"] ?? null) === null || given["withdrawn"] === true)) return;
  throw new HttpProblem(
    "OEE_HTTP_BY_REFUSED",
    "signOffs: expected those of the revision before; whoever is signed in signs by POST /reviews/<id>/sign-offs",
  );
}

/** Throws `HttpProblem` where `by` signs off what they presented themselves (`AccessOptions.fourEyes`). */
export function checkFourEyes(book: EntryBook, { id, digest }: ReviewEntry, by: unknown): void {
  const presented = book.revisionsOf("review", id).find((revision) => revision.digest === digest);
  if (presented?.raw["by"] !== by) return;
  throw new HttpProblem("OEE_HTTP_FORBIDDEN", "a review is signed off by somebody else than who presented it");
}
