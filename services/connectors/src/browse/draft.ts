/**
 * Drafts a connections file and a plant file from the signals that a peer offers, by their names and values. A group
 * of signals without a state and without a count is taken for no machine. The files are to be read and corrected by a
 * person who knows the machines.
 */
import type { Seen } from "./seen.ts";

export interface Draft {
  /** The connections file, but for a connection's settings. */
  readonly machines: ReadonlyMap<string, DraftedMachine>;
  /** Groups that were taken for no machine. */
  readonly leftOut: readonly string[];
}

export interface DraftedMachine {
  readonly protocol: string;
  readonly signals: Readonly<Record<string, Seen["address"]>>;
  readonly state: string | Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[] | null;
  readonly totals: Readonly<Record<string, string>>;
  /** The plant's state map that knows the value that was seen; `null`: none of those that are built in. */
  readonly states: "packml" | "mtconnect" | null;
}

// Names in English and German.
const EXECUTION = /execut/i;
const STATE_NAME = /state|status|execut|mode|zustand|betriebsart/i;
const RUNNING_NAME = /^(?:is)?(?:run(?:ning)?|active|busy|läuft|laeuft|in_?betrieb)$/iu;
const SCRAP_NAME = /scrap|reject|defect|bad|nok|ausschu(?:ss|ß)|schlecht|(?:^|[^a-z])nio(?:[^a-z]|$)/iu;
const COUNT_NAME = /count|good|total|parts?|pieces|produced|strokes|gut|teile|stück|stueck|zähler|zaehler|hübe|huebe/iu;
/** Of a count in PackML's structure that which goes on over jobs. */
const RUNS_ON = ".AccCount";
const MTCONNECT = /^(?:ACTIVE|READY|STOPPED|INTERRUPTED|PROGRAM_COMPLETED|FEED_HOLD|WAIT|UNAVAILABLE)$/;
const PACKML =
  /^(?:clearing|stopped|starting|idle|suspended|execute|stopping|aborting|aborted|holding|held|unholding|suspending|unsuspending|resetting|completing|complete|completed)$/i;
/** The variable of a state machine of OPC UA. */
const CURRENT_STATE = "CurrentState";
/** Those of Weihenstephan that say why a machine is held: what else there is says that it is. */
const SAYS_WHY = /^(?:held|suspended)/i;
/** What PackML's outer state machines say while an inner one is at work. */
const SUPER_STATE = /^(?:cleared|running)$/i;
/** A group of variables that belongs to the object above it. */
const OF_PARENT = /^OperatingStates$/i;
const OUR_STATES = /^(?:running|idle|down)$/i;
const PLACE = "site/area/line";

