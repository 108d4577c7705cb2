/**
 * Who owns what (OW-1, OW-2): of a scope and a reason, each of responsible, accountable, consulted and informed is looked
 * up on its own; the deepest reason counts first, then the deepest scope.
 */
import { isAtOrBelow, isInScope, type OwnerRule } from "@oee/model";

/** The roles that own a scope and reason, by part of OW-1. */
export interface Owners {
  readonly responsible: readonly string[];
  readonly accountable: string | null;
  readonly consulted: readonly string[];
  readonly informed: readonly string[];
}

/** The owners of a scope (its path) and a reason (its path; `null`: none). The parts that no rule names are empty. */
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

/** The accountable role; where no rule names one for the scope and reason, that of the rule for everything (OW-2). */
function accountableOf(bearing: readonly OwnerRule[], all: readonly OwnerRule[]): string | null {
  const own = bearing.find(({ accountable }) => accountable !== null) ?? null;
  return (own ?? all.find(({ scope, reason }) => scope === "*" && reason === null))?.accountable ?? null;
}

function bears({ scope, reason }: OwnerRule, ofScope: string, ofReason: string | null): boolean {
  const inScope = isInScope(ofScope, scope);
  return inScope && (reason === null || (ofReason !== null && isAtOrBelow(ofReason, reason)));
}

/** The number of parts of a path; 0 for `null`, which covers all. */
function depth(path: string | null): number {
  return path === null || path === "*" ? 0 : path.split("/").length;
}
