/**
 * A plant to look at in tests and pictures: a small bottling company with every state, and builders for plants of any size.
 * All is deterministic; instants hang on `NOW`, a Monday morning in Berlin.
 */
import { COMPONENT_NAMES, KPI_NAMES, type Kpis, type PublicComponents, publicNameOf, SHIPPED_ZONES } from "@oee/model";
import type {
  LatencyAnswer,
  LiveElement,
  LiveMachine,
  LiveShift,
  LiveWindow,
  PlantDescription,
  PlantTimezones,
  PlantScope,
  TimelineSegment,
} from "@oee/protocol";

export const NOW: number = Date.parse("2026-03-02T09:42:17.000Z");
const ZONE = "Europe/Berlin";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SHIFT: LiveShift = {
  name: "Early",
  date: "2026-03-02",
  from: Date.parse("2026-03-02T05:00:00Z"),
  to: Date.parse("2026-03-02T13:00:00Z"),
  nextBreak: { from: Date.parse("2026-03-02T10:30:00Z"), to: Date.parse("2026-03-02T11:00:00Z") },
};

export function scope(
  path: string,
  kind: PlantScope["kind"],
  name: string,
  more: Partial<PlantScope> = {},
): PlantScope {
  const cut = path.lastIndexOf("/");
  const parent = kind === "enterprise" ? null : cut < 0 ? "*" : path.slice(0, cut);
  return {
    path,
    kind,
    name,
    parent,
    timezone: ZONE,
    rated: true,
    unit: "pcs",
    decimals: 0,
    targets: { oee: 0.75 },
    ...more,
  };
}

export function plantOf(scopes: readonly PlantScope[]): PlantDescription {
  return {
    enterprise: "acme",
    name: "Acme Drinks",
    version: "plant-1",
    currency: "EUR",
    windows: ["shift", "15m", "1h", "8h", "24h"],
    scopes,
    reasons: [],
    timezones: { release: SHIPPED_ZONES.release, offsets: offsetsOf(scopes.map(({ timezone }) => timezone)) },
  };
}

/** As the gateway tells them, for the time of the fixtures. */
export function offsetsOf(names: readonly string[]): PlantTimezones["offsets"] {
  const [from, to] = [Date.parse("2024-01-01T00:00:00Z"), Date.parse("2030-01-01T00:00:00Z")];
  return Object.fromEntries(
    [...new Set(names)].map((name) => [
      name,
      (SHIPPED_ZONES.zone(name)?.offsets(from, to) ?? []).map(([at, offsetMs]) => ({ from: at, offsetMs })),
    ]),
  );
}

export interface Figures {
  readonly availability?: number | null;
  readonly performance?: number | null;
  readonly quality?: number | null;
  readonly produced?: number;
  readonly scrap?: number;
  readonly target?: number | null;
  readonly coverage?: number;
  readonly stops?: number;
  readonly downtimeMs?: number;
}

const NOTHING = Object.fromEntries(COMPONENT_NAMES.map((name) => [publicNameOf(name), 0])) as PublicComponents;
const NO_KPIS = Object.fromEntries(KPI_NAMES.map((name) => [name, null])) as unknown as Kpis;

/** A window whose figures agree with each other: sums first, ratios from them, as the engine gives them. */
export function windowOf(figures: Figures = {}): LiveWindow {
  const { availability = 0.884, performance = 0.931, quality = 0.985 } = figures;
  const { produced = 9_842, scrap = 148, target = 10_420, coverage = 1, stops = 4, downtimeMs = 1_934_000 } = figures;
  const elapsed = NOW - SHIFT.from;
  const planned = availability === null ? 0 : elapsed * coverage;
  const operating = availability === null || performance === null ? 0 : planned * availability;
  const idealTime = performance === null ? 0 : operating * performance;
  const oee =
    availability === null || performance === null || quality === null ? null : availability * performance * quality;
  return {
    from: SHIFT.from,
    to: NOW,
    components: {
      ...NOTHING,
      runTime: operating,
      unplannedStopTime: availability === null ? 0 : downtimeMs,
      unknownTime: elapsed - planned,
      failureTime: downtimeMs / 2,
      goodCount: produced - scrap,
      scrapCount: scrap,
      idealTime,
      idealGoodTime: idealTime * (quality ?? 0),
      failureCount: 2,
      repairCount: stops === 0 ? 0 : 2,
      repairTime: downtimeMs / 2,
      stopCount: stops,
      minorStopCount: 11,
    },
    kpis: {
      ...NO_KPIS,
      availability,
      performance,
      quality,
      oee,
      nee: oee,
      teep: oee,
      loading: 1,
      mttr: stops === 0 ? null : downtimeMs / 4,
      mtbf: operating / 2,
      coverage,
      targetCount: target,
    },
  };
}

