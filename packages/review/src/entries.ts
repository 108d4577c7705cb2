/**
 * Entries (RE-1, RE-2): what people put in, as revisions in one order. Each revision is whole and replaces the one before;
 * nothing is ever deleted. Here an entry is checked by itself and for the names that it uses. What needs the facts, such as
 * whether a baseline's period counts, is judged by `Programme`.
 */
import {
  COMPONENT_NAMES,
  ENTRY_TYPES,
  type EntryType,
  isJsonObject,
  KPI_NAMES,
  type Kpis,
  type Plant,
  type PublicComponents,
  publicNameOf,
  type Scope,
  scopeAt,
  readStructure,
  type StructureChange,
} from "@oee/model";
import type { BaselineFigures } from "./baselines.ts";
import type { Day } from "./dates.ts";
import { EntryFields, type Fields, InvalidEntry } from "./entry-fields.ts";
import { figuresIn } from "./frozen.ts";
import { type Measure, measureNamed, MIN_COVERAGE } from "./measures.ts";
import type { Invested } from "./money.ts";
import { periodNamed } from "./period-names.ts";
import { type Aim, aimOf } from "./targets.ts";

export type EntryRefusalCode = "invalid" | "unknown-scope" | "unknown-measure" | "unknown-entry" | "conflict";

export interface EntryRefusal {
  readonly code: EntryRefusalCode;
  readonly detail: string;
}

interface EntryBase {
  readonly id: string;
  /** 1, then one more than the newest (RE-1). */
  readonly rev: number;
  readonly by: string | null;
  /** When it was made (epoch ms); `null` where nothing says so. */
  readonly at: number | null;
  readonly note: string | null;
  readonly withdrawn: boolean;
  /** The entry as it was given, with fields that are not known here. */
  readonly raw: Fields;
}

export interface BaselineEntry extends EntryBase {
  readonly type: "baseline";
  readonly scope: Scope;
  readonly from: Day;
  readonly to: Day;
  readonly effective: Day;
  readonly minCoverage: number;
  /** The figures of an imported baseline; `null`: the baseline is computed. */
  readonly figures:
    | { readonly kpis: Partial<Kpis>; readonly source: string }
    | { readonly components: Partial<PublicComponents>; readonly source: string }
    | null;
  readonly freeze: boolean;
  /** The figures that were frozen when the entry was accepted (BL-2); `null`: they are computed when it is read. */
  readonly frozen: BaselineFigures | null;
}

export interface TargetEntry extends EntryBase {
  readonly type: "target";
  readonly scope: Scope;
  readonly measure: Measure;
  readonly aim: Aim;
  readonly from: Day | null;
  readonly due: Day | null;
  readonly until: Day | null;
  readonly over: number;
  readonly path: "linear" | "step";
  readonly baseline: string | null;
  readonly startValue: number | null;
  readonly inherit: boolean;
  readonly minCoverage: number;
  readonly strictly: boolean;
}

export interface PilotEntry extends EntryBase, Invested {
  readonly type: "pilot";
  readonly scopes: readonly Scope[];
  readonly controls: readonly Scope[];
  readonly start: Day;
  readonly warmUp: number;
  readonly before: number;
  readonly after: number;
  readonly measures: readonly Measure[];
  readonly minCoverage: number;
}

export interface ActionEntry extends EntryBase, Invested {
  readonly type: "action";
  readonly scope: Scope;
  readonly title: string;
  readonly owner: string | null;
  readonly addresses: Measure;
  readonly opened: Day | null;
  readonly due: Day | null;
  readonly started: Day | null;
  readonly done: Day | null;
  readonly cancelled: Day | null;
  readonly controls: readonly Scope[];
  readonly weeks: number;
}

export interface ReviewEntry extends EntryBase {
  readonly type: "review";
  readonly scope: Scope;
  readonly period: string | readonly [string, string];
  /** The digest of the review's document in the canonical form of RFC 8785 (RV-3); `null`: the review was not presented. */
  readonly digest: string | null;
  readonly document: string | null;
  readonly signOffs: readonly { readonly by: string; readonly role: string; readonly digest: string }[];
}

export interface AcknowledgementEntry extends EntryBase {
  readonly type: "acknowledgement";
  /** The ticket of the alert that is acknowledged. */
  readonly alert: string;
  readonly resolved: boolean;
}

