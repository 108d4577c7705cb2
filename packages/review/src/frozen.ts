/**
 * The figures of a computed baseline as its entry holds them (BL-2): components by machine and product, and stop time by
 * reason. Reading gives exactly the sums that were written, so that a frozen baseline stays as it is when stored rows change.
 */
import type { Sums } from "@oee/answers";
import { isJsonObject, type PublicComponents, type ScopePolicy } from "@oee/model";
import type { BaselineFigures, FrozenMachine, FrozenSpan } from "./baselines.ts";
import { importedSums } from "./imported-sums.ts";

interface FrozenCell {
  readonly product: string | null;
  readonly components: Partial<PublicComponents>;
  /** Pairs of takt (µs) and planned time (ms), and of cost per hour and unplanned stop time (ms). */
  readonly plannedByTakt?: readonly (readonly [number, number])[];
  readonly unplannedByCost?: readonly (readonly [number, number])[];
}

interface FrozenFigures {
  readonly cells: readonly FrozenCell[];
  readonly reasonTimes: readonly (readonly [string | null, number])[];
}

/** The figures of a machine in a span (epoch ms). */
interface FrozenPart extends FrozenFigures {
  readonly from: number;
  readonly to: number;
}

/** Figures by machine id; machines without any time or quantity are left out. A machine has `spans` where the plant's structure changed within the period. */
export interface FrozenDocument {
  readonly machines: Readonly<Record<string, FrozenFigures | { readonly spans: readonly FrozenPart[] }>>;
}

/** The frozen figures of a baseline as its entry holds them; `figuresIn` reads them again (BL-2). */
export function frozenDocument(frozen: ReadonlyMap<string, FrozenMachine>): FrozenDocument {
  const machines: Record<string, FrozenDocument["machines"][string]> = {};
  for (const [id, own] of frozen) {
    const spans = own.flatMap(({ from, to, ...figures }) => {
      const kept = figuresOf(figures);
      return kept === null ? [] : [{ from, to, ...kept }];
    });
    const [first] = spans;
    if (first === undefined) continue;
    machines[id] = own.length > 1 ? { spans } : { cells: first.cells, reasonTimes: first.reasonTimes };
  }
  return { machines };
}

/** The figures of a span as the entry holds them; `null`: the span has no time and no quantity. */
function figuresOf({ cells, reasonTimes }: Pick<FrozenSpan, "cells" | "reasonTimes">): FrozenFigures | null {
  const kept = [...cells].filter(([, sums]) => !sums.isNothing).map(([product, sums]) => cellOf(product, sums));
  return kept.length === 0 ? null : { cells: kept, reasonTimes: [...reasonTimes] };
}

/** The figures that a frozen document holds; `null`: the value is no such document. */
export function figuresIn(value: unknown): BaselineFigures | null {
  if (!isJsonObject(value) || !isJsonObject(value["machines"])) return null;
  const machines = new Map<string, FrozenMachine>();
  for (const [id, machine] of Object.entries(value["machines"])) {
    if (!isJsonObject(machine)) return null;
    const given: unknown = machine["spans"] ?? [{ ...machine, from: -Infinity, to: Infinity }];
    if (!Array.isArray(given)) return null;
    const spans: FrozenSpan[] = [];
    for (const one of given as readonly unknown[]) {
      const span = spanIn(one);
      if (span === null) return null;
      spans.push(span);
    }
    machines.set(id, spans);
  }
  return { kind: "computed", machines };
}

function spanIn(value: unknown): FrozenSpan | null {
  if (!isJsonObject(value) || !Array.isArray(value["cells"]) || !Array.isArray(value["reasonTimes"])) return null;
  const { from, to } = value;
  if (typeof from !== "number" || typeof to !== "number") return null;
  const cells = new Map<string | null, Sums>();
  for (const cell of value["cells"] as readonly unknown[]) {
    if (!isJsonObject(cell) || !isJsonObject(cell["components"])) return null;
    const { product, components, plannedByTakt = [], unplannedByCost = [] } = cell as unknown as FrozenCell;
    const sums = importedSums(components);
    for (const [takt, ms] of plannedByTakt) sums.plannedByTakt.add(takt, ms);
    for (const [cost, ms] of unplannedByCost) sums.unplannedByCost.add(cost, ms);
    cells.set(product, sums);
  }
  return { from, to, cells, reasonTimes: new Map(value["reasonTimes"] as [string | null, number][]) };
}

function cellOf(product: string | null, sums: Sums): FrozenCell {
  const components = Object.fromEntries(Object.entries(sums.components()).filter(([, value]) => value !== 0));
  return {
    product,
    components,
    ...(sums.plannedByTakt.size > 0 && { plannedByTakt: [...sums.plannedByTakt] }),
    ...(sums.unplannedByCost.size > 0 && { unplannedByCost: [...sums.unplannedByCost] }),
  };
}

/** The policy by which a frozen baseline was computed; `null`: the document holds none. */
export function policyIn(value: unknown): ScopePolicy | null {
  const policy = isJsonObject(value) ? value["policy"] : null;
  if (!isJsonObject(policy) || !Object.values(policy).every((digest) => typeof digest === "string")) return null;
  return policy as ScopePolicy;
}