export function elementOf(of: PlantScope, more: Partial<LiveElement> = {}, figures: Figures = {}): LiveElement {
  const window = windowOf(figures);
  return {
    scope: of.path,
    kind: of.kind,
    name: of.name,
    timezone: of.timezone,
    targets: of.targets,
    unit: of.unit,
    decimals: of.decimals,
    machine: null,
    windows: { shift: window, "15m": window, "1h": window, "8h": window, "24h": window },
    shift: SHIFT,
    ...more,
  };
}

export type Now =
  | "running"
  | "slow"
  | "minor"
  | "stop"
  | "noReason"
  | "starved"
  | "blocked"
  | "setup"
  | "maintenance"
  | "break"
  | "noData"
  | "offShift";

const STATES: Readonly<Record<Now, Partial<LiveMachine>>> = {
  running: {},
  slow: { rate: 1_860 },
  minor: {
    state: "idle",
    category: "unplannedStop",
    minor: true,
    reason: "material/caps",
    reasonName: "Caps missing",
    rate: 2_700,
  },
  stop: {
    state: "down",
    category: "unplannedStop",
    minor: false,
    failure: true,
    reason: "mechanical/conveyor/jam",
    reasonName: "Conveyor jam",
  },
  noReason: { state: "down", category: "unplannedStop", minor: false, failure: true },
  starved: { state: "starved", category: "unplannedStop", minor: false },
  blocked: {
    state: "blocked",
    category: "unplannedStop",
    minor: false,
    reason: "line/downstream",
    reasonName: "Downstream full",
  },
  setup: { state: "setup", category: "setup", reason: "changeover/format", reasonName: "Format 0.5 l → 1.0 l" },
  maintenance: {
    state: "maintenance",
    category: "plannedStop",
    reason: "planned/lubrication",
    reasonName: "Lubrication",
  },
  break: { state: "break", category: "notPlanned" },
  noData: { state: "unknown", category: "unknown", rate: null, lastEventAt: NOW - 26 * MINUTE },
  offShift: { state: "idle", category: "unplannedStop", minor: false, scheduled: false },
};

const SINCE_MS: Readonly<Record<Now, number>> = {
  running: 47 * MINUTE + 12_000,
  slow: 18 * MINUTE + 5_000,
  minor: 96_000,
  stop: 12 * MINUTE + 33_000,
  noReason: 7 * MINUTE + 48_000,
  starved: 7 * MINUTE + 2_000,
  blocked: 6 * MINUTE + 40_000,
  setup: 21 * MINUTE + 9_000,
  maintenance: 34 * MINUTE,
  break: 11 * MINUTE,
  noData: 26 * MINUTE,
  offShift: 3 * HOUR,
};

export function machineOf(now: Now, seed: number, more: Partial<LiveMachine> = {}): LiveMachine {
  const since = NOW - SINCE_MS[now] - (now === "running" ? seed * 37_000 : 0);
  const machine: LiveMachine = {
    state: "running",
    category: "production",
    minor: null,
    failure: false,
    reason: null,
    reasonName: null,
    since,
    lastEventAt: NOW - 2_000,
    product: "cola-600",
    productName: "Cola 0.6 l",
    order: "4711",
    idealCycleSeconds: 1.2,
    taktSeconds: 1.5,
    scheduled: true,
    rate: now === "running" ? 2_840 : null,
    timeline: [],
    ...STATES[now],
    ...more,
  };
  return { ...machine, timeline: more.timeline ?? timelineOf(machine, since, seed) };
}

