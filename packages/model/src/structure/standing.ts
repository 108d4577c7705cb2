/** Who stood for a scope, and which machines it had, within a period (EQ-3, DI-3). */
import type { Machine, Scope, ScopeEpoch } from "../plant.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A machine, and a span of the period in which it stood for the scope. */
export interface MachineSpan {
  readonly machine: Machine;
  readonly period: Span;
}

/** The spans of a period, cut to it, in each of which one set of machines stood for the scope. */
export function epochsIn(scope: Scope, { from, to }: Span): readonly ScopeEpoch[] {
  const { machines, members, rated, past } = scope;
  if (past === null) return [{ from, to, machines, members, rated }];
  return past.epochs
    .filter((epoch) => epoch.from < to && epoch.to > from)
    .map((epoch) => ({ ...epoch, from: Math.max(from, epoch.from), to: Math.min(to, epoch.to) }));
}

/** The machines that stood for a scope, each with the spans in which it did; spans that meet are one. */
export function membersIn(scope: Scope, period: Span): readonly MachineSpan[] {
  return spansOf(scope, period, ({ members }) => members);
}

/** All machines below a scope, each with the spans in which it was there. */
export function machinesIn(scope: Scope, period: Span): readonly MachineSpan[] {
  return spansOf(scope, period, ({ machines }) => machines);
}

/** The spans of each machine, for what counts a machine once also where it was away for a while. */
export function byMachine(spans: readonly MachineSpan[]): ReadonlyMap<Machine, readonly Span[]> {
  const found = new Map<Machine, Span[]>();
  for (const { machine, period } of spans) {
    const own = found.get(machine);
    if (own === undefined) found.set(machine, [period]);
    else own.push(period);
  }
  return found;
}

function spansOf(scope: Scope, period: Span, of: (epoch: ScopeEpoch) => readonly Machine[]): readonly MachineSpan[] {
  if (scope.past === null) return of({ ...scope, ...period }).map((machine) => ({ machine, period }));
  const found = new Map<Machine, { from: number; to: number }[]>();
  for (const epoch of epochsIn(scope, period)) {
    for (const machine of of(epoch)) {
      const own = found.get(machine);
      const last = own?.at(-1);
      if (own === undefined) found.set(machine, [{ from: epoch.from, to: epoch.to }]);
      else if (last?.to === epoch.from) last.to = epoch.to;
      else own.push({ from: epoch.from, to: epoch.to });
    }
  }
  return [...found]
    .sort(([a], [b]) => a.index - b.index)
    .flatMap(([machine, spans]) => spans.map((span) => ({ machine, period: span })));
}

/** Whether a scope's KPIs have ideal times in a period: at all times of it at which anything stood for it, what did was rated. */
export function isRatedIn(scope: Scope, period: Span): boolean {
  if (scope.past === null) return scope.rated;
  const epochs = epochsIn(scope, period).filter(({ members }) => members.length > 0);
  return epochs.length > 0 && epochs.every(({ rated }) => rated);
}

/** Whether anything was below a scope at some time of a period. */
export function isThereIn(scope: Scope, period: Span): boolean {
  return scope.past === null || epochsIn(scope, period).some(({ machines }) => machines.length > 0);
}
