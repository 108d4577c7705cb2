/**
 * A plant as the product uses it: the plant file, checked, with everything inherited and resolved.
 * Durations are milliseconds, cycle times (planned run time per item, takt) whole microseconds.
 */
import type { Hop } from "./review-names.ts";
import type { Kpis } from "./kpis.ts";
import type { ScopeKind } from "./questions.ts";
import type { Category, StateName } from "./state.ts";
import type { Zone } from "./zones/zone.ts";

export interface Plant {
  readonly enterprise: string;
  /** What people call it; the enterprise's identifier where the file gives no name. */
  readonly name: string;
  /** Of the enterprise's own periods. */
  readonly timezone: Zone;
  /** The release of the zone rules that it was read with, such as `2026f`. */
  readonly zoneRelease: string;
  /** Digest of all settings that change numbers (DI-3); names, targets, windows and currency change none. */
  readonly version: string;
  /** In the order of the plant file; `machine.index` is the place in this list. */
  readonly machines: readonly Machine[];
  /** By id, by path, and by every path that a machine had before. */
  readonly machineById: ReadonlyMap<string, Machine>;
  /** Every scope by its path, the enterprise as `*`; parents before children, in the order of the plant file. */
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly products: ReadonlyMap<string, Product>;
  readonly reasons: ReasonTree;
  /** The plant's policy for each of our states (TL-5). */
  readonly categories: Readonly<Record<StateName, Category>>;
  readonly windows: readonly RollingWindow[];
  readonly currency: string | null;
  /** Names of roles; who they are is a matter of settings. */
  readonly roles: readonly string[];
  readonly owners: readonly OwnerRule[];
  readonly alerts: readonly AlertRule[];
}

/** Who owns stops of a scope and reason (OW-1); `null`: this rule does not say. */
export interface OwnerRule {
  /** `*` is every scope. */
  readonly scope: string;
  /** `null`: every reason, and none. */
  readonly reason: string | null;
  readonly accountable: string | null;
  readonly responsible: readonly string[] | null;
  readonly consulted: readonly string[] | null;
  readonly informed: readonly string[] | null;
}

/** A rule that opens alerts (AL-1), and the roles that get messages about them, step by step (AL-3). */
export interface AlertRule {
  readonly id: string;
  readonly scope: string;
  readonly condition: AlertCondition;
  readonly chain: readonly ChainStep[];
  /** Steps of an alert that is not urgent wait for its scheduled time; `null`: they never wait. */
  readonly calendar: Calendar | null;
  readonly urgent: boolean;
}

export interface ChainStep {
  /** After the opening. */
  readonly afterMs: number;
  /** A role, or one of responsible, accountable, consulted, informed. */
  readonly to: string;
}

export type AlertCondition =
  | { readonly kind: "stop"; readonly forMs: number; readonly reason: string | null }
  | { readonly kind: "no-reason" | "silent"; readonly forMs: number }
  | {
      readonly kind: "kpi";
      readonly forMs: number;
      readonly measure: keyof Kpis;
      /** Name of a rolling window. */
      readonly window: string;
      readonly limit: number | "target";
      readonly side: "below" | "above";
      /** How far within the limit it must come to be over. */
      readonly clear: number;
    }
  | { readonly kind: "late"; readonly forMs: number; readonly hop: Hop; readonly p95Ms: number }
  | { readonly kind: "behind"; readonly dates: number };

export interface Scope {
  /** `*`, `site`, `site/area`, `site/area/line` or a machine's id. */
  readonly path: string;
  readonly kind: ScopeKind;
  readonly name: string;
  readonly parent: Scope | null;
  readonly children: readonly Scope[];
  /** Of its days, weeks, months and quarters (PE-2). */
  readonly timezone: Zone;
  /** How its days, weeks, quarters and years begin (PE-5); one object for all scopes that have it from one place. */
  readonly periods: PeriodRules;
  /** All machines below it, in the order of the plant file. */
  readonly machines: readonly Machine[];
  /** The machines whose components make its KPIs (EQ-3). */
  readonly members: readonly Machine[];
  /** Whether its members are rated (EQ-2): all are, or none is. */
  readonly rated: boolean;
  /** Of a line: the one machine that stands for it; `null`: all of them do. */
  readonly constraint: Machine | null;
  /** Who stood for it when (DI-3); `null`: its members, always. */
  readonly past: ScopePast | null;
  /** What its quantities are in (CN-5); `null`: its members have several units. */
  readonly unit: string | null;
  /** Of its quantities: the most that any of its members has. */
  readonly decimals: number;
  /** Of a machine or a line: what it may be ranked with (BM-1). */
  readonly class: string | null;
  /** Targets in force here, inherited downwards, by KPI name. */
  readonly targets: Readonly<Record<string, number>>;
}

/** How the machines of a scope changed (DI-3). */
export interface ScopePast {
  /** When any scope of the plant changed (epoch ms, sorted): rows are cut there. */
  readonly changes: readonly number[];
  /** From −∞ to ∞, without a gap. */
  readonly epochs: readonly ScopeEpoch[];
}

/** A span `[from, to)` in which a scope had these machines, and these stood for it; none: it was not there. */
export interface ScopeEpoch {
  readonly from: number;
  readonly to: number;
  readonly machines: readonly Machine[];
  readonly members: readonly Machine[];
  readonly rated: boolean;
}

