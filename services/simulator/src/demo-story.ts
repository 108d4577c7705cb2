/**
 * The year behind the demo plant, told from its end: what wore out, which pilot worked and which did not, which days were bad,
 * and the entries (RE-1) that people made meanwhile. Days are counted back from the end.
 */
import type { Story } from "./story.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const [GLASS, PET, CANS] = ["koeln/filling/glass", "koeln/filling/pet", "koeln/filling/cans"];
const [AGUA, GUARANA, PALLETS] = ["campinas/bottling/agua", "campinas/bottling/guarana", "koeln/packing/pallets"];

/** When the baseline, the plant file of now, the pilots and the changes of the story begin, in days before its end. */
const STAGE = {
  baselineFrom: 364,
  baselineTo: 280,
  policy: 270,
  petPilot: 210,
  cansPilot: 120,
  photoCells: 165,
  secondSetter: 100,
} as const;

/** The story of the demo plant that ends at `end` (epoch ms); chapters that last reach ten years beyond it. */
export function demoStory(end: number): Story {
  const ago = (days: number): number => end - days * DAY_MS;
  const later = end + 3650 * DAY_MS;
  const tuesday = lastTuesday(end);
  return {
    seasons: true,
    chapters: [
      // The pilot that works: format parts are set by gauge, and operators clean and tighten each shift.
      {
        ...{ scope: PET, from: ago(STAGE.petPilot), to: ago(STAGE.petPilot - 14), grows: true },
        ...{ failureLife: 2, shortStopEvery: 1.8, repair: 0.8 },
      },
      {
        scope: PET,
        from: ago(STAGE.petPilot - 14),
        to: later,
        failureLife: 2,
        shortStopEvery: 1.8,
        repair: 0.8,
      },
      // Photo cells are cleaned daily: fewer short stops, and that holds.
      { scope: PALLETS, from: ago(STAGE.photoCells), to: later, shortStopEvery: 2.2 },
      // The filler of the guaraná line wears out.
      { scope: `${GUARANA}/filler`, from: ago(200), to: end, grows: true, failureLife: 0.45, speed: 0.93, defects: 2 },
      { scope: `${GUARANA}/filler`, from: end, to: later, failureLife: 0.45, speed: 0.93, defects: 2 },
      // A winter in which parts were scarce.
      { scope: "campinas", from: ago(300), to: ago(255), repair: 1.5 },
      // New people on the machines, who give "other" as the reason of 45 % of stops.
      { scope: "campinas", from: ago(70), to: later, vague: 0.45 },
      // A bad lot of caps.
      { scope: `${CANS}/seamer`, from: ago(48), to: ago(41), shortStopEvery: 0.4, defects: 3 },
      // A Tuesday on which nothing went right.
      { scope: PET, from: tuesday, to: tuesday + DAY_MS, shortStopEvery: 0.6 },
    ],
    incidents: [
      { machine: `${PET}/filler`, at: tuesday + 6.7 * HOUR_MS, minutes: 172, reason: "electrical/drive-fault" },
      { machine: `${PET}/filler`, at: tuesday + 13.2 * HOUR_MS, minutes: 74, reason: "electrical/drive-fault" },
      { machine: `${GLASS}/filler`, at: ago(131) + 9 * HOUR_MS, minutes: 330, reason: "mechanical/bearing" },
    ],
    countersReplaced: [
      { machine: `${AGUA}/filler`, at: ago(45) },
      { machine: `${GLASS}/labeller`, at: ago(45) },
    ],
  };
}

/** Midnight (UTC) of the last Tuesday that is over. */
function lastTuesday(end: number): number {
  const today = Math.floor(end / DAY_MS) * DAY_MS;
  const weekday = new Date(today).getUTCDay();
  const back = (weekday - 2 + 7) % 7;
  return today - (back === 0 ? 7 : back) * DAY_MS;
}

export type DemoEntry = Readonly<Record<string, unknown>>;

