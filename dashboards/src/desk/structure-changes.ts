/** Lists, line by line, what each revision of the plant's structure (DI-3) changed against the one before. */
import { isInScope } from "@oee/model/paths";
import type { Raw } from "./entry/body.ts";

export interface StructureChange {
  /** When the structure begins (RFC 3339). */
  readonly from: string;
  /** When it ends; `null`: it is in force. */
  readonly to: string | null;
  readonly by: string;
  readonly line: string;
  readonly what: Change;
}

export type Change =
  | { readonly kind: "with" | "without" | "constraint"; readonly machine: string }
  /** A machine that is kept under another path (`formerly`). */
  | { readonly kind: "keptAs"; readonly machine: string; readonly id: string }
  | { readonly kind: "noConstraint" | "first" };

interface Line {
  readonly machines: ReadonlySet<string>;
  readonly constraint: string | null;
  readonly ids: Readonly<Record<string, string>>;
}

type Lines = ReadonlyMap<string, Line>;

/** The changes of one entry's `revisions`, the oldest first. The first revision has no former one: only its lines are named. */
export function structureChanges(revisions: readonly Raw[]): readonly StructureChange[] {
  const changes: StructureChange[] = [];
  let before: Lines | null = null;
  for (const revision of revisions) {
    const lines = linesIn(revision["lines"]);
    const { from, to = null, by = "" } = revision as { from: string; to?: string | null; by?: string };
    // A revision for a part of the plant is compared within that part alone.
    const scope = typeof revision["scope"] === "string" ? revision["scope"] : "*";
    const own = [...new Set([...(before?.keys() ?? []), ...lines.keys()])]
      .filter((line) => isInScope(line, scope))
      .sort();
    for (const line of own) {
      const whats: readonly Change[] =
        before === null ? [{ kind: "first" }] : differencesOf(before.get(line) ?? NONE, lines.get(line) ?? NONE);
      for (const what of whats) changes.push({ from, to, by, line, what });
    }
    before = lines;
  }
  return changes;
}

const NONE: Line = { machines: new Set(), constraint: null, ids: {} };

function differencesOf(before: Line, after: Line): readonly Change[] {
  const added = [...after.machines].filter((machine) => !before.machines.has(machine));
  const gone = [...before.machines].filter((machine) => !after.machines.has(machine));
  const kept = Object.entries(after.ids).filter(([machine, id]) => before.ids[machine] !== id);
  const changes: Change[] = [
    ...added.map((machine): Change => ({ kind: "with", machine })),
    ...gone.map((machine): Change => ({ kind: "without", machine })),
    ...kept.map(([machine, id]): Change => ({ kind: "keptAs", machine, id })),
  ];
  if (before.constraint !== after.constraint) {
    changes.push(
      after.constraint === null ? { kind: "noConstraint" } : { kind: "constraint", machine: after.constraint },
    );
  }
  return changes;
}

function linesIn(value: unknown): Lines {
  const lines = new Map<string, Line>();
  for (const [path, line] of Object.entries(isObject(value) ? value : {})) {
    if (!isObject(line)) continue;
    const names = (list: unknown): readonly string[] =>
      Array.isArray(list) ? list.filter((name) => typeof name === "string") : [];
    const constraint = typeof line["constraint"] === "string" ? line["constraint"] : null;
    const ids = isObject(line["ids"]) ? (line["ids"] as Readonly<Record<string, string>>) : {};
    lines.set(path, { machines: new Set([...names(line["rated"]), ...names(line["unrated"])]), constraint, ids });
  }
  return lines;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
