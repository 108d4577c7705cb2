/**
 * The plant's scopes as a list to choose from, parents before children: those that a search finds, or, where there are more than
 * 400, a tree of which the user opens branches. It has at most 400 rows, and the number of those left out.
 */
import type { PlantScope } from "@oee/protocol";

export interface ScopeEntry {
  readonly scope: PlantScope;
  readonly depth: number;
  /** Whether the branch is open; `null`: it cannot be opened or closed. */
  readonly open: boolean | null;
}

export interface ScopeList {
  readonly entries: readonly ScopeEntry[];
  /** How many rows are left out. */
  readonly hidden: number;
}

const SHOWN_MAX = 400;

/** The list. `opened`: paths of open branches; a scope without a parent is always open. */
export function scopeList(scopes: readonly PlantScope[], search: string, opened: ReadonlySet<string>): ScopeList {
  const wanted = search.trim().toLowerCase();
  const branches = wanted === "" && scopes.length > SHOWN_MAX;
  const shown = wanted === "" ? null : found(scopes, wanted);
  const depthOf = new Map<string, number>();
  const parents = new Set(branches ? scopes.map(({ parent }) => parent) : []);
  const openOf = new Set<string>();
  const entries: ScopeEntry[] = [];
  let hidden = 0;
  for (const scope of scopes) {
    const { path, parent } = scope;
    const depth = parent === null ? 0 : (depthOf.get(parent) ?? 0) + 1;
    depthOf.set(path, depth);
    if (branches && parent !== null && !openOf.has(parent)) continue;
    if (shown !== null && !shown.has(path)) continue;
    const open = branches && parents.has(path) && parent !== null ? opened.has(path) : null;
    if (parent === null || open === true) openOf.add(path);
    if (entries.length < SHOWN_MAX) entries.push({ scope, depth, open });
    else hidden++;
  }
  return { entries, hidden };
}

/** Paths of the scopes whose name or path holds the text, and of all above them. */
function found(scopes: readonly PlantScope[], wanted: string): ReadonlySet<string> {
  const parentOf = new Map(scopes.map((scope) => [scope.path, scope.parent]));
  const shown = new Set<string>();
  for (const scope of scopes) {
    if (!scope.name.toLowerCase().includes(wanted) && !scope.path.toLowerCase().includes(wanted)) continue;
    for (let path: string | null = scope.path; path !== null && !shown.has(path); path = parentOf.get(path) ?? null) {
      shown.add(path);
    }
  }
  return shown;
}