/** Entries of the review (RE-1) in the order in which they were made; baselines and pilots among them need the events of the whole year. */
export function demoEntries(end: number): readonly DemoEntry[] {
  const day = (days: number): string => new Date(end - days * DAY_MS).toISOString().slice(0, 10);
  const made = (by: string, days: number): { rev: number; by: string; at: string } => ({
    rev: 1,
    by,
    at: new Date(end - days * DAY_MS).toISOString(),
  });
  const action = (id: string, by: string, opened: number, more: DemoEntry): DemoEntry => ({
    ...{ type: "action", id, ...made(by, opened), opened: day(opened), ...more },
  });
  return [
    {
      ...{ type: "baseline", id: "koeln-first-quarter", ...made("Petra Lang", STAGE.baselineTo - 1), scope: "koeln" },
      ...{ from: day(STAGE.baselineFrom), to: day(STAGE.baselineTo), note: "Twelve weeks before the programme" },
    },
    {
      ...{ type: "baseline", id: "campinas-shift-books", ...made("João Souza", 270), scope: "campinas" },
      ...{ from: day(640), to: day(STAGE.baselineFrom), effective: day(STAGE.baselineFrom) },
      ...{
        source: "Shift books",
        figures: { kpis: { oee: 0.58, availability: 0.71, performance: 0.86, quality: 0.95 } },
      },
    },
    {
      ...{ type: "target", id: "koeln-oee", ...made("Petra Lang", 275), scope: "koeln", measure: "oee", value: "+5%" },
      ...{ due: day(-60), note: "Steering committee" },
    },
    {
      ...{ type: "target", id: "filling-downtime", ...made("Petra Lang", 275), scope: "koeln/filling" },
      ...{ measure: "unplannedDowntimeShare", value: "-20%", due: day(-90) },
    },
    {
      ...{ type: "target", id: "campinas-oee", ...made("João Souza", 260), scope: "campinas", measure: "oee" },
      ...{ value: 0.62, from: day(250) },
    },
    {
      ...{ type: "pilot", id: "pet-clean-and-tighten", ...made("Petra Lang", STAGE.petPilot + 12), scopes: [PET] },
      ...{ controls: [GLASS, CANS], start: day(STAGE.petPilot), measures: ["unplannedDowntimeShare", "oee", "mttr"] },
      ...{ investment: 240_000, runningCostPerYear: 30_000, currency: "EUR", note: "Clean, look, tighten: each shift" },
    },
    {
      ...{ type: "pilot", id: "cans-digital-checklist", ...made("Petra Lang", STAGE.cansPilot + 9), scopes: [CANS] },
      ...{ controls: [GLASS], start: day(STAGE.cansPilot), measures: ["unplannedDowntimeShare", "oee"] },
      ...{ investment: 15_000, runningCostPerYear: 4_800, currency: "EUR", note: "Checklists on tablets" },
    },
    {
      ...{ type: "pilot", id: "agua-quick-change", ...made("João Souza", 6), scopes: [AGUA], controls: [GUARANA] },
      ...{ start: day(-14), measures: ["loss:setup", "oee"], note: "Not begun: says what it could show" },
    },
    action("photo-cells", "Jens Weber", STAGE.photoCells + 20, {
      ...{ scope: PALLETS, title: "Clean photo cells daily", owner: "Jens Weber", addresses: "loss:minorStops" },
      ...{ due: day(STAGE.photoCells - 10), started: day(STAGE.photoCells + 3), done: day(STAGE.photoCells) },
    }),
    action("second-setter", "João Souza", STAGE.secondSetter + 30, {
      ...{ scope: AGUA, title: "A second setter for changeovers", owner: "João Souza", addresses: "loss:setup" },
      ...{ due: day(STAGE.secondSetter - 5), started: day(STAGE.secondSetter + 6), done: day(STAGE.secondSetter) },
    }),
    action("guarana-valves", "João Souza", 34, {
      ...{ scope: `${GUARANA}/filler`, title: "Replace worn filling valves", owner: "maintenance" },
      ...{ addresses: "unplannedDowntimeShare", due: day(6), started: day(20), investment: 12_500 },
    }),
    action("cap-supplier", "Aylin Demir", 40, {
      ...{ scope: CANS, title: "Incoming inspection of lids", owner: "quality" },
      ...{ addresses: "loss:processDefects", due: day(-20) },
    }),
    action("reasons-training", "João Souza", 25, {
      ...{ scope: "campinas", title: "Train new operators in giving reasons", owner: "shift-lead" },
      ...{ addresses: "no-reason", due: day(-10), started: day(12) },
    }),
  ];
}

/** The review of the quarter before the end, and who signs it; it is presented once the events of that quarter are stored. */
export interface DemoReview {
  readonly id: string;
  readonly by: string;
  readonly scope: string;
  readonly period: string;
  readonly note: string;
  readonly signedBy: { readonly by: string; readonly role: string };
}

export function demoReview(end: number): DemoReview {
  const date = new Date(end);
  const quarters = date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3) - 1;
  const [year, quarter] = [Math.floor(quarters / 4), (quarters % 4) + 1];
  return {
    ...{ id: `koeln-${year}-q${quarter}`, by: "Petra Lang", scope: "koeln", period: `${year}-Q${quarter}` },
    ...{ note: "Steering committee", signedBy: { by: "Aylin Demir", role: "plant-manager" } },
  };
}

/** A setting of a plant file by its place in it; `value` `undefined`: the file does not name it. */
export interface PlantSetting {
  readonly place: readonly string[];
  readonly value?: unknown;
}

/** The settings in which the plant file of before `until` (epoch ms; midnight, UTC) differs from that of now. */
export interface DemoFormerPlant {
  readonly until: number;
  readonly settings: readonly PlantSetting[];
}

/**
 * After the baseline Köln wrote down shorter stops, and what an hour of its fillers costs was reckoned anew: so the baseline was
 * computed by another policy (BL-6), and the blocks before the pilot on PET 1 by two (PI-2).
 */
export function demoFormerPlant(end: number): DemoFormerPlant {
  const fillers = ["glass", "pet", "cans"].map((line) => [
    ...["sites", "koeln", "areas", "filling", "lines", line, "machines", "filler"],
  ]);
  return {
    until: Math.floor((end - STAGE.policy * DAY_MS) / DAY_MS) * DAY_MS,
    settings: [
      ...fillers.map((filler) => ({ place: [...filler, "minorStopThreshold"] })),
      ...fillers.map((filler, line) => ({ place: [...filler, "costPerHour"], value: [1600, 2200, 2500][line] })),
    ],
  };
}
