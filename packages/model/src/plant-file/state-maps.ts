/**
 * What machines' own words mean (TL-5): the built-in maps of packages/engine/SPEC.md and those of the plant, which may extend another.
 * Keys are kept in the form in which names compare.
 */
import type { StateMap } from "../plant.ts";
import { normalizeStateName, ownStateOf, STATE_NAMES, type StateName } from "../state.ts";
import { type Entry, quote, type Value } from "./value.ts";
import { ANY_TEXT, entriesOf, fieldsOf, optional, referenceOf, unexpected } from "./fields.ts";
import type { Problems } from "./problem.ts";

/** ISA-TR88.00.02: the names, and the numbers of `StateCurrent`. */
const PACKML: Readonly<Partial<Record<StateName, string>>> = {
  running: "Execute 6 Completing 16",
  idle: "Stopped 2 Starting 3 Idle 4 Stopping 7 Holding 10 Held 11 Unholding 12 Resetting 15 Complete 17",
  starved: "Suspended 5 Suspending 13 Unsuspending 14",
  down: "Clearing 1 Aborting 8 Aborted 9",
  unknown: "Undefined 0",
};

/** MTConnect's Execution. */
const MTCONNECT: Readonly<Partial<Record<StateName, string>>> = {
  running: "ACTIVE",
  idle: "READY INTERRUPTED FEED_HOLD STOPPED OPTIONAL_STOP PROGRAM_STOPPED PROGRAM_COMPLETED PROGRAM_OPTIONAL_STOP WAIT",
  unknown: "UNAVAILABLE",
};

const SEMI_E10: Readonly<Partial<Record<StateName, string>>> = {
  running: "PRODUCTIVE",
  idle: "STANDBY",
  maintenance: "ENGINEERING SCHEDULED_DOWNTIME",
  down: "UNSCHEDULED_DOWNTIME",
  "no-demand": "NON_SCHEDULED",
};

export const BUILT_IN_STATE_MAPS: ReadonlyMap<string, StateMap> = new Map([
  ["packml", builtIn(PACKML)],
  ["mtconnect", builtIn(MTCONNECT)],
  ["semi-e10", builtIn(SEMI_E10)],
]);

function builtIn(wordsByState: Readonly<Partial<Record<StateName, string>>>): StateMap {
  const map = new Map<string, StateName>();
  for (const state of STATE_NAMES) {
    for (const word of wordsByState[state]?.split(" ") ?? []) map.set(normalizeStateName(word), state);
  }
  return map;
}

/** Bounds the work of a chain of maps that each copy the one before. */
const CHAIN_LENGTH_MAX = 16;

interface Written {
  readonly own: StateMap;
  readonly extends: Value | null;
}

/** All maps a machine may name: the built-in ones and, each complete with what it extends, the plant's. */
export function readStateMaps(value: Value, problems: Problems): ReadonlyMap<string, StateMap> {
  const written = new Map<string, Written>();
  for (const [name, own] of BUILT_IN_STATE_MAPS) written.set(name, { own, extends: null });
  for (const entry of entriesOf(value, "state maps by name", ANY_TEXT, problems)) {
    if (BUILT_IN_STATE_MAPS.has(entry.key)) {
      problems.add(entry.keyPlace, `the name ${quote(entry.key)}, which is built in`, "another name");
    } else {
      const fields = fieldsOf(entry.value, ["extends", "map"], [], problems);
      written.set(entry.key, {
        own: optional(fields.map, (map) => readMap(map, problems)) ?? new Map(),
        extends: fields.extends ?? null,
      });
    }
  }
  return new Map([...written].map(([name, map]) => [name, complete(map, written, problems)]));
}

function complete(map: Written, written: ReadonlyMap<string, Written>, problems: Problems): StateMap {
  const chain: Written[] = [map];
  let next = map.extends;
  while (next !== null) {
    const base = referenceOf(next, "a state map", written, problems);
    if (base === null) break;
    if (chain.includes(base) || chain.length === CHAIN_LENGTH_MAX) {
      problems.add(next, "a chain of maps without end", `one that ends, after at most ${CHAIN_LENGTH_MAX}`);
      break;
    }
    chain.push(base);
    next = base.extends;
  }
  return new Map(chain.toReversed().flatMap(({ own }) => [...own]));
}

function readMap(value: Value, problems: Problems): StateMap {
  const map = new Map<string, StateName>();
  for (const entry of stateNamed(value, "the machine's words, each with one of our states", problems)) {
    const { value: word } = entry;
    const state = word.kind === "scalar" && typeof word.value === "string" ? ownStateOf(word.value) : undefined;
    if (state === undefined) unexpected(word, `one of ${STATE_NAMES.join(", ")}`, problems);
    else map.set(normalizeStateName(entry.key), state);
  }
  return map;
}

/** The entries of a mapping whose keys compare as state names do: two that are one name are a problem. */
export function stateNamed(value: Value, expected: string, problems: Problems): readonly Entry[] {
  const byName = new Map<string, Entry>();
  for (const entry of entriesOf(value, expected, ANY_TEXT, problems)) {
    const name = normalizeStateName(entry.key);
    const earlier = byName.get(name);
    if (earlier === undefined) byName.set(name, entry);
    else {
      const found = `${quote(entry.key)}, the same name as ${quote(earlier.key)}`;
      problems.add(entry.keyPlace, found, "each name once, whatever its case and separators");
    }
  }
  return [...byName.values()];
}
