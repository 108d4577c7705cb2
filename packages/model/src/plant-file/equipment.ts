/**
 * Sites, areas, lines and machines (EQ-1), each with what it inherits, and the scopes they make (EQ-3).
 * Everything comes in the order of the file, parents before their children.
 */
import { DECIMALS_MAX, PIECES_MAX, smallestUnitsOf } from "../decimal.ts";
import type { Calendar, Machine, PeriodRules, Scope, StateMap } from "../plant.ts";
import type { ScopeKind } from "../questions.ts";
import { addScope, scopeDraft, type ScopeDraft } from "../scope-draft.ts";
import type { Zone } from "../zones/zone.ts";
import type { ZoneDatabase } from "../zones/zone-database.ts";
import type { Entry, Value } from "./value.ts";
import {
  durationMsIn,
  entriesOf,
  type Fields,
  fieldsOf,
  type KeyForm,
  microsecondsIn,
  numberOf,
  oneOf,
  optional,
  referenceOf,
  textOf,
  unexpected,
} from "./fields.ts";
import { FormerPaths } from "./former-paths.ts";
import { readPeriods } from "./periods.ts";
import type { Problems } from "./problem.ts";
import { readTargets } from "./targets.ts";
import { timezoneIn } from "./timezone.ts";

/** Of what an hour of an unplanned stop costs: sums of a century stay exact to the cent. */
const COST_PER_HOUR_MAX = 1_000_000_000;

/** What may stand at any level and holds for all below it. */
export interface Inherited {
  readonly calendar: Calendar | null;
  readonly states: StateMap;
  readonly minorStopThresholdMs: number;
  readonly staleAfterMs: number | null;
  readonly reasonAfterMs: number;
  readonly pulseGapMs: number | null;
  readonly overtime: Machine["overtime"];
  readonly unit: string;
  readonly decimals: number;
  readonly targets: Readonly<Record<string, number>>;
}

export const INHERITED_KEYS = [
  "calendar",
  "states",
  "minorStopThreshold",
  "staleAfter",
  "reasonAfter",
  "pulseGap",
  "overtime",
  "unit",
  "decimals",
  "targets",
] as const;

export const INHERITED_DEFAULT: Inherited = {
  calendar: null,
  states: new Map(),
  minorStopThresholdMs: 5 * 60_000,
  staleAfterMs: null,
  reasonAfterMs: 0,
  pulseGapMs: null,
  overtime: "count",
  unit: "pcs",
  decimals: 0,
  targets: {},
};

/** What the names in the equipment point at. */
export interface Definitions {
  /** `always` is among them, as `null`. */
  readonly calendars: ReadonlyMap<string, Calendar | null>;
  readonly stateMaps: ReadonlyMap<string, StateMap>;
  readonly zones: ZoneDatabase;
}

export interface Equipment {
  readonly machines: readonly Machine[];
  readonly scopes: ReadonlyMap<string, Scope>;
}

/** The whole plant below its enterprise, the scope `*`. */
export function readEquipment(
  enterprise: {
    readonly name: string;
    readonly timezone: Zone;
    readonly periods: PeriodRules;
    readonly settings: Inherited;
  },
  sites: Value | undefined,
  definitions: Definitions,
  problems: Problems,
): Equipment {
  const reader = new EquipmentReader(definitions, problems);
  const { name, timezone, periods } = enterprise;
  const root = reader.addScope("enterprise", "*", name, null, timezone, periods, enterprise.settings);
  const candidates = reader.readChildren("site", sites, root, enterprise.settings);
  fillScope(root, candidates);
  reader.former.check(new Set(reader.machines.map(({ path }) => path)), problems);
  return reader;
}

type InheritedKey = (typeof INHERITED_KEYS)[number];
type Group = "site" | "area" | "line";

const GROUPS = {
  site: { below: "areas", kindBelow: "area", keys: ["name", "timezone", "periods", "areas", ...INHERITED_KEYS] },
  area: { below: "lines", kindBelow: "line", keys: ["name", "lines", ...INHERITED_KEYS] },
  line: {
    below: "machines",
    kindBelow: "machine",
    keys: ["name", "machines", "constraint", "class", ...INHERITED_KEYS],
  },
} as const satisfies Record<Group, { below: string; kindBelow: ScopeKind; keys: readonly string[] }>;

type GroupKey = (typeof GROUPS)[Group]["keys"][number];

const MACHINE_KEYS = [
  "name",
  "idealCycleSeconds",
  "taktSeconds",
  "rolloverAt",
  "piecesPerCount",
  "maxRatePerHour",
  "costPerHour",
  "class",
  "formerly",
  ...INHERITED_KEYS,
] as const;

const SEGMENT: KeyForm = {
  pattern: /^[a-z0-9][a-z0-9_-]{0,62}$/,
  words: "at most 63 of a-z, 0-9, _ and -, the first a letter or digit",
};

class EquipmentReader implements Equipment {
  readonly machines: Machine[] = [];
  readonly scopes = new Map<string, Scope>();
  readonly former: FormerPaths = new FormerPaths();
  readonly #definitions: Definitions;
  readonly #problems: Problems;