/** Closes the time before a date: corrections of it need a note. */
export interface ClosingEntry extends EntryBase {
  readonly type: "closing";
  readonly scope: Scope;
  /** The first date that is not closed. */
  readonly until: Day;
}

/**
 * Which machines the plant had from an instant on (DI-3). The entry is made when a plant file changes them, and when a past
 * span is computed anew with the present plant file.
 */
export interface StructureEntry extends EntryBase {
  readonly type: "structure";
  /** Always the whole plant, for a scope that there was then may be gone now. */
  readonly scope: Scope;
  readonly change: StructureChange;
}

export interface EntryOf {
  readonly baseline: BaselineEntry;
  readonly target: TargetEntry;
  readonly pilot: PilotEntry;
  readonly action: ActionEntry;
  readonly review: ReviewEntry;
  readonly acknowledgement: AcknowledgementEntry;
  readonly closing: ClosingEntry;
  readonly structure: StructureEntry;
}

export type Entry = EntryOf[EntryType];

/** The least number of blocks before a pilot, and after it (PI-1). */
const BLOCKS_MIN = 6;
const BLOCKS = 12;
const WARM_UP_DAYS = 14;
const WEEKS = 8;
const OVER_DAYS = 28;
/** Ten years of weeks: what is compared with or aimed over is read block by block. */
const BLOCKS_MAX = 520;
const DAYS_MAX = 7 * BLOCKS_MAX;

/** An entry names something that the plant lacks; thrown and caught in this module alone. */
class UnknownName extends Error {
  readonly code: EntryRefusalCode;

  constructor(code: EntryRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads one entry (a JSON value) against a plant. */
export function readEntry(plant: Plant, value: unknown): Entry | EntryRefusal {
  if (!isJsonObject(value)) return { code: "invalid", detail: "expected a JSON object" };
  try {
    return entryOf(plant, new EntryFields(value), value);
  } catch (error) {
    if (error instanceof InvalidEntry) return { code: "invalid", detail: error.message };
    if (error instanceof UnknownName) return { code: error.code, detail: error.message };
    throw error;
  }
}

export function isEntryRefusal(entry: Entry | EntryRefusal): entry is EntryRefusal {
  return "code" in entry;
}

function entryOf(plant: Plant, fields: EntryFields, raw: Fields): Entry {
  const type = ENTRY_TYPES.find((name) => name === fields.get("type")) ?? fields.refuse("type", ENTRY_TYPES.join(", "));
  const base: EntryBase = {
    id: fields.text("id"),
    rev: fields.whole("rev", 1, 1),
    by: fields.optionalText("by"),
    at: fields.optionalInstant("at"),
    note: fields.optionalText("note"),
    withdrawn: fields.flag("withdrawn", false),
    raw,
  };
  switch (type) {
    case "baseline":
      return baselineEntry(plant, fields, base);
    case "target":
      return targetEntry(plant, fields, base);
    case "pilot":
      return pilotEntry(plant, fields, base);
    case "action":
      return actionEntry(plant, fields, base);
    case "review":
      return reviewEntry(plant, fields, base);
    case "closing":
      return { type, ...base, scope: scopeIn(plant, fields.text("scope")), until: fields.date("until") };
    case "structure":
      return structureEntry(plant, fields, base);
    case "acknowledgement":
      return { type, ...base, alert: fields.text("alert"), resolved: fields.flag("resolved", false) };
  }
}

function baselineEntry(plant: Plant, fields: EntryFields, base: EntryBase): BaselineEntry {
  const [from, to] = [fields.date("from"), fields.date("to")];
  if (from >= to) fields.refuse("to", "a date after from");
  return {
    type: "baseline",
    ...base,
    scope: scopeIn(plant, fields.text("scope")),
    from,
    to,
    effective: fields.optionalDate("effective") ?? to,
    minCoverage: fields.share("minCoverage", MIN_COVERAGE),
    figures: figuresOf(fields),
    freeze: fields.has("freeze") && (fields.get("freeze") === "now" || fields.refuse("freeze", '"now"')),
    frozen: fields.has("frozen")
      ? (figuresIn(fields.get("frozen")) ?? fields.refuse("frozen", "components by machine and product"))
      : null,
  };
}

function structureEntry(plant: Plant, fields: EntryFields, base: EntryBase): StructureEntry {
  const from = fields.optionalInstant("from") ?? fields.refuse("from", "an instant such as 2026-03-02T08:00:00Z");
  const to = fields.optionalInstant("to") ?? Infinity;
  if (from >= to) fields.refuse("to", "an instant after from");
  if (base.withdrawn)
    fields.refuse("withdrawn", "nothing: what was so stays so; another structure entry of the same time");
  const scope = fields.optionalText("scope") ?? "*";
  const structure = readStructure(fields.get("lines"));
  if (typeof structure === "string") throw new InvalidEntry(`lines: ${structure}`);
  return { type: "structure", ...base, scope: scopeIn(plant, "*"), change: { from, to, scope, structure } };
}

/** The figures of an imported baseline, which must say where they are from (BL-3); `null`: none are given. */
function figuresOf(fields: EntryFields): BaselineEntry["figures"] {
  const figures = fields.object("figures");
  if (figures === null) return null;
  const source = fields.text("source");
  const { kpis, components } = figures;
  if (isJsonObject(kpis) && components === undefined) return { kpis: numbersIn(fields, kpis, KPI_NAMES), source };
  if (isJsonObject(components) && kpis === undefined) {
    return { components: numbersIn(fields, components, COMPONENTS), source };
  }
  return fields.refuse("figures", "either kpis or components");
}

/** Names of components as JSON has them; their ideal times are in ms. */
const COMPONENTS = COMPONENT_NAMES.map(publicNameOf);

function numbersIn(fields: EntryFields, values: Fields, names: readonly string[]): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    if (!names.includes(name)) fields.refuse("figures", `one of ${names.join(", ")}, and not ${name}`);
    if (typeof value !== "number" || !Number.isFinite(value)) fields.refuse("figures", `a number for ${name}`);
    if (value < 0) fields.refuse("figures", `0 or more for ${name}`);
    numbers[name] = value;
  }
  return numbers;
}

