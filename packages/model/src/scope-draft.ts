/** A scope while the machines and lines whose KPIs are its own (EQ-3) are being found. */
import type { Scope } from "./plant.ts";

export type ScopeDraft = { -readonly [Key in keyof Omit<Scope, "children">]: Scope[Key] } & {
  readonly children: Scope[];
};

/** A scope whose machines and lines are not found yet. */
export function scopeDraft(
  head: Pick<Scope, "path" | "kind" | "name" | "parent" | "timezone" | "periods" | "targets">,
): ScopeDraft {
  const { path, kind, name, parent, timezone, periods, targets } = head;
  return {
    path,
    kind,
    name,
    parent,
    timezone,
    periods,
    targets,
    children: [],
    machines: [],
    members: [],
    rated: false,
    constraint: null,
    past: null,
    unit: null,
    decimals: 0,
    class: null,
  };
}

/** Puts a scope among the others by its path, and below its parent. */
export function addScope(scopes: Map<string, Scope>, scope: ScopeDraft, parent: ScopeDraft | null): ScopeDraft {
  parent?.children.push(scope);
  scopes.set(scope.path, scope);
  return scope;
}
