/**
 * The plant file (docs/plant-file.md): from its text to a plant in which every setting is checked, inherited
 * and resolved, or to all that is wrong with it. The same text gives the same result, and no text throws.
 */
import type { Machine, Plant, Product, RollingWindow } from "../plant.ts";
import { CATEGORIES, type Category, ownStateOf, STATE_NAMES, STATES, type StateName } from "../state.ts";
import { SHIPPED_ZONES, type ZoneDatabase } from "../zones/zone-database.ts";
import { ALWAYS, readCalendars } from "./calendar.ts";
import { readDocument } from "./document.ts";
import { quote, type Value } from "./value.ts";
import { INHERITED_DEFAULT, INHERITED_KEYS, idealCycleIn, piecesIn, readEquipment, settingsOf } from "./equipment.ts";
import {
  ANY_TEXT,
  didYouMean,
  durationMsIn,
  entriesOf,
  fieldsOf,
  itemsOf,
  microsecondsIn,
  oneOf,
  optional,
  textOf,
  unexpected,
} from "./fields.ts";
import { readOwnership } from "./ownership.ts";
import { PERIODS_DEFAULT, readPeriods } from "./periods.ts";
import { type PlantProblem, Problems } from "./problem.ts";
import { readReasons } from "./reasons.ts";
import { BUILT_IN_STATE_MAPS, readStateMaps, stateNamed } from "./state-maps.ts";
import { timezoneIn, utcOf } from "./timezone.ts";
import { versionOf } from "./version.ts";

export type PlantResult =
  | { readonly ok: true; readonly plant: Plant }
  /** `more`: problems that were found besides those listed. */
  | { readonly ok: false; readonly problems: readonly PlantProblem[]; readonly more: number };

const KEYS = [
  "enterprise",
  "name",
  "timezone",
  "periods",
  "sites",
  "calendars",
  "products",
  "stateMaps",
  "categories",
  "reasons",
  "windows",
  "currency",
  "roles",
  "owners",
  "chains",
  "alerts",
  ...INHERITED_KEYS,
] as const;

/** Parses the text of a plant file of the past; `null`: this version refuses it. */
export type ParsePlant = (text: string) => Promise<Plant | null>;

/** In one go on this thread, with the zones that the product comes with. */
export const parsePlantHere: ParsePlant = async (text) => {
  const parsed = parsePlant(text, "plant.yaml");
  return parsed.ok ? parsed.plant : null;
};

/** `file` is only for the problems to name; `zones` say what the time zones of the plant mean. */
export function parsePlant(text: string, file: string, zones: ZoneDatabase = SHIPPED_ZONES): PlantResult {
  const problems = new Problems(file, text);
  const root = readDocument(text, problems);
  const plant = root === null ? null : readPlant(root, zones, problems);
  return plant !== null && problems.none
    ? { ok: true, plant }
    : { ok: false, problems: problems.inOrder(), more: problems.more };
}

function readPlant(root: Value, zones: ZoneDatabase, problems: Problems): Plant | null {
  const fields = fieldsOf(root, KEYS, ["enterprise", "sites"], problems);
  if (root.kind !== "mapping") return null;
  const enterprise = optional(fields.enterprise, (id) => textOf(id, "the enterprise's identifier", problems)) ?? "";
  const name = optional(fields.name, (text) => textOf(text, "a name", problems)) ?? enterprise;
  const timezone = optional(fields.timezone, (zone) => timezoneIn(zone, zones, problems)) ?? utcOf(zones);
  const periods =
    fields.periods === undefined ? PERIODS_DEFAULT : readPeriods(fields.periods, PERIODS_DEFAULT, problems);
  const calendars = optional(fields.calendars, (value) => readCalendars(value, problems)) ?? new Map();
  const stateMaps = optional(fields.stateMaps, (value) => readStateMaps(value, problems)) ?? BUILT_IN_STATE_MAPS;
  const definitions = { calendars: new Map([[ALWAYS, null], ...calendars]), stateMaps, zones };
  const settings = settingsOf(fields, INHERITED_DEFAULT, definitions, problems);
  const { machines, scopes } = readEquipment(
    { name, timezone, periods, settings },
    fields.sites,
    definitions,
    problems,
  );
  const reasons = { children: optional(fields.reasons, (value) => readReasons(value, problems)) ?? new Map() };
  const windows = optional(fields.windows, (value) => readWindows(value, problems)) ?? WINDOWS_DEFAULT;
  const { roles, owners, chains, alerts } = fields;
  const names = { scopes, reasons, calendars: definitions.calendars, windows };
  const plant = {
    enterprise,
    name,
    timezone,
    zoneRelease: zones.release,
    machines,
    machineById: machinesByPath(machines),
    scopes,
    products: optional(fields.products, (value) => readProducts(value, problems)) ?? new Map<string, Product>(),
    reasons,
    categories: readCategories(fields.categories, problems),
    windows,
    currency: optional(fields.currency, (value) => currencyIn(value, problems)),
    ...readOwnership({ roles, owners, chains, alerts }, names, problems),
  };
  if (!problems.none) return null;
  let version: string | null = null;
  return {
    ...plant,
    // Made when it is asked for: a replay needs none, and that of 1,000 machines takes longer than reading their file.
    get version() {
      return (version ??= versionOf(plant));
    },
  };
}