function targetEntry(plant: Plant, fields: EntryFields, base: EntryBase): TargetEntry {
  const measure = aimIn(fields, "measure", fields.text("measure"));
  const aim =
    aimOf(fields.get("value"), measure) ??
    fields.refuse("value", `a number, or a text such as "+5%"${measure.isRatio ? ' or "+5pp"' : ""}`);
  const [from, due, until] = [fields.optionalDate("from"), fields.optionalDate("due"), fields.optionalDate("until")];
  const over = fields.whole("over", OVER_DAYS, 7, DAYS_MAX);
  if (over % 7 !== 0) fields.refuse("over", "whole weeks, in days");
  if (due !== null && from !== null && due <= from + over) fields.refuse("due", "a date later than from and over");
  if (until !== null && from !== null && until <= from) fields.refuse("until", "a date after from");
  const startValue = fields.get("startValue");
  if (startValue !== null && (typeof startValue !== "number" || !Number.isFinite(startValue))) {
    fields.refuse("startValue", "a number");
  }
  return {
    type: "target",
    ...base,
    scope: scopeIn(plant, fields.text("scope")),
    measure,
    aim,
    from,
    due,
    until,
    over,
    path: fields.oneOf("path", ["linear", "step"], "linear"),
    baseline: fields.optionalText("baseline"),
    startValue,
    inherit: fields.flag("inherit", true),
    minCoverage: fields.share("minCoverage", MIN_COVERAGE),
    strictly: fields.flag("strictly", false),
  };
}

function pilotEntry(plant: Plant, fields: EntryFields, base: EntryBase): PilotEntry {
  const scopes = fields.texts("scopes", 1).map((path) => scopeIn(plant, path));
  const controls = fields.texts("controls", 0).map((path) => scopeIn(plant, path));
  checkApart(fields, scopes, controls);
  return {
    type: "pilot",
    ...base,
    scopes,
    controls,
    start: fields.date("start"),
    warmUp: fields.whole("warmUp", WARM_UP_DAYS, 0, DAYS_MAX),
    before: fields.whole("before", BLOCKS, BLOCKS_MIN, BLOCKS_MAX),
    after: fields.whole("after", BLOCKS, BLOCKS_MIN, BLOCKS_MAX),
    measures: fields.texts("measures", 1).map((name) => aimIn(fields, "measures", name)),
    minCoverage: fields.share("minCoverage", MIN_COVERAGE),
    ...invested(plant, fields),
  };
}

