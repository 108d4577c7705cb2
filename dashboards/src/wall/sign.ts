/**
 * The sign of a machine's live state, to be read from ten metres: one out of nine, with a word, a detail and a severity.
 * No data, or a category that this build does not know, is never shown as running or idle (W-3).
 */
import type { LiveElement, LiveMachine } from "@oee/protocol";
import type { TextKey } from "../shared/texts/texts.ts";

export type Sign =
  | "stopNoReason"
  | "stop"
  | "noData"
  | "minorStop"
  | "slow"
  | "setup"
  | "plannedStop"
  | "running"
  | "notPlanned";

/** All signs, worst first: the order of tiles with `sort=worst`, and of the counts on top of a screen. */
export const SIGNS: readonly Sign[] = [
  "stopNoReason",
  "stop",
  "noData",
  "minorStop",
  "slow",
  "setup",
  "plannedStop",
  "running",
  "notPlanned",
];

/** A machine that runs below this share of its ideal rate is slow. */
const SLOW_BELOW = 0.8;
/** For this long after a start a machine is not shown as slow, since its rate is that of the last quarter of an hour. */
const SLOW_AFTER_MS = 120_000;
/** From which age on the newest event's age is shown: of running machines, which send counts often, and of others. */
const AGE_MATTERS_RUNNING_MS = 120_000;
const AGE_MATTERS_ELSE_MS = 900_000;

export interface MachineSign {
  readonly sign: Sign;
  /** The key of the headline's text. */
  readonly word: TextKey;
  /** Whether it is starved or blocked by another machine; then it is drawn in outline. */
  readonly consequence: boolean;
  /** Share of the ideal rate, where the sign is `slow`. */
  readonly rateShare: number | null;
  readonly since: number | null;
}

/** Whether someone must go to the machine. */
function needsSomeone(sign: Sign): boolean {
  return sign === "stop" || sign === "stopNoReason";
}

function severityOf(sign: Sign): number {
  return SIGNS.indexOf(sign);
}

/** The sign of a machine. `knownUntil`: the server's time (epoch ms) up to which the picture is true. */
export function signOf(machine: LiveMachine | null, knownUntil: number | null): MachineSign {
  const state = machine?.state ?? "unknown";
  const since = machine?.since ?? null;
  const as = (sign: Sign, word: TextKey, rateShare: number | null = null): MachineSign => ({
    sign,
    word,
    consequence: state === "starved" || state === "blocked",
    rateShare,
    since,
  });
  if (machine === null || state === "unknown") return as("noData", "state.unknown");
  switch (machine.category) {
    case "production": {
      const rateShare = slowShare(machine, knownUntil);
      return rateShare === null ? as("running", "state.running") : as("slow", "sign.slow", rateShare);
    }
    case "unplannedStop":
      if (!machine.scheduled) return as("notPlanned", "sign.notScheduled");
      if (machine.minor === true) return as("minorStop", "sign.minorStop");
      return as(machine.reason === null ? "stopNoReason" : "stop", wordOf(state, "sign.stop"));
    case "setup":
      return machine.scheduled ? as("setup", "state.setup") : as("notPlanned", "sign.notScheduled");
    case "plannedStop":
      return machine.scheduled
        ? as("plannedStop", wordOf(state, "sign.plannedStop"))
        : as("notPlanned", "sign.notScheduled");
    case "notPlanned":
      return as("notPlanned", wordOf(state, machine.scheduled ? "sign.notPlanned" : "sign.notScheduled"));
    default:
      return as("noData", "state.unknown");
  }
}

/** The machine's share of its ideal rate, where it counts as slow, else `null`. */
function slowShare(machine: LiveMachine, knownUntil: number | null): number | null {
  if (machine.rate === null || machine.idealCycleSeconds === null || machine.idealCycleSeconds <= 0) return null;
  if (knownUntil === null || machine.since === null || knownUntil - machine.since < SLOW_AFTER_MS) return null;
  const share = (machine.rate * machine.idealCycleSeconds) / 3_600;
  return share < SLOW_BELOW ? share : null;
}

const STOP_STATES: ReadonlySet<string> = new Set([
  "idle",
  "starved",
  "blocked",
  "down",
  "maintenance",
  "cleaning",
  "break",
  "no-demand",
]);

/** The word of the state, or, where a reason gave it a category that the word contradicts, `fallback`, the word of the sign. */
function wordOf(state: string, fallback: TextKey): TextKey {
  if (!STOP_STATES.has(state)) return fallback;
  if (fallback === "sign.plannedStop" && state !== "maintenance" && state !== "cleaning") return fallback;
  if (fallback === "sign.stop" && (state === "break" || state === "no-demand")) return fallback;
  if (
    (fallback === "sign.notPlanned" || fallback === "sign.notScheduled") &&
    state !== "break" &&
    state !== "no-demand"
  ) {
    return fallback;
  }
  return `state.${state}` as TextKey;
}

/** Age of the newest event in ms where it is to be shown (W-3): always without data, else from some minutes on; else `null`. */
export function ageThatMatters(machine: LiveMachine, sign: Sign, knownUntil: number | null): number | null {
  if (machine.lastEventAt === null || knownUntil === null) return null;
  const age = Math.max(0, knownUntil - machine.lastEventAt);
  if (sign === "noData") return age;
  if (sign === "notPlanned") return null;
  return age >= (sign === "running" || sign === "slow" ? AGE_MATTERS_RUNNING_MS : AGE_MATTERS_ELSE_MS) ? age : null;
}

/** Compares two signs for "worst first": by sign, causes before consequences, then the one that lasts longest. */
export function compareCalls(a: MachineSign, b: MachineSign): number {
  const bySign = severityOf(a.sign) - severityOf(b.sign);
  if (needsSomeone(a.sign) && needsSomeone(b.sign)) {
    if (a.consequence !== b.consequence) return a.consequence ? 1 : -1;
  }
  return bySign !== 0 ? bySign : (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER);
}

export interface CalledMachine {
  readonly element: LiveElement;
  readonly sign: MachineSign;
}

export interface SignCount {
  readonly sign: Sign;
  readonly count: number;
}

export interface Calls {
  /** The machine that comes first by `compareCalls`; of equals the first of the list. */
  readonly worst: CalledMachine | undefined;
  /** How many machines show which sign, worst first; signs that none shows are left out. */
  readonly counts: readonly SignCount[];
  readonly machines: number;
}

/** The worst machine of a scope and its counts of signs, in one pass, since a scope may have thousands of machines. */
export function callsOf(elements: readonly LiveElement[], knownUntil: number | null): Calls {
  const counts = new Map<Sign, number>();
  let worst: CalledMachine | undefined;
  for (const element of elements) {
    const sign = signOf(element.machine, knownUntil);
    counts.set(sign.sign, (counts.get(sign.sign) ?? 0) + 1);
    if (worst === undefined || compareCalls(sign, worst.sign) < 0) worst = { element, sign };
  }
  return {
    worst,
    counts: SIGNS.map((sign) => ({ sign, count: counts.get(sign) ?? 0 })).filter(({ count }) => count > 0),
    machines: elements.length,
  };
}
