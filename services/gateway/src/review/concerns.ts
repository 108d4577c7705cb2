import { isInScope } from "@oee/model";
import type { Entry } from "@oee/review";

/** Whether an entry is of a scope or of one below it. */
export function concerns(entry: Entry, path: string): boolean {
  const isIn = (own: string): boolean => isInScope(own, path);
  switch (entry.type) {
    case "pilot":
      return [...entry.scopes, ...entry.controls].some((scope) => isIn(scope.path));
    case "acknowledgement":
      // A ticket is RULE/SUBJECT, and the subject begins with the path of its machine or scope.
      return isIn(entry.alert.slice(entry.alert.indexOf("/") + 1).split("@")[0] ?? "");
    default:
      return isIn(entry.scope.path);
  }
}
