/**
 * How the structure of a plant changed (DI-3). Each change says from which instant on, and where a past span was computed
 * anew up to which, a scope had the lines that it names; a later change holds over what earlier ones left, like a correction.
 * Before the first change the plant was as that says.
 */
import { isAtOrBelow } from "../paths.ts";
import type { LineStructure, Structure } from "./structure.ts";

export interface StructureChange {
  /** `[from, to)`, epoch ms; `to` is `Infinity` for what goes on. */
  readonly from: number;
  readonly to: number;
  /** It speaks of the lines at this scope and below: `*`, a site, an area or a line. */
  readonly scope: string;
  readonly structure: Structure;
}

/** A span of time with one structure; those of a history follow each other without a gap, from −∞ to ∞. */
export interface StructureEpoch {
  readonly from: number;
  readonly to: number;
  readonly structure: Structure;
}

/** `changes` in the order of the log; at least one. */
export function structureEpochs(changes: readonly StructureChange[]): readonly StructureEpoch[] {
  const [first] = changes;
  if (first === undefined) throw new Error("a history of structures has at least one");
  const bounds = [...new Set(changes.flatMap(({ from, to }) => [from, to]))]
    .filter((instant) => Number.isFinite(instant))
    .sort((a, b) => a - b);
  const starts = [-Infinity, ...bounds];
  const epochs: { from: number; to: number; structure: Structure }[] = [];
  for (const [i, from] of starts.entries()) {
    let structure = first.structure;
    for (const change of changes) {
      if (change.from <= from && from < change.to) structure = changed(structure, change);
    }
    const to = starts[i + 1] ?? Infinity;
    const before = epochs.at(-1);
    if (before !== undefined && isSame(before.structure, structure)) before.to = to;
    else epochs.push({ from, to, structure });
  }
  return epochs;
}

function changed(before: Structure, { scope, structure }: StructureChange): Structure {
  if (scope === "*") return structure;
  const isOfScope = (line: string): boolean => isAtOrBelow(line, scope);
  return new Map<string, LineStructure>([
    ...[...before].filter(([line]) => !isOfScope(line)),
    ...[...structure].filter(([line]) => isOfScope(line)),
  ]);
}

export function isSame(a: Structure, b: Structure): boolean {
  if (a === b) return true;
  return a.size === b.size && [...a].every(([line, own]) => isSameLine(own, b.get(line)));
}

function isSameLine(a: LineStructure, b: LineStructure | undefined): boolean {
  if (b === undefined || a.constraint !== b.constraint || a.machines.length !== b.machines.length) return false;
  return a.machines.every((machine, i) => {
    const other = b.machines[i];
    return (
      other !== undefined && machine.id === other.id && machine.path === other.path && machine.rated === other.rated
    );
  });
}