/** By every path that a machine has or had; its id is one of them. */
export function machinesByPath(machines: readonly Machine[]): ReadonlyMap<string, Machine> {
  return new Map(machines.flatMap((machine) => [machine.path, ...machine.formerly].map((path) => [path, machine])));
}

function readProducts(value: Value, problems: Problems): ReadonlyMap<string, Product> {
  const products = new Map<string, Product>();
  for (const { key: id, value: product } of entriesOf(value, "products by name", ANY_TEXT, problems)) {
    const fields = fieldsOf(product, ["name", "idealCycleSeconds", "taktSeconds", "piecesPerCount"], [], problems);
    products.set(id, {
      id,
      name: optional(fields.name, (name) => textOf(name, "a name", problems)) ?? id,
      idealCycleUs: optional(fields.idealCycleSeconds, (cycle) => idealCycleIn(cycle, problems)),
      taktUs: optional(fields.taktSeconds, (takt) => microsecondsIn(takt, "a number of seconds above 0", problems)),
      piecesPerCount: optional(fields.piecesPerCount, (pieces) => piecesIn(pieces, problems)),
    });
  }
  return products;
}

/** The plant's policy for our states (TL-5); that for `running` and `unknown` is not its to change. */
function readCategories(value: Value | undefined, problems: Problems): Readonly<Record<StateName, Category>> {
  const written = new Map<StateName, Category>();
  for (const entry of value === undefined ? [] : stateNamed(value, "our states, each with a category", problems)) {
    const state = ownStateOf(entry.key);
    if (state === undefined) {
      problems.add(entry.keyPlace, `the unknown state ${quote(entry.key)}`, didYouMean(entry.key, STATE_NAMES));
      continue;
    }
    const fixed = state === "running" || state === "unknown";
    const category = oneOf(entry.value, fixed ? [STATES[state].category] : CATEGORIES, problems);
    if (category !== null) written.set(state, category);
  }
  const categoryOf = (state: StateName): Category => written.get(state) ?? STATES[state].category;
  return {
    running: categoryOf("running"),
    idle: categoryOf("idle"),
    starved: categoryOf("starved"),
    blocked: categoryOf("blocked"),
    down: categoryOf("down"),
    setup: categoryOf("setup"),
    maintenance: categoryOf("maintenance"),
    cleaning: categoryOf("cleaning"),
    break: categoryOf("break"),
    "no-demand": categoryOf("no-demand"),
    unknown: categoryOf("unknown"),
  };
}

const WINDOWS_DEFAULT: readonly RollingWindow[] = [
  { name: "15m", durationMs: 15 * 60_000 },
  { name: "1h", durationMs: 60 * 60_000 },
  { name: "8h", durationMs: 8 * 60 * 60_000 },
  { name: "24h", durationMs: 24 * 60 * 60_000 },
  { name: "shift", durationMs: null },
];

/** Windows begin at whole minutes (PE-3): a shorter one would hold nothing most of the time. */
const WINDOW_MS_MIN = 60_000;

function readWindows(value: Value, problems: Problems): readonly RollingWindow[] {
  const expected = "a duration of at least a minute such as 8h, or shift";
  const windows = new Map<number | null, RollingWindow>();
  const items = itemsOf(value, "a list of windows", problems);
  for (const item of items) {
    const name = textOf(item, expected, problems);
    if (name === null) continue;
    const durationMs = name === "shift" ? null : durationMsIn(item, expected, problems);
    if (durationMs !== null && durationMs < WINDOW_MS_MIN) unexpected(item, expected, problems);
    if (windows.has(durationMs)) problems.add(item, `the window ${quote(name)} a second time`, "each window once");
    windows.set(durationMs, { name, durationMs });
  }
  if (value.kind === "list" && items.length === 0) problems.add(value, "no window", "at least one");
  return [...windows.values()];
}

function currencyIn(value: Value, problems: Problems): string | null {
  const expected = "an ISO 4217 currency such as EUR";
  const code = textOf(value, expected, problems);
  return code === null || /^[A-Z]{3}$/.test(code) ? code : unexpected(value, expected, problems);
}