export function draftOf(seen: readonly Seen[]): Draft {
  const groups = new Map<string, Seen[]>();
  const nested = nestedIn(seen);
  for (const one of seen) {
    const machine = [...nested.keys()].find((path) => isBelow(one.group, path)) ?? one.group;
    const key = `${one.protocol}\n${machine}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const machines = new Map<string, DraftedMachine>();
  const leftOut: string[] = [];
  for (const [key, own] of groups) {
    const [, path = ""] = key.split("\n");
    const machine = machineOf(own, nested.get(path) ?? []);
    if (machine === null) {
      leftOut.push(path);
      continue;
    }
    const name = slug(path.split("/").at(-1) ?? "machine");
    let id = `${PLACE}/${name}`;
    for (let i = 2; machines.has(id); i++) id = `${PLACE}/${name}-${i}`;
    machines.set(id, machine);
  }
  return { machines, leftOut };
}

function isBelow(group: string, path: string): boolean {
  return group === path || group.startsWith(`${path}/`);
}

/** By the path of a machine: the states of its state machines that lie inside of one another, as those of PackML in OPC UA, outermost first. */
function nestedIn(seen: readonly Seen[]): ReadonlyMap<string, readonly Seen[]> {
  const nested = new Map<string, readonly Seen[]>();
  const states = seen
    .filter(({ name, group }) => name === CURRENT_STATE && !SAYS_WHY.test(group.split("/").at(-1) ?? ""))
    .toSorted((a, b) => a.group.length - b.group.length);
  const isPackml = ({ value }: Seen): boolean =>
    value === null || value === "" || (typeof value === "string" && (PACKML.test(value) || SUPER_STATE.test(value)));
  for (const outer of states) {
    const all = states.filter(({ group }) => isBelow(group, outer.group));
    const above = outer.group.split("/").slice(0, -1);
    if (OF_PARENT.test(above.at(-1) ?? "")) above.pop();
    const path = above.join("/");
    const isKnown = [...nested.keys()].some((other) => isBelow(path, other));
    if (all.length > 1 && path !== "" && !isKnown && all.every(isPackml)) nested.set(path, all);
  }
  return nested;
}

/** `nested`: the states of its state machines, outermost first, where it has several. */
function machineOf(own: readonly Seen[], nested: readonly Seen[]): DraftedMachine | null {
  const states = own.filter(({ name, value }) => STATE_NAME.test(name) && ["string", "number"].includes(typeof value));
  // What a controller executes says more than its mode.
  const state = states.find(({ name }) => EXECUTION.test(name)) ?? states.at(0);
  const running = own.find(
    ({ name, value }) => RUNNING_NAME.test(name) && ["boolean", "number"].includes(typeof value),
  );
  const counts = new Set(own.flatMap(({ name }) => (name.endsWith(RUNS_ON) ? [structureOf(name)] : [])));
  const numbers = own.filter(
    ({ value, name }) =>
      typeof value === "number" &&
      Number.isInteger(value) &&
      value >= 0 &&
      name !== state?.name &&
      (name.endsWith(RUNS_ON) || !counts.has(structureOf(name))),
  );
  const scrap = numbers.find(({ name }) => SCRAP_NAME.test(name));
  const good = numbers.find(({ name }) => COUNT_NAME.test(name) && name !== scrap?.name);
  if (state === undefined && running === undefined && good === undefined) return null;
  const signals: Record<string, Seen["address"]> = {};
  const totals: Record<string, string> = {};
  if (nested.length > 0) for (const [i, { address }] of nested.entries()) signals[nestedName(i)] = address;
  else if (state !== undefined) signals["state"] = state.address;
  else if (running !== undefined) signals["running"] = running.address;
  if (good !== undefined) {
    signals["good"] = good.address;
    totals["good"] = "good";
  }
  if (scrap !== undefined && good !== undefined) {
    signals["scrap"] = scrap.address;
    totals["scrap"] = "scrap";
  }
  const packml = { packml: nested.map((_, i) => nestedName(i)) };
  const conditions = [{ when: "running", state: "running" }, { state: "idle" }];
  return {
    protocol: own[0]?.protocol ?? "",
    signals,
    state: nested.length > 0 ? packml : state !== undefined ? "state" : running !== undefined ? conditions : null,
    totals,
    states: nested.length > 0 ? "packml" : state === undefined ? null : statesOf(state.value),
  };
}

/** The signals of PackML's state machines, as docs/mappings.md names them. */
function nestedName(place: number): string {
  return ["base", "cleared", "running"][place] ?? `state${place + 1}`;
}

function structureOf(field: string): string {
  return field.slice(0, field.lastIndexOf("."));
}

function statesOf(value: Seen["value"]): DraftedMachine["states"] {
  if (typeof value === "number") return value >= 0 && value <= 17 ? "packml" : null;
  if (typeof value !== "string") return null;
  if (MTCONNECT.test(value)) return "mtconnect";
  // Whoever says `Running` says `Stopped` too, which is a word of PackML and none of ours.
  return PACKML.test(value) || OUR_STATES.test(value) ? "packml" : null;
}

/** As plant files name machines. */
function slug(text: string): string {
  const words = text
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[äöü]/g, (letter) => `${letter.normalize("NFD").charAt(0)}e`)
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return words === "" ? "machine" : words;
}