export interface Machine {
  readonly index: number;
  /**
   * What its events, rows and live records are kept under: `site/area/line/machine` (EQ-1), its path, or where that has
   * changed the first one that it had (`formerly`). It stays when the machine is moved or renamed.
   */
  readonly id: string;
  /** `site/area/line/machine`, where it is now: the path of its scope. */
  readonly path: string;
  /** Paths that it had before, the newest first. Events that name one of them are its own. */
  readonly formerly: readonly string[];
  readonly name: string;
  readonly site: string;
  readonly area: string;
  readonly line: string;
  readonly timezone: Zone;
  /** `null`: scheduled always, with no shift (CA-1). */
  readonly calendar: Calendar | null;
  /** Planned run time per item (µs); `null`: not rated (EQ-2). */
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
  readonly costPerHour: number | null;
  /** A stop shorter than this is minor (ST-2); 0: none is. */
  readonly minorStopThresholdMs: number;
  /** TL-4; `null`: off. */
  readonly staleAfterMs: number | null;
  /** A stop of this length needs a reason (RS-1 of the review's specification). */
  readonly reasonAfterMs: number;
  /** Machines of one class are alike and may be ranked (BM-1); `null`: it is not ranked. */
  readonly class: string | null;
  /** Where its running totals begin again (CN-2), in smallest units. */
  readonly rolloverAt: number | null;
  /** The unit of its quantities, a name that changes no number (CN-5). */
  readonly unit: string;
  /** Quantities of its events and rows are whole numbers of `10^-decimals` units (CN-5). */
  readonly decimals: number;
  /** The pieces that a count of 1 is, where neither job nor product says (CN-6). */
  readonly piecesPerCount: number;
  /** Totals that grow faster are doubted (CN-8): millionths of a unit an hour; `null`: none is. */
  readonly maxRateMillionths: number | null;
  /** TL-9; `null`: off. */
  readonly pulseGapMs: number | null;
  readonly overtime: "count" | "ignore";
  readonly states: StateMap;
}

/** What a machine's own words mean: normalized name → our state. Our own names are understood besides (TL-5). */
export type StateMap = ReadonlyMap<string, StateName>;

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
  /** `null`: the machine's (CN-6). */
  readonly piecesPerCount: number | null;
}

/** A calendar as written: local wall-clock times. Minutes are of the day; an end may exceed 1440 (CA-1). */
export interface Calendar {
  readonly name: string;
  readonly shifts: readonly ShiftRule[];
  /** By local date `yyyy-mm-dd`: these shifts instead of the weekday's; none when closed. Their `days` are all. */
  readonly exceptions: ReadonlyMap<string, readonly ShiftRule[]>;
}

export interface ShiftRule {
  readonly name: string;
  /** ISO weekdays (1 = Monday) of the local date on which the shift starts (CA-2). */
  readonly days: readonly number[];
  /** In place of `days`, which are then all: on dates so many days from one, in turns (CA-6); `null`: none. */
  readonly cycle: ShiftCycle | null;
  /** The crew that works it, a name that changes no number (CA-6). */
  readonly crew: string | null;
  /** Minutes after local midnight of the shift's date, by the wall clock; `endMinute` is above `startMinute`. */
  readonly startMinute: number;
  readonly endMinute: number;
  readonly breaks: readonly { readonly startMinute: number; readonly endMinute: number }[];
}

/** A date has the shift when its distance from `startDay`, modulo `days`, is in `on`. */
export interface ShiftCycle {
  /** Days since 1970-01-01. */
  readonly startDay: number;
  readonly days: number;
  readonly on: readonly number[];
}

/** How civil periods begin (PE-5). */
export interface PeriodRules {
  /** Minutes after local midnight at which a day begins. */
  readonly dayStartMinute: number;
  /** ISO weekday (1 = Monday) on which a week begins. */
  readonly weekStart: number;
  /** Month (1 = January) with whose 1st a year begins, and its quarters are counted from. */
  readonly yearStartMonth: number;
}

/** The plant's reasons (TL-6). */
export interface ReasonTree {
  readonly children: ReadonlyMap<string, ReasonNode>;
}

export interface ReasonNode extends ReasonTree {
  readonly name: string;
  readonly category: Category | null;
  readonly failure: boolean | null;
  /** Whether a stop with this reason still needs another one (RS-1), as with "other". */
  readonly vague: boolean | null;
}

/** `durationMs` is `null` for the running shift (PE-3). */
export interface RollingWindow {
  readonly name: string;
  readonly durationMs: number | null;
}

/** The scope at a path; of a machine that was moved or renamed, also by a path that it had before. */
export function scopeAt(plant: Pick<Plant, "scopes" | "machineById">, path: string): Scope | undefined {
  return plant.scopes.get(path) ?? plant.scopes.get(plant.machineById.get(path)?.path ?? path);
}

/** Where the machine of an id is now; the id itself where the plant has none such. */
export function machinePath(plant: Pick<Plant, "machineById">, id: string): string {
  return plant.machineById.get(id)?.path ?? id;
}

/** What the nearest nodes on the path set; `null` where none does. Unknown tails are ignored (TL-6). */
export function resolveReason(
  reasons: ReasonTree,
  path: string,
): { readonly category: Category | null; readonly failure: boolean | null } {
  let category: Category | null = null;
  let failure: boolean | null = null;
  let tree: ReasonTree = reasons;
  for (const segment of path.split("/")) {
    const node = tree.children.get(segment);
    if (node === undefined) break;
    category = node.category ?? category;
    failure = node.failure ?? failure;
    tree = node;
  }
  return { category, failure };
}
