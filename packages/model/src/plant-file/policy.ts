/**
 * The policy of a plant: the settings of its file, other than the calendar, that turn events into components and costs.
 * They are listed here alone: the plant's version and every comparison of two plants read this list. A new setting that
 * changes components must be added here.
 */
import { compareCodePoints } from "../order.ts";
import type { Machine, Plant, Product, ReasonNode, Scope, StateMap } from "../plant.ts";
import { STATE_NAMES } from "../state.ts";

/** Values whose JSON texts are equal exactly where they mean the same. */
export type PolicyValue = string | number | boolean | null | readonly PolicyValue[];

/** Settings by name, in a fixed order. */
export type Policy = Readonly<Record<string, PolicyValue>>;

/** What holds for the whole plant. */
export function plantPolicy(plant: Pick<Plant, "categories" | "reasons" | "scopes">): Policy {
  const lines = [...plant.scopes.values()].filter((scope) => scope.kind === "line");
  return {
    categories: STATE_NAMES.map((state) => plant.categories[state]),
    reasons: reasonParts(plant.reasons.children),
    constraints: sortedParts(lines.map(lineParts)),
  };
}

/**
 * Of a machine; but for its state map, which many machines share. What came after release 0.1.0 is left out where it is as
 * if it had not come, so that a plant that does not use it keeps its version.
 */
export function machinePolicy(machine: Machine): Policy {
  const { pulseGapMs, decimals, piecesPerCount, maxRateMillionths } = machine;
  return {
    idealCycle: machine.idealCycleUs,
    costPerHour: machine.costPerHour,
    minorStopThreshold: machine.minorStopThresholdMs,
    staleAfter: machine.staleAfterMs,
    rolloverAt: machine.rolloverAt,
    overtime: machine.overtime,
    ...(pulseGapMs !== null && { pulseGap: pulseGapMs }),
    ...(decimals !== 0 && { decimals }),
    ...(piecesPerCount !== 1 && { piecesPerCount }),
    ...(maxRateMillionths !== null && { maxRatePerHour: maxRateMillionths }),
  };
}

export function stateMapPolicy(states: StateMap): PolicyValue {
  return sortedParts([...states]);
}

/** The policy of a product. Its takt is a demand, which changes no component. */
export function productPolicy({ idealCycleUs, piecesPerCount }: Product): Policy {
  return { idealCycle: idealCycleUs, ...(piecesPerCount !== null && { piecesPerCount }) };
}

/** Which machines stand for a line settles which stand for every scope above it (EQ-3). */
function lineParts(line: Scope): PolicyValue {
  return [line.path, ...sortedParts(line.members.map((machine) => machine.id))];
}

/** A node that sets nothing and leads to none that does counts like a path that the tree lacks (TL-6). */
function reasonParts(nodes: ReadonlyMap<string, ReasonNode>): readonly PolicyValue[] {
  return sortedParts(
    [...nodes].flatMap(([key, { category, failure, children }]) => {
      const below = reasonParts(children);
      return category === null && failure === null && below.length === 0 ? [] : [[key, category, failure, below]];
    }),
  );
}

export function sortedParts(parts: readonly PolicyValue[]): readonly PolicyValue[] {
  const keyed = parts.map((part) => ({ part, key: JSON.stringify(part) }));
  return keyed.toSorted((a, b) => compareCodePoints(a.key, b.key)).map(({ part }) => part);
}
