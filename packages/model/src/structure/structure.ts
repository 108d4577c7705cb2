/**
 * The structure of a plant (DI-3): which machines its lines have, which of them are rated, and which one is a line's
 * constraint. It settles who stands for every scope (EQ-3). As a JSON value it is kept on the log, each time it changed.
 */
import { isJsonObject } from "../event-decoder/fields.ts";
import type { Machine, Plant } from "../plant.ts";
import { compareCodePoints } from "../order.ts";

/** A machine of a line: what it is kept under, where it was, and whether it was rated (EQ-2). */
export interface PlacedMachine {
  readonly id: string;
  readonly path: string;
  readonly rated: boolean;
}

export interface LineStructure {
  readonly machines: readonly PlacedMachine[];
  /** Id of a machine of the line; `null`: all of its machines stand for it. */
  readonly constraint: string | null;
}

/** By the path of the line, in order. */
export type Structure = ReadonlyMap<string, LineStructure>;

/** A line as JSON has it: names of machines, and the ids of those that are kept under another path. */
export interface LineDocument {
  readonly rated: readonly string[];
  readonly unrated: readonly string[];
  readonly constraint?: string;
  readonly ids?: Readonly<Record<string, string>>;
}

export type StructureDocument = Readonly<Record<string, LineDocument>>;

export function structureOf({ scopes }: Pick<Plant, "scopes">): Structure {
  const lines = new Map<string, LineStructure>();
  for (const { kind, path, machines, constraint } of scopes.values()) {
    if (kind !== "line") continue;
    const placed = machines.map((machine: Machine) => ({
      id: machine.id,
      path: machine.path,
      rated: machine.idealCycleUs !== null,
    }));
    lines.set(path, {
      machines: placed.sort((a, b) => compareCodePoints(a.path, b.path)),
      constraint: constraint?.id ?? null,
    });
  }
  return new Map([...lines].sort(([a], [b]) => compareCodePoints(a, b)));
}

/** Two structures are one where their documents are equal. */
export function structureDocument(structure: Structure): StructureDocument {
  return Object.fromEntries([...structure].map(([line, own]) => [line, lineDocument(own)]));
}

function lineDocument({ machines, constraint }: LineStructure): LineDocument {
  const named = (rated: boolean): string[] => machines.filter((one) => one.rated === rated).map(nameOf);
  const elsewhere = machines.filter(({ id, path }) => id !== path);
  const first = machines.find(({ id }) => id === constraint);
  return {
    rated: named(true),
    unrated: named(false),
    ...(first === undefined ? {} : { constraint: nameOf(first) }),
    ...(elsewhere.length === 0 ? {} : { ids: Object.fromEntries(elsewhere.map((one) => [nameOf(one), one.id])) }),
  };
}

function nameOf({ path }: PlacedMachine): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

const SEGMENT = "[a-z0-9][a-z0-9_-]{0,62}";
const LINE = new RegExp(`^${SEGMENT}(?:/${SEGMENT}){2}$`);
const NAME = new RegExp(`^${SEGMENT}$`);
const ID = new RegExp(`^${SEGMENT}(?:/${SEGMENT}){3}$`);

/** By document: entries are read again for each plant, and what they say of the structure is the same for all. */
const read = new WeakMap<object, Structure | string>();

/** A structure from its document, which does not change any more; a text: what is wrong with it. */
export function readStructure(value: unknown): Structure | string {
  if (!isJsonObject(value)) return "expected an object of lines by path";
  let structure = read.get(value);
  if (structure === undefined) read.set(value, (structure = structureFrom(value)));
  return structure;
}

function structureFrom(value: Readonly<Record<string, unknown>>): Structure | string {
  const lines = new Map<string, LineStructure>();
  const taken = new Set<string>();
  for (const [path, line] of Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b))) {
    if (!LINE.test(path)) return `expected lines by path such as site/area/line, found ${JSON.stringify(path)}`;
    if (!isJsonObject(line)) return `${path}: expected an object with rated and unrated`;
    const { rated = [], unrated = [], constraint = null, ids = {} } = line;
    if (!isNames(rated) || !isNames(unrated)) return `${path}: expected names of machines in rated and unrated`;
    if (!isJsonObject(ids) || !Object.values(ids).every((id) => typeof id === "string" && ID.test(id))) {
      return `${path}.ids: expected ids such as site/area/line/machine by name`;
    }
    const placed = (name: string, isRated: boolean): PlacedMachine => {
      const own = `${path}/${name}`;
      const id = ids[name];
      return { id: typeof id === "string" ? id : own, path: own, rated: isRated };
    };
    const machines = [...rated.map((name) => placed(name, true)), ...unrated.map((name) => placed(name, false))];
    const twice = machines.find(({ id }) => taken.size === taken.add(id).size);
    if (twice !== undefined) return `${path}: expected each machine once, found ${twice.id} again`;
    const first = machines.find((one) => nameOf(one) === constraint);
    if (constraint !== null && first === undefined) return `${path}.constraint: expected a machine of the line`;
    lines.set(path, {
      machines: machines.sort((a, b) => compareCodePoints(a.path, b.path)),
      constraint: first?.id ?? null,
    });
  }
  return lines.size === 0 ? "expected at least one line" : lines;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && NAME.test(name));
}
