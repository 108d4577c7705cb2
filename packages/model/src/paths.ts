/** Paths of scopes (`berlin/packing/l1`) and of reasons (`mechanical/jam`): which of two lies within the other, by whole segments. */

/** Whether a path equals another or lies below it. */
export function isAtOrBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/** The same for scopes, of which `*` is the whole plant. */
export function isInScope(path: string, scope: string): boolean {
  return scope === "*" || isAtOrBelow(path, scope);
}
