/** The buttons that the tablet shows: never more than eight at a time (docs/reasons.md). */
import type { ReasonIndex } from "../shared/reason-tree.ts";

export const BUTTONS_MAX = 8;

export type Choice =
  /** A button that gives the reason. `itself`: it is the group whose reasons are shown. */
  | { readonly kind: "reason"; readonly path: string; readonly itself: boolean }
  /** A button that shows the reasons below it. */
  | { readonly kind: "group"; readonly path: string }
  | { readonly kind: "all" }
  | { readonly kind: "more" };

/** Buttons for the reasons used most, then for the top of the tree as far as there is room, and one for all reasons. */
export function usedChoices(reasons: ReasonIndex, used: readonly string[]): readonly Choice[] {
  const first = used.map((path): Choice => ({ kind: "reason", path, itself: false }));
  const top = childrenOf(reasons, "").filter(({ path }) => !used.includes(path));
  return [...[...first, ...top].slice(0, BUTTONS_MAX - 1), { kind: "all" }];
}

/** The buttons of one page of the reasons below a path of the tree (`""`: the top). */
export function treeChoices(reasons: ReasonIndex, path: string, page: number): readonly Choice[] {
  const below = childrenOf(reasons, path);
  // The group itself may be given as a reason by people who do not know it more exactly.
  const all: readonly Choice[] = path === "" ? below : [...below, { kind: "reason", path, itself: true }];
  if (all.length <= BUTTONS_MAX) return all;
  const size = BUTTONS_MAX - 1;
  const pages = Math.ceil(all.length / size);
  const at = page % pages;
  return [...all.slice(at * size, (at + 1) * size), { kind: "more" }];
}

function childrenOf(reasons: ReasonIndex, path: string): readonly (Choice & { readonly path: string })[] {
  return reasons
    .below(path)
    .map((child) =>
      reasons.below(child.path).length > 0
        ? { kind: "group", path: child.path }
        : { kind: "reason", path: child.path, itself: false },
    );
}
