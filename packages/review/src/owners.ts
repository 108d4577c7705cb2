/**
 * Who owns what (OW-1, OW-2): of a scope and a reason, each of responsible, accountable, consulted and informed is looked
 * up on its own; the deepest reason counts first, then the deepest scope.
 */
import type { OwnerRule } from "@oee/model";
import { isAtOrBelow } from "./measures.ts";

/** Names of roles. */
export interface Owners {
  readonly responsible: readonly string[];
  readonly accountable: string | null;
  readonly consulted: readonly string[];
  readonly informed: readonly string[];
}

export function ownersOf(rules: readonly OwnerRule[], scope: string, reason: string | null): Owners {
  const bearing = rules
    .filter((rule) => bears(rule, scope, reason))
    .sort((a, b) => depth(b.reason) - depth(a.reason) || depth(b.scope) - depth(a.scope));
  const first = (letter: "responsible" | "consulted" | "informed"): readonly string[] =>
    bearing.find((rule) => rule[letter] !== null)?.[letter] ?? [];
  return {
    responsible: first("responsible"),
    accountable: accountableOf(bearing, rules),
    consulted: first("consulted"),
    informed: first("informed"),
  };
}

/** OW-2: what nobody is accountable for goes to who is for everything. */
function accountableOf(bearing: readonly OwnerRule[], all: readonly OwnerRule[]): string | null {
  const own = bearing.find(({ accountable }) => accountable !== null) ?? null;
  return (own ?? all.find(({ scope, reason }) => scope === "*" && reason === null))?.accountable ?? null;
}

function bears({ scope, reason }: OwnerRule, ofScope: string, ofReason: string | null): boolean {
  const inScope = scope === "*" || isAtOrBelow(ofScope, scope);
  return inScope && (reason === null || (ofReason !== null && isAtOrBelow(ofReason, reason)));
}

/** How many parts a path has; 0 for all. */
function depth(path: string | null): number {
  return path === null || path === "*" ? 0 : path.split("/").length;
}