/** A shift's history up to `since`, then the state it is in. */
function timelineOf(machine: LiveMachine, since: number, seed: number): readonly TimelineSegment[] {
  const random = generator(seed + 1);
  const segments: TimelineSegment[] = [];
  const kinds: readonly (readonly [Omit<TimelineSegment, "from" | "to">, number, number])[] = [
    [{ state: "idle", category: "unplannedStop", minor: true, reason: null }, 0.5, 3],
    [{ state: "down", category: "unplannedStop", minor: false, reason: "mechanical" }, 6, 18],
    [{ state: "idle", category: "unplannedStop", minor: true, reason: "material" }, 0.5, 4],
    [{ state: "down", category: "unplannedStop", minor: false, reason: null }, 5, 12],
    [{ state: "setup", category: "setup", minor: false, reason: "changeover" }, 10, 25],
    [{ state: "cleaning", category: "plannedStop", minor: false, reason: null }, 8, 12],
  ];
  let at = SHIFT.from;
  while (at < since) {
    const run = Math.min(since, at + (8 + random() * 40) * MINUTE);
    segments.push({ from: at, to: run, state: "running", category: "production", minor: false, reason: null });
    at = run;
    if (at >= since) break;
    const [kind, least, most] = kinds[Math.floor(random() ** 1.6 * kinds.length)] ?? [null, 0, 0];
    if (kind === null) break;
    const to = Math.min(since, at + (least + random() * (most - least)) * MINUTE);
    segments.push({ ...kind, from: at, to });
    at = to;
  }
  const { state, category, reason } = machine;
  segments.push({ from: since, to: NOW, state, category, minor: machine.minor === true, reason });
  return segments;
}

