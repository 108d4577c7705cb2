/**
 * The plant of today with the structure of each time (DI-3): its scopes know who stood for them when, and machines and lines
 * that there are no more are scopes still. Everything else (calendars, cycles, reasons) is as the plant file says today.
 */
import { compareCodePoints } from "../order.ts";
import type { Machine, Plant, Scope, ScopeEpoch } from "../plant.ts";
import { machinesByPath } from "../plant-file/parse-plant.ts";
import { addScope, scopeDraft, type ScopeDraft } from "../scope-draft.ts";
import { atOnce, type Steps } from "../steps.ts";
import { type Structure, structureOf } from "./structure.ts";
import { isSame, type StructureEpoch } from "./structure-history.ts";

/** The plant itself where its structure has always been that of today. */
export function plantWithPast(plant: Plant, history: readonly StructureEpoch[]): Plant {
  return atOnce(plantWithPastInSteps(plant, history));
}

/** The same, step by step. */
export function* plantWithPastInSteps(plant: Plant, history: readonly StructureEpoch[]): Steps<Plant> {
  const [only] = history;
  if (only === undefined || (history.length === 1 && isSame(only.structure, structureOf(plant)))) return plant;
  const machines = withGone(plant, history);
  const gone = machines.slice(plant.machines.length);
  yield;
  const byId = new Map([...machinesByPath(machines), ...machines.map((machine) => [machine.id, machine] as const)]);
  const scopes = yield* withGoneScopes(plant, gone, history);
  const changes = history.slice(1).map(({ from }) => from);
  const spans: Span[] = [];
  for (const { from, to, structure } of history) {
    spans.push({ from, to, below: yield* byScope(linesOf(structure, byId)), rated: ratedById(structure) });
    yield;
  }
  for (const scope of scopes.values()) {
    yield;
    const isMachine = scope.kind === "machine";
    const own = scope.machines.slice(0, 1);
    const epochs = spans.map((span) => (isMachine ? machineEpoch(scope, own, span) : epochOf(scope, span)));
    scope.past = { changes, epochs };
    scope.rated = epochs.findLast(({ members }) => members.length > 0)?.rated ?? false;
    scope.machines = isMachine ? own : inOrder(epochs.flatMap((epoch) => epoch.machines));
    const areAll = epochs.every((epoch) => epoch.machines === epoch.members);
    scope.members = areAll ? scope.machines : inOrder(epochs.flatMap((epoch) => epoch.members));
    scope.decimals = scope.members.reduce((most, { decimals }) => Math.max(most, decimals), 0);
  }
  return { ...plant, machines, machineById: new Map([...machinesByPath(gone), ...plant.machineById]), scopes };
}

/** Machines of today at their places, and behind them those that are gone. */
function withGone(plant: Plant, history: readonly StructureEpoch[]): readonly Machine[] {
  const machines = [...plant.machines];
  const known = new Set(plant.machines.map(({ id }) => id));
  // The newest word on a machine says where it was last.
  for (const { structure } of history.toReversed()) {
    for (const { id, path, rated } of [...structure.values()].flatMap((line) => line.machines)) {
      if (known.has(id) || plant.machineById.get(id)?.formerly.includes(id) === true) continue;
      known.add(id);
      machines.push(goneMachine(plant, machines.length, id, path, rated));
    }
  }
  return machines;
}

/** Of a machine that is gone there are rows, and no settings: where it has no rows, its time is that of its nearest neighbour. */
function goneMachine(plant: Plant, index: number, id: string, path: string, rated: boolean): Machine {
  const [site = "", area = "", line = "", name = ""] = path.split("/");
  const near = [`${site}/${area}/${line}`, `${site}/${area}`, site, "*"]
    .map((scope) => plant.scopes.get(scope)?.machines[0])
    .find((machine) => machine !== undefined);
  if (near === undefined) throw new Error("a plant has machines");
  const formerly = id === path ? [] : [id];
  const own = { index, id, path, formerly, name, site, area, line, idealCycleUs: rated ? 1_000_000 : null };
  return { ...near, ...own, taktUs: null, costPerHour: null, class: null, decimals: 0 };
}

