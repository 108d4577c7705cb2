/** The plant as a list to choose from, parents before children, narrowed by what was typed. */
import type { PlantScope } from "@oee/protocol";

export interface ScopeEntry {
  readonly scope: PlantScope;
  readonly depth: number;
}

const SHOWN_MAX = 400;

/** Scopes whose name or path holds the text, with all above them; in the plant's order and at most 400. */
export function scopeEntries(scopes: readonly PlantScope[], search: string): readonly ScopeEntry[] {
  const wanted = search.trim().toLowerCase();
  const parentOf = new Map(scopes.map((scope) => [scope.path, scope.parent]));
  const shown = new Set<string>();
  for (const scope of scopes) {
    const hit = wanted === "" || scope.name.toLowerCase().includes(wanted) || scope.path.toLowerCase().includes(wanted);
    if (!hit) continue;
    for (let path: string | null = scope.path; path !== null && !shown.has(path); path = parentOf.get(path) ?? null) {
      shown.add(path);
    }
  }
  const depthOf = new Map<string, number>();
  const entries: ScopeEntry[] = [];
  for (const scope of scopes) {
    const depth = scope.parent === null ? 0 : (depthOf.get(scope.parent) ?? 0) + 1;
    depthOf.set(scope.path, depth);
    if (shown.has(scope.path) && entries.length < SHOWN_MAX) entries.push({ scope, depth });
  }
  return entries;
}
