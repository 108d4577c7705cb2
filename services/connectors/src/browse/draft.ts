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
  readonly state: string | readonly Readonly<Record<string, unknown>>[] | null;
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
const MTCONNECT = /^(?:ACTIVE|READY|STOPPED|INTERRUPTED|PROGRAM_COMPLETED|FEED_HOLD|WAIT|UNAVAILABLE)$/;
const PACKML =
  /^(?:clearing|stopped|starting|idle|suspended|execute|stopping|aborting|aborted|holding|held|unholding|suspending|unsuspending|resetting|completing|complete|completed)$/i;
const OUR_STATES = /^(?:running|idle|down)$/i;
const PLACE = "site/area/line";

export function draftOf(seen: readonly Seen[]): Draft {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) {
    const key = `${one.protocol}\n${one.group}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const machines = new Map<string, DraftedMachine>();
  const leftOut: string[] = [];
  for (const [key, own] of groups) {
    const machine = machineOf(own);
    if (machine === null) {
      leftOut.push(own[0]?.group ?? key);
      continue;
    }
    const name = slug(key.split(/[\n/]/).at(-1) ?? "machine");
    let id = `${PLACE}/${name}`;
    for (let i = 2; machines.has(id); i++) id = `${PLACE}/${name}-${i}`;
    machines.set(id, machine);
  }
  return { machines, leftOut };
}

function machineOf(own: readonly Seen[]): DraftedMachine | null {
  const states = own.filter(({ name, value }) => STATE_NAME.test(name) && ["string", "number"].includes(typeof value));
  // What a controller executes says more than its mode.
  const state = states.find(({ name }) => EXECUTION.test(name)) ?? states.at(0);
  const running = own.find(
    ({ name, value }) => RUNNING_NAME.test(name) && ["boolean", "number"].includes(typeof value),
  );
  const numbers = own.filter(
    ({ value, name }) => typeof value === "number" && Number.isInteger(value) && value >= 0 && name !== state?.name,
  );
  const scrap = numbers.find(({ name }) => SCRAP_NAME.test(name));
  const good = numbers.find(({ name }) => COUNT_NAME.test(name) && name !== scrap?.name);
  if (state === undefined && running === undefined && good === undefined) return null;
  const signals: Record<string, Seen["address"]> = {};
  const totals: Record<string, string> = {};
  if (state !== undefined) signals["state"] = state.address;
  else if (running !== undefined) signals["running"] = running.address;
  if (good !== undefined) {
    signals["good"] = good.address;
    totals["good"] = "good";
  }
  if (scrap !== undefined && good !== undefined) {
    signals["scrap"] = scrap.address;
    totals["scrap"] = "scrap";
  }
  const conditions = [{ when: "running", state: "running" }, { state: "idle" }];
  return {
    protocol: own[0]?.protocol ?? "",
    signals,
    state: state !== undefined ? "state" : running !== undefined ? conditions : null,
    totals,
    states: state === undefined ? null : statesOf(state.value),
  };
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