/** Copies of the plant's scopes, and of those that there are no more. */
function* withGoneScopes(
  plant: Plant,
  gone: readonly Machine[],
  history: readonly StructureEpoch[],
): Steps<Map<string, ScopeDraft>> {
  const scopes = new Map<string, ScopeDraft>();
  for (const scope of plant.scopes.values()) {
    yield;
    const parent = scope.parent === null ? null : (scopes.get(scope.parent.path) ?? null);
    addScope(scopes, { ...scope, parent, children: [] }, parent);
  }
  const lines = history.flatMap(({ structure }) => [...structure.keys()]);
  for (const path of [...new Set(lines)].sort(compareCodePoints)) groupAt(scopes, path);
  for (const machine of gone) {
    const parent = groupAt(scopes, machine.path.slice(0, machine.path.lastIndexOf("/")));
    if (scopes.has(machine.path)) continue;
    const { unit, decimals, name, path } = machine;
    addScope(scopes, { ...newBelow(parent, path, "machine", name), unit, decimals, machines: [machine] }, parent);
  }
  return scopes;
}

const KINDS = ["site", "area", "line"] as const;

/** A site, area or line, made with all above it where there is none. */
function groupAt(scopes: Map<string, ScopeDraft>, path: string): ScopeDraft {
  const known = scopes.get(path);
  if (known !== undefined) return known;
  const parts = path.split("/");
  const parent = parts.length === 1 ? scopes.get("*") : groupAt(scopes, parts.slice(0, -1).join("/"));
  if (parent === undefined) throw new Error("a plant has the scope *");
  const kind = KINDS[parts.length - 1] ?? "line";
  return addScope(scopes, newBelow(parent, path, kind, path.slice(path.lastIndexOf("/") + 1)), parent);
}

function newBelow(parent: ScopeDraft, path: string, kind: Scope["kind"], name: string): ScopeDraft {
  const { timezone, periods, targets } = parent;
  return scopeDraft({ path, kind, name, parent, timezone, periods, targets });
}

interface Placed {
  readonly line: string;
  readonly machine: Machine;
  readonly rated: boolean;
  /** Whether it stands for its line, rated or not. */
  readonly stands: boolean;
}

function linesOf(structure: Structure, byId: ReadonlyMap<string, Machine>): readonly Placed[] {
  return [...structure].flatMap(([line, { machines, constraint }]) =>
    machines.flatMap(({ id, rated }) => {
      const machine = byId.get(id);
      return machine === undefined ? [] : [{ line, machine, rated, stands: constraint === null || constraint === id }];
    }),
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
  /** By the path of the scope that they are below. */
  readonly below: ReadonlyMap<string, readonly Placed[]>;
  /** By the id of the machine. */
  readonly rated: ReadonlyMap<string, boolean>;
}

/** Machines by each scope that they are below: the plant, their site, area and line. */
function* byScope(placed: readonly Placed[]): Steps<ReadonlyMap<string, readonly Placed[]>> {
  const below = new Map<string, Placed[]>();
  for (const one of placed) {
    yield;
    for (const path of scopesAbove(one.line)) {
      const known = below.get(path);
      if (known === undefined) below.set(path, [one]);
      else known.push(one);
    }
  }
  return below;
}

function scopesAbove(line: string): readonly string[] {
  const [site = "", area = ""] = line.split("/");
  return ["*", site, `${site}/${area}`, line];
}

function ratedById(structure: Structure): ReadonlyMap<string, boolean> {
  const byId = new Map<string, boolean>();
  for (const { machines } of structure.values()) {
    for (const { id, rated } of machines) if (!byId.has(id)) byId.set(id, rated);
  }
  return byId;
}

/** EQ-3: of the machines that stand for its lines the rated ones, or all if none is rated. */
function epochOf({ path }: ScopeDraft, span: Span): ScopeEpoch {
  const below = span.below.get(path) ?? [];
  const candidates = below.filter(({ stands }) => stands);
  const rated = candidates.filter((one) => one.rated);
  const standing = rated.length > 0 ? rated : candidates;
  const machines = inOrder(below.map(({ machine }) => machine));
  // Mostly all of them.
  const members = standing.length === below.length ? machines : inOrder(standing.map(({ machine }) => machine));
  return { from: span.from, to: span.to, machines, members, rated: rated.length > 0 };
}

/** A machine is its own scope at all times; whether it was rated may have changed. */
function machineEpoch(scope: ScopeDraft, own: readonly Machine[], { from, to, rated }: Span): ScopeEpoch {
  return { from, to, machines: own, members: own, rated: rated.get(own[0]?.id ?? "") ?? scope.rated };
}

function inOrder(machines: readonly Machine[]): readonly Machine[] {
  return [...new Set(machines)].sort((a, b) => a.index - b.index);
}