/** mulberry32 */
function generator(seed: number): () => number {
  let a = seed * 0x9e3779b9;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How long events take on a quiet machine, with a log whose clock is a little ahead. */
export const LATENCY: LatencyAnswer = {
  hops: {
    log: hopOf(41, 118, 240),
    compute: hopOf(4.2, 11.7, 38),
    gateway: hopOf(-2, 3.1, 9),
    emit: hopOf(62, 121, 187),
    total: hopOf(112, 254, 1_380),
  },
};

function hopOf(median: number, p95: number, p99: number): LatencyAnswer["hops"]["log"] {
  return { count: 1_204, quantiles: { "0.5": median, "0.9": p95, "0.95": p95, "0.99": p99 } };
}

export interface Scene {
  readonly plant: PlantDescription;
  readonly elements: readonly LiveElement[];
}

const MACHINES: readonly (readonly [string, string])[] = [
  ["depalletizer", "Depalletizer"],
  ["filler", "Filler"],
  ["capper", "Capper"],
  ["labeller", "Labeller"],
  ["inspector", "Inspector"],
  ["packer", "Packer"],
  ["palletizer", "Palletizer"],
  ["wrapper", "Wrapper"],
];

/** Berlin's packing area with four lines; `states` are those of line 1's machines. */
export function smallPlant(states: readonly Now[]): Scene {
  const lines: readonly (readonly [string, string, readonly Now[]])[] = [
    ["l1", "Line 1 PET", states],
    ["l2", "Line 2 Glass", ["running", "running", "minor", "running", "running", "running"]],
    ["l3", "Line 3 Cans", ["setup", "setup", "setup", "noData", "setup"]],
    ["l4", "Line 4 Kegs", ["running", "running", "running"]],
  ];
  const scopes: PlantScope[] = [
    scope("*", "enterprise", "Acme Drinks"),
    scope("berlin", "site", "Berlin"),
    scope("berlin/packing", "area", "Packing"),
  ];
  const elements: LiveElement[] = scopes.map((each) =>
    elementOf(each, {}, { availability: 0.842, produced: 48_211, target: 51_900, scrap: 611 }),
  );
  lines.forEach(([id, name, machines], l) => {
    const line = scope(`berlin/packing/${id}`, "line", name, { targets: { oee: 0.72 + l * 0.02 } });
    scopes.push(line);
    elements.push(
      elementOf(line, {}, { availability: 0.8 + l * 0.045, produced: 9_842 + l * 1_234, target: 10_420 + l * 900 }),
    );
    machines.forEach((now, m) => {
      const [machineId, machineName] = MACHINES[m % MACHINES.length] ?? ["m", "M"];
      const path = `${line.path}/${m < MACHINES.length ? machineId : `${machineId}-${m}`}`;
      const machine = scope(path, "machine", m < MACHINES.length ? machineName : `${machineName} ${m}`);
      scopes.push(machine);
      elements.push(
        elementOf(
          machine,
          { machine: machineOf(now, l * 10 + m) },
          { availability: 0.8 + ((m * 7 + l) % 10) / 60, produced: 9_842 - m * 31, target: 10_420 },
        ),
      );
    });
  });
  return { plant: plantOf(scopes), elements };
}

const EVERY_STATE: readonly Now[] = [
  "stop",
  "noReason",
  "noData",
  "minor",
  "slow",
  "setup",
  "maintenance",
  "running",
  "break",
];

/** That many machines, in every state in turn. */
export function times(count: number): readonly Now[] {
  return Array.from({ length: count }, (_, i) => EVERY_STATE[i % EVERY_STATE.length] ?? "running");
}

/** A plant of which nothing has been heard. */
export function silentPlant(): Scene {
  const { plant, elements } = smallPlant(["noData", "noData", "noData"]);
  const nothing = { windows: {}, shift: null, machine: null };
  return { plant, elements: elements.map((element) => ({ ...element, ...nothing })) };
}

/** Gaps in the data, more than the ideal rate, no takt, and more pieces than fit. */
export function remarkablePlant(machines = 7): Scene {
  const { plant, elements } = smallPlant(times(machines));
  const figures = { performance: 1.137, coverage: 0.62, target: null, produced: 1_234_567 };
  return {
    plant,
    elements: elements.map((element) => ({
      ...element,
      windows: elementOf(scope(element.scope, element.kind, element.name), {}, figures).windows,
    })),
  };
}

/** Sites of areas of lines of machines, for paging and load. */
export function largePlant(sites: number, areas: number, lines: number, machines: number): Scene {
  const scopes: PlantScope[] = [scope("*", "enterprise", "Acme Drinks")];
  const elements: LiveElement[] = [];
  const cycle: readonly Now[] = [
    "running",
    "running",
    "running",
    "minor",
    "running",
    "running",
    "setup",
    "running",
    "running",
    "noReason",
    "running",
    "running",
    "running",
  ];
  let n = 0;
  for (let s = 1; s <= sites; s++) {
    scopes.push(scope(`site-${s}`, "site", `Site ${s}`));
    for (let a = 1; a <= areas; a++) {
      scopes.push(scope(`site-${s}/area-${a}`, "area", `Area ${s}.${a}`));
      for (let l = 1; l <= lines; l++) {
        scopes.push(scope(`site-${s}/area-${a}/line-${l}`, "line", `Line ${s}.${a}.${l}`));
        for (let m = 1; m <= machines; m++) {
          const machine = scope(`site-${s}/area-${a}/line-${l}/machine-${m}`, "machine", `Machine ${m}`);
          scopes.push(machine);
          n++;
          elements.push(elementOf(machine, { machine: machineOf(cycle[n % cycle.length] ?? "running", n) }));
        }
      }
    }
  }
  for (const each of scopes) {
    if (each.kind === "machine") continue;
    const seed = each.path.length * 7 + Number(/\d+$/.exec(each.path)?.[0] ?? 0);
    elements.push(elementOf(each, {}, { availability: 0.75 + (seed % 9) / 50, produced: 9_000 + seed * 13 }));
  }
  return { plant: plantOf(scopes), elements };
}