function actionEntry(plant: Plant, fields: EntryFields, base: EntryBase): ActionEntry {
  const scope = scopeIn(plant, fields.text("scope"));
  const controls = fields.texts("controls", 0).map((path) => scopeIn(plant, path));
  checkApart(fields, [scope], controls);
  const [started, done] = [fields.optionalDate("started"), fields.optionalDate("done")];
  if (started !== null && done !== null && done < started) fields.refuse("done", "a date not before started");
  return {
    type: "action",
    ...base,
    scope,
    title: fields.text("title"),
    owner: fields.optionalText("owner"),
    addresses: aimIn(fields, "addresses", fields.text("addresses")),
    opened: fields.optionalDate("opened"),
    due: fields.optionalDate("due"),
    started,
    done,
    cancelled: fields.optionalDate("cancelled"),
    controls,
    weeks: fields.whole("weeks", WEEKS, 1, BLOCKS_MAX),
    ...invested(plant, fields),
  };
}

function reviewEntry(plant: Plant, fields: EntryFields, base: EntryBase): ReviewEntry {
  const period = fields.get("period");
  const isPair = Array.isArray(period) && period.length === 2 && period.every((part) => typeof part === "string");
  if (typeof period !== "string" && !isPair) fields.refuse("period", 'a name such as "2026-Q3", or two dates');
  const scope = scopeIn(plant, fields.text("scope"));
  const named = period as ReviewEntry["period"];
  if (periodNamed(named, scope.periods) === null) fields.refuse("period", 'a name such as "2026-Q3", or two dates');
  const digest = fields.optionalText("digest");
  const given = fields.get("signOffs") ?? [];
  if (!Array.isArray(given)) fields.refuse("signOffs", "a list");
  const signOffs = (given as unknown[]).map((value) => {
    if (!isJsonObject(value)) fields.refuse("signOffs", "objects");
    const signed = new EntryFields(value);
    const signOff = { by: signed.text("by"), role: signed.text("role"), digest: signed.text("digest") };
    // RV-3: a sign-off holds for the document whose digest it names, so it must be this one.
    if (signOff.digest !== digest) fields.refuse("signOffs", "the digest of the document that is signed");
    return signOff;
  });
  return {
    type: "review",
    ...base,
    scope,
    period: named,
    digest,
    signOffs,
    document: fields.optionalText("document"),
  };
}

/** Investment and running cost, in the plant's currency (CS-5); refused where the plant has none. */
function invested(plant: Plant, fields: EntryFields): Invested {
  const currency = fields.optionalText("currency");
  if (currency !== null && currency !== plant.currency) {
    fields.refuse("currency", plant.currency === null ? "none, for the plant file has none" : plant.currency);
  }
  return { investment: fields.amount("investment"), runningCostPerYear: fields.amount("runningCostPerYear") };
}

/** Refuses a comparison in which a machine is on both sides, or twice on one (PI-1): it would count twice. */
function checkApart(fields: EntryFields, scopes: readonly Scope[], controls: readonly Scope[]): void {
  const own = machinesOnce(fields, "scopes", scopes);
  machinesOnce(fields, "controls", controls);
  const shared = controls.find(({ members }) => members.some((machine) => own.has(machine)));
  if (shared !== undefined) fields.refuse("controls", `scopes apart from the others, and not ${shared.path}`);
}

function machinesOnce(
  fields: EntryFields,
  name: "scopes" | "controls",
  scopes: readonly Scope[],
): ReadonlySet<unknown> {
  const seen = new Set<unknown>();
  for (const { members, path } of scopes) {
    for (const machine of members) {
      if (seen.has(machine)) fields.refuse(name, `scopes that do not overlap, and not ${path} again`);
      seen.add(machine);
    }
  }
  return seen;
}

function scopeIn(plant: Plant, path: string): Scope {
  const scope = scopeAt(plant, path);
  if (scope === undefined) throw new UnknownName("unknown-scope", `the plant has no scope ${JSON.stringify(path)}`);
  return scope;
}

/** A measure of which one way is better: without one (ME-2) it has no target, and a pilot or an action no verdict (PI-6). */
function aimIn(fields: EntryFields, field: string, name: string): Measure {
  const measure = measureNamed(name);
  if (measure === null) throw new UnknownName("unknown-measure", `there is no measure ${JSON.stringify(name)}`);
  if (measure.better === 0) fields.refuse(field, `one that can be aimed at, and not ${name}`);
  return measure;
}
