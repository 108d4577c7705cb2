/**
 * Machines of a connection. An id with names in braces (`berlin/packing/l1/{machine}`) stands for each machine of the plant whose id has
 * that form, and the same names in its signals for the parts of its id: so a machine is taken from a topic, a node or a row.
 */
import { ANY_TEXT, entriesOf, type Problems, type Value } from "@oee/model/settings-file";

export interface MachineEntry {
  readonly machine: string;
  readonly keyPlace: Parameters<Problems["add"]>[0];
  readonly value: Value;
}

/** A part of an id, up to the next `/`. */
const NAMED = /\{([a-zA-Z]\w*)\}/g;
const SIGNALS = "signals";

/** `plant`: the ids of its machines; `null`: none is at hand. */
export function machinesIn(
  value: Value,
  plant: ReadonlySet<string> | null,
  problems: Problems,
): readonly MachineEntry[] {
  const entries = entriesOf(value, "machines by id", ANY_TEXT, problems);
  const written = new Set(entries.map(({ key }) => key));
  return entries.flatMap(({ key, keyPlace, value: own }): readonly MachineEntry[] => {
    const form = formOf(key);
    if (form === null) return [{ machine: key, keyPlace, value: own }];
    if (plant === null) {
      problems.add(keyPlace, key, "a plant file too (--plant), whose machines it stands for");
      return [];
    }
    // A machine that has an entry of its own is none of these.
    const found = [...plant].filter((machine) => !written.has(machine) && form.test(machine));
    if (found.length === 0) problems.add(keyPlace, key, "the form of the id of a machine of the plant");
    return found.map((machine) => ({ machine, keyPlace, value: ofMachine(own, form.exec(machine)?.groups ?? {}) }));
  });
}

/** `null`: it has no names. */
function formOf(id: string): RegExp | null {
  const parts = id.split(NAMED);
  if (parts.length === 1) return null;
  const source = parts.map((part, i) =>
    i % 2 === 1 ? `(?<${part}>[^/]+)` : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`);
}

function ofMachine(own: Value, names: Readonly<Record<string, string>>): Value {
  if (own.kind !== "mapping") return own;
  const entries = [...own.entries].map(
    ([key, entry]) => [key, key === SIGNALS ? { ...entry, value: named(entry.value, names) } : entry] as const,
  );
  return { ...own, entries: new Map(entries) };
}

function named(value: Value, names: Readonly<Record<string, string>>): Value {
  switch (value.kind) {
    case "scalar": {
      if (typeof value.value !== "string") return value;
      const text = value.value.replaceAll(NAMED, (whole, name: string) => names[name] ?? whole);
      return { ...value, value: text, source: text };
    }
    case "list":
      return { ...value, items: value.items.map((item) => named(item, names)) };
    case "mapping": {
      const entries = [...value.entries].map(
        ([key, entry]) => [key, { ...entry, value: named(entry.value, names) }] as const,
      );
      return { ...value, entries: new Map(entries) };
    }
  }
}