  constructor(definitions: Definitions, problems: Problems) {
    this.#definitions = definitions;
    this.#problems = problems;
  }

  addScope(
    kind: ScopeKind,
    path: string,
    name: string,
    parent: ScopeDraft | null,
    timezone: Zone,
    periods: PeriodRules,
    { targets }: Inherited,
  ): ScopeDraft {
    const scope = scopeDraft({ path, kind, name, parent, timezone, periods, targets });
    return addScope(this.scopes, scope, parent);
  }

  /** Reads what is below a scope; the machines that stand for it (EQ-3), rated or not. */
  readChildren(
    kind: Group | "machine",
    value: Value | undefined,
    parent: ScopeDraft,
    above: Inherited,
  ): readonly Machine[] {
    if (value === undefined) return [];
    const entries = entriesOf(value, `${kind}s by name`, SEGMENT, this.#problems);
    if (value.kind === "mapping" && value.entries.size === 0) {
      this.#problems.add(value, `no ${kind}`, `at least one ${kind}`);
    }
    return entries.flatMap((entry) =>
      kind === "machine" ? this.#readMachine(entry, parent, above) : this.#readGroup(kind, entry, parent, above),
    );
  }

  #readGroup(kind: Group, entry: Entry, parent: ScopeDraft, above: Inherited): readonly Machine[] {
    const { below, kindBelow, keys } = GROUPS[kind];
    const fields = fieldsOf<GroupKey>(entry.value, keys, [below], this.#problems);
    const settings = this.#settingsOf(fields, above);
    const timezone =
      optional(fields.timezone, (zone) => timezoneIn(zone, this.#definitions.zones, this.#problems)) ?? parent.timezone;
    const periods =
      fields.periods === undefined ? parent.periods : readPeriods(fields.periods, parent.periods, this.#problems);
    const scope = this.addScope(
      kind,
      pathOf(parent, entry),
      this.#nameOf(fields.name, entry),
      parent,
      timezone,
      periods,
      settings,
    );
    scope.class = this.#classOf(fields.class);
    const candidates = this.readChildren(kindBelow, fields[below], scope, settings);
    const constraint = optional(fields.constraint, (name) => {
      const machines = new Map(candidates.map((machine) => [lastSegment(machine.path), machine]));
      return referenceOf(name, "a machine of the line", machines, this.#problems);
    });
    scope.constraint = constraint;
    return fillScope(scope, constraint === null ? candidates : [constraint]);
  }

  #readMachine(entry: Entry, line: ScopeDraft, above: Inherited): readonly Machine[] {
    const problems = this.#problems;
    const fields = fieldsOf(entry.value, MACHINE_KEYS, ["idealCycleSeconds"], problems);
    const settings = this.#settingsOf(fields, above);
    const path = pathOf(line, entry);
    const name = this.#nameOf(fields.name, entry);
    const [site = "", area = "", lineName = ""] = path.split("/");
    const formerly = optional(fields.formerly, (former) => this.former.read(former, path, problems)) ?? [];
    const machine: Machine = {
      index: this.machines.length,
      id: formerly.at(-1) ?? path,
      path,
      formerly,
      name,
      site,
      area,
      line: lineName,
      timezone: line.timezone,
      calendar: settings.calendar,
      idealCycleUs: optional(fields.idealCycleSeconds, (cycle) => idealCycleIn(cycle, problems)),
      taktUs: optional(fields.taktSeconds, (takt) => microsecondsIn(takt, "a number of seconds above 0", problems)),
      costPerHour: optional(fields.costPerHour, (cost) =>
        numberOf(
          cost,
          (rate) => rate >= 0 && rate <= COST_PER_HOUR_MAX,
          `a number from 0 up to ${COST_PER_HOUR_MAX}`,
          problems,
        ),
      ),
      minorStopThresholdMs: settings.minorStopThresholdMs,
      staleAfterMs: settings.staleAfterMs,
      reasonAfterMs: settings.reasonAfterMs,
      class: this.#classOf(fields.class),
      pulseGapMs: settings.pulseGapMs,
      rolloverAt: optional(fields.rolloverAt, (at) => quantityIn(at, settings.decimals, problems)),
      overtime: settings.overtime,
      unit: settings.unit,
      decimals: settings.decimals,
      piecesPerCount: optional(fields.piecesPerCount, (pieces) => piecesIn(pieces, problems)) ?? 1,
      maxRateMillionths: optional(fields.maxRatePerHour, (rate) => rateIn(rate, problems)),
      states: settings.states,
    };
    this.machines.push(machine);
    const scope = this.addScope("machine", path, name, line, line.timezone, line.periods, settings);
    scope.class = machine.class;
    return fillScope(scope, [machine], [machine]);
  }

  #classOf(value: Value | undefined): string | null {
    return optional(value, (name) => textOf(name, "the name of a class", this.#problems));
  }

  #nameOf(value: Value | undefined, { key }: Entry): string {
    return optional(value, (name) => textOf(name, "a name", this.#problems)) ?? key;
  }

  #settingsOf(fields: Fields<InheritedKey>, above: Inherited): Inherited {
    return settingsOf(fields, above, this.#definitions, this.#problems);
  }
}

/** What holds at a level: its own settings, and those above it for the rest. */
export function settingsOf(
  fields: Fields<InheritedKey>,
  above: Inherited,
  { calendars, stateMaps }: Definitions,
  problems: Problems,
): Inherited {
  if (INHERITED_KEYS.every((key) => fields[key] === undefined)) return above;
  return {
    calendar:
      fields.calendar === undefined ? above.calendar : referenceOf(fields.calendar, "a calendar", calendars, problems),
    states: optional(fields.states, (name) => referenceOf(name, "a state map", stateMaps, problems)) ?? above.states,
    minorStopThresholdMs:
      optional(fields.minorStopThreshold, (value) => durationMsIn(value, "a duration such as 5m, or 0", problems)) ??
      above.minorStopThresholdMs,
    reasonAfterMs:
      optional(fields.reasonAfter, (value) => durationMsIn(value, "a duration such as 5m, or 0", problems)) ??
      above.reasonAfterMs,
    staleAfterMs: fields.staleAfter === undefined ? above.staleAfterMs : durationOrOff(fields.staleAfter, problems),
    pulseGapMs: fields.pulseGap === undefined ? above.pulseGapMs : durationOrOff(fields.pulseGap, problems),
    overtime: optional(fields.overtime, (word) => oneOf(word, ["count", "ignore"], problems)) ?? above.overtime,
    unit: optional(fields.unit, (unit) => textOf(unit, "a unit such as pcs, kg or m", problems)) ?? above.unit,
    decimals:
      optional(fields.decimals, (decimals) =>
        numberOf(
          decimals,
          (value) => Number.isInteger(value) && value >= 0 && value <= DECIMALS_MAX,
          DECIMALS,
          problems,
        ),
      ) ?? above.decimals,
    targets:
      fields.targets === undefined ? above.targets : { ...above.targets, ...readTargets(fields.targets, problems) },
  };
}

const DECIMALS = `a whole number from 0 to ${DECIMALS_MAX}`;

function durationOrOff(value: Value, problems: Problems): number | null {
  if (value.kind === "scalar" && value.value === "off") return null;
  const expected = "a duration above 0 such as 5m, or off";
  const durationMs = durationMsIn(value, expected, problems);
  return durationMs === 0 ? unexpected(value, expected, problems) : durationMs;
}

/** A quantity above 0 in the smallest units of a machine (CN-5). */
function quantityIn(value: Value, decimals: number, problems: Problems): number | null {
  const expected =
    decimals === 0 ? "a whole number above 0" : `a number above 0 with at most ${decimals} decimals that count`;
  const written = value.kind === "scalar" && typeof value.value === "number" ? value : null;
  if (written === null || (decimals === 0 && !Number.isSafeInteger(written.value))) {
    return unexpected(value, expected, problems);
  }
  const units = smallestUnitsOf(written.source, decimals);
  return units !== null && units > 0 ? units : unexpected(value, expected, problems);
}

/** CN-6. */
export function piecesIn(value: Value, problems: Problems): number | null {
  const expected = `a whole number from 1 to ${PIECES_MAX}`;
  return numberOf(
    value,
    (pieces) => Number.isInteger(pieces) && pieces >= 1 && pieces <= PIECES_MAX,
    expected,
    problems,
  );
}

/** CN-8: units an hour, as whole millionths. */
function rateIn(value: Value, problems: Problems): number | null {
  const expected = "units an hour: a number above 0, of a millionth or more";
  const written = value.kind === "scalar" && typeof value.value === "number" ? value.source : null;
  const millionths = written === null ? null : smallestUnitsOf(written, RATE_DECIMALS);
  return millionths !== null && millionths > 0 ? millionths : unexpected(value, expected, problems);
}

const RATE_DECIMALS = 6;

/** `null` is a word here: the machine is not rated (EQ-2), or the product has no cycle of its own. */
export function idealCycleIn(value: Value, problems: Problems): number | null {
  const isNull = value.kind === "scalar" && value.value === null;
  return isNull ? null : microsecondsIn(value, "a number of seconds above 0, or null", problems);
}

/** Of the machines that stand for a scope the rated ones make its KPIs, or all if none is rated (EQ-3). */
function fillScope(
  scope: ScopeDraft,
  candidates: readonly Machine[],
  machines: readonly Machine[] = scope.children.flatMap((child) => child.machines),
): readonly Machine[] {
  const rated = candidates.filter((machine) => machine.idealCycleUs !== null);
  scope.machines = machines;
  scope.rated = rated.length > 0;
  scope.members = scope.rated ? rated : candidates;
  const units = new Set(scope.members.map(({ unit }) => unit));
  scope.unit = units.size === 1 ? (scope.members[0]?.unit ?? null) : null;
  scope.decimals = scope.members.reduce((most, { decimals }) => Math.max(most, decimals), 0);
  return candidates;
}

function pathOf(parent: Scope, { key }: Entry): string {
  return parent.kind === "enterprise" ? key : `${parent.path}/${key}`;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
