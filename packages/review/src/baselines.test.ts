import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Machine, parsePlant, type Scope, scopePolicy } from "@oee/model";
import { expect, test, vi } from "vitest";
import { baselineAmounts, baselineCells, baselineValue } from "./baselines.ts";
import { type BaselineEntry, isEntryRefusal, readEntry } from "./entries.ts";
import { amountsOf } from "./facts.ts";
import { figuresIn, frozenDocument } from "./frozen.ts";
import { HistoryFacts } from "./history-facts.ts";
import { importedSums } from "./imported-sums.ts";
import { measureNamed } from "./measures.ts";
import { bookOf, plantAsItWas } from "./past.ts";
import { periodNamed } from "./period-names.ts";
import { freeze, Programme } from "./programme.ts";
import { RecordedMachine } from "./recorded-machine.ts";
import { RecordedRefusals } from "./recorded-refusals.ts";
import { changeFrom, type Review, reviewOf } from "./review.ts";
import { scorecardRows } from "./scorecard-rows.ts";
import { periodOf } from "./dates.ts";

const PLANT = `
enterprise: acme
sites: { s: { areas: { a: { lines: {
  l: { constraint: second, machines: {
    first: { idealCycleSeconds: 1, minorStopThreshold: 0 }, second: { idealCycleSeconds: 1, minorStopThreshold: 0 } } },
  k: { machines: { other: { idealCycleSeconds: 1, minorStopThreshold: 0 } } } } } } } }
`;
const LINE = "s/a/l";
const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 2);

/** The first machine stood for the line up to noon of the second of four days, and the second machine from then on. */
const STRUCTURES = ["first", "second"].map((constraint, i) => ({
  ...{ type: "structure", id: "plant", rev: i + 1, by: "oee", from: START + i * 1.5 * DAY },
  lines: { [LINE]: { rated: ["first", "second"], constraint }, "s/a/k": { rated: ["other"] } },
}));

/** The first machine says nothing before an instant; the second is stopped for a share of each hour in which it does not stand for the line. */
function factsOf(
  firstHeardAt: number = START,
  text = PLANT,
  structures: readonly object[] = STRUCTURES,
  secondAtFirst = 0.5,
): HistoryFacts {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error("the plant file is refused");
  const today = parsed.plant;
  const plant = plantAsItWas(today, bookOf(today, structures, ["structure"]));
  const model = new PlantModel(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const records = new Map<Machine, RecordedMachine>();
  // The first machine is stopped for a quarter of each hour, the second for half of it, with a reason.
  for (const [name, usual] of [
    ["first", 0.25],
    ["second", 0.5],
    ["other", 0.1],
  ] as const) {
    const id = name === "other" ? "s/a/k/other" : `${LINE}/${name}`;
    for (let at = START; at < START + 4 * DAY; at += DAY / 24) {
      const down = name === "second" && at < START + 1.5 * DAY ? secondAtFirst : usual;
      const states = [
        { at, state: "running" },
        { at: at + (1 - down) * (DAY / 24), state: "down", reason: null },
      ];
      for (const state of states) {
        if (name === "first" && state.at < firstHeardAt) continue;
        const event = decoder.decodeValue({ type: "state", machine: id, ...state }, null);
        if (isRefusal(event)) throw new Error(event.detail);
        let record = records.get(event.machine);
        if (record === undefined) records.set(event.machine, (record = new RecordedMachine(model, event.machine)));
        record.accept(event);
      }
    }
  }
  const recordOf = (machine: Machine): RecordedMachine => records.get(machine) ?? new RecordedMachine(model, machine);
  return new HistoryFacts(model, START + 4 * DAY, recordOf, new RecordedRefusals());
}

test("BL-2, DI-3: a baseline over a change of constraint has the figures of the machine that stood for the line at each time, also when read again", () => {
  const facts = factsOf();
  const given = { type: "baseline", id: "b", rev: 1, by: "anna", scope: "s", from: "2026-03-02", to: "2026-03-06" };
  const entry = readEntry(facts.plant, given);
  if (isEntryRefusal(entry)) throw new Error(entry.detail);
  const figures = freeze(facts, entry as BaselineEntry);
  if ("code" in figures || figures.kind !== "computed") throw new Error("it is not frozen");
  const again = figuresIn(JSON.parse(JSON.stringify(frozenDocument(figures.machines))));
  const { id, scope, from, to, effective, minCoverage } = entry as BaselineEntry;
  const line = facts.plant.scopes.get(LINE);
  const second = facts.plant.scopes.get(`${LINE}/second`);
  if (again === null || line === undefined || second === undefined) throw new Error("it cannot be read");
  const availability = measureNamed("availability") as NonNullable<ReturnType<typeof measureNamed>>;
  for (const one of [figures, again]) {
    const baseline = { id, scope: scope.path, from, to, effective, minCoverage, figures: one, policy: null };
    // The line ran 36 hours at 3/4 and 60 hours at 1/2: 57 of 96 hours.
    expect(baselineAmounts(baseline, line)?.planned).toBe(4 * DAY);
    expect(baselineValue(baseline, line, availability)).toBeCloseTo(57 / 96, 12);
    // A machine always stands for itself, and the site is the sum of its lines.
    expect(baselineValue(baseline, second, availability)).toBeCloseTo(0.5, 12);
    const now = amountsOf(facts, facts.plant.scopes.get("s") ?? line, periodOf(line.timezone, baseline));
    const site = baselineAmounts(baseline, facts.plant.scopes.get("s") ?? line);
    expect(site?.sums.components()).toEqual(now.sums.components());
    expect(site?.reasonTimes).toEqual(now.reasonTimes);
    const planned = [...(baselineCells(baseline, line)?.cells.values() ?? [])].map((cells) =>
      [...cells.values()].reduce((sum, cell) => sum + cell.planned, 0),
    );
    expect(planned).toEqual([1.5 * DAY, 2.5 * DAY]);
  }
});

test("CS-1, DI-3: savings of a line are against what each machine lost while it stood for the line", () => {
  const priced = PLANT.replaceAll("minorStopThreshold: 0", "minorStopThreshold: 0, costPerHour: 100");
  const facts = factsOf(START, priced, STRUCTURES, 0.9);
  const line = facts.plant.scopes.get(LINE) as Scope;
  const savingsSince = (to: string): Review["savings"] => {
    const programme = new Programme(facts.plant, () => facts);
    const dates = { from: "2026-03-02", to, effective: "2026-03-02" };
    const read = readEntry(facts.plant, { type: "baseline", id: "b", rev: 1, by: "anna", scope: "s", ...dates });
    expect(isEntryRefusal(read) ? read : programme.accept(read)).toBeNull();
    const period = periodNamed(["2026-03-05", "2026-03-06"], line.periods);
    if (period === null) throw new Error("there is no such period");
    return reviewOf(facts, programme, line, period).savings;
  };
  // Until noon of the second day the second machine was down for 9/10 of its time, for which it did not stand for the line.
  const two = savingsSince("2026-03-04");
  expect([two?.saving?.toNumber(), two?.notInBaseline]).toEqual([0, []]);
  // On the first day the first machine stood for the line alone.
  const one = savingsSince("2026-03-03");
  expect([one?.saving, one?.notInBaseline]).toEqual([null, [`${LINE}/second`]]);
});

test("SC-4: coverage now and in the baseline are of the same machines, all below the scope", () => {
  const facts = factsOf(START + 2 * DAY);
  const given = { type: "baseline", id: "b", rev: 1, by: "anna", scope: "s", from: "2026-03-02", to: "2026-03-06" };
  const entry = readEntry(facts.plant, { ...given, minCoverage: 0.5 });
  const line = facts.plant.scopes.get(LINE);
  if (isEntryRefusal(entry) || line === undefined) throw new Error("the entry is refused");
  const { from, to, minCoverage } = entry as BaselineEntry;
  const figures = freeze(facts, entry as BaselineEntry);
  if ("code" in figures) throw new Error(figures.detail);
  const baseline = { id: "b", scope: "s", from, to, effective: from, minCoverage, figures, policy: null };
  const programme = { baselines: [baseline], targetFor: () => null } as unknown as Programme;
  const row = scorecardRows(facts, programme, line, { from, to }).find(({ measure }) => measure === "coverage");
  // Of four days of each of two machines two days of one are not known. The machine that stood for the line lacks 1.5 of 4 days.
  expect(row).toMatchObject({ now: 6 / 8, baseline: 6 / 8 });
});

test("SC-4, TG-5, ME-1: a target of coverage is judged over the machines of its row, in the period and in its baseline", () => {
  const facts = factsOf(START + 2 * DAY);
  const programme = new Programme(facts.plant, () => facts);
  const line = facts.plant.scopes.get(LINE);
  const accepted = (entry: object): void => {
    const read = readEntry(facts.plant, { rev: 1, by: "anna", scope: "s", ...entry });
    expect(isEntryRefusal(read) ? read : programme.accept(read)).toBeNull();
  };
  const dates = { from: "2026-03-02", to: "2026-03-06" };
  accepted({ type: "baseline", id: "b", ...dates, effective: "2026-03-02", minCoverage: 0.5 });
  const rowFor = (value: string | number, target: string): unknown => {
    accepted({ type: "target", id: target, measure: "coverage", value, from: "2026-03-02", scope: LINE });
    const [from, to] = [START / DAY, START / DAY + 4];
    return scorecardRows(facts, programme, line as Scope, { from, to }).find(({ measure }) => measure === "coverage");
  };
  // Of all machines 6 of 8 days are known; of the machine that stood for the line 2.5 of 4 days, 62.5 %.
  expect(rowFor(0.7, "t1")).toMatchObject({ now: 0.75, goal: 0.7, status: "met" });
  expect(rowFor("+2pp", "t2")).toMatchObject({ now: 0.75, baseline: 0.75, goal: 0.77, status: "missed" });
  // ME-1: as a measure it is of those who stand for the line.
  accepted({ type: "target", id: "t3", measure: "coverage", value: 0.7, from: "2026-03-02", scope: LINE });
  const period = periodNamed(["2026-03-02", "2026-03-06"], (line as Scope).periods);
  if (period === null) throw new Error("there is no such period");
  const { measures } = reviewOf(facts, programme, line as Scope, period);
  expect(measures["coverage"]).toMatchObject({ achieved: 0.625, baseline: 0.625, status: "missed" });
});

test("BL-6, SC-4: a row is marked where the baseline, or the quarter before, was computed by another policy", () => {
  const facts = factsOf();
  const line = facts.plant.scopes.get(LINE) as Scope;
  const now = scopePolicy(facts.plant, line);
  const policy = { ...now, minorStopThreshold: "of another day" };
  const [from, to] = [START / DAY, START / DAY + 1];
  const rowsOf = (frozen: typeof now, quarterBefore: typeof now) => {
    const programme = new Programme(facts.plant, () => facts);
    const read = readEntry(facts.plant, {
      ...{ type: "baseline", id: "b", rev: 1, by: "anna", scope: LINE, from: "2026-03-02", to: "2026-03-06" },
      effective: "2026-03-02",
    });
    if (isEntryRefusal(read)) throw new Error(read.detail);
    expect(programme.accept(read)).toBeNull();
    const [baseline] = programme.baselines;
    const others = { baselines: [{ ...baseline, policy: frozen }], targetFor: () => null } as unknown as Programme;
    vi.spyOn(facts, "plantFilesOf").mockImplementation((_, period) => {
      const file = { version: "v", idealCycles: { machines: new Map(), products: new Map() } };
      return [{ ...file, policy: period.from < START ? quarterBefore : now }];
    });
    // A quarter before there was what there is now.
    vi.spyOn(facts, "cellsOf").mockImplementation((machine, period) => {
      const moved = period.from < START ? 13 * 7 * DAY : 0;
      return HistoryFacts.prototype.cellsOf.call(facts, machine, { from: period.from + moved, to: period.to + moved });
    });
    const rows = scorecardRows(facts, others, line, { from, to });
    vi.restoreAllMocks();
    return rows.find(({ measure }) => measure === "coverage");
  };
  expect(rowsOf(now, now)).not.toHaveProperty("policy");
  expect(rowsOf(now, now)).not.toHaveProperty("policyBefore");
  expect(rowsOf(policy, now)).toMatchObject({ policy: ["minorStopThreshold"], baseline: 1, before: 1 });
  expect(rowsOf(policy, now)).not.toHaveProperty("policyBefore");
  expect(rowsOf(now, policy)).toMatchObject({ policyBefore: ["minorStopThreshold"] });
});

test("BL-2, BL-3, TG-2: a baseline that a target names gives a start to the scopes that it has figures of, and to no other", () => {
  const facts = factsOf();
  const programme = new Programme(facts.plant, () => facts);
  const judged = (entry: object): unknown => {
    const read = readEntry(facts.plant, { rev: 1, by: "anna", from: "2026-03-02", ...entry });
    return isEntryRefusal(read) ? read : programme.accept(read);
  };
  const dates = { to: "2026-03-04", effective: "2026-03-02" };
  const figures = { kpis: { availability: 0.4 } };
  expect(judged({ type: "baseline", id: "books", scope: "s", ...dates, figures, source: "shift books" })).toBeNull();
  expect(judged({ type: "baseline", id: "line", scope: LINE, ...dates })).toBeNull();
  const basesOf = (baseline: string, scope: string): unknown => {
    const id = `${baseline} of ${scope}`;
    const target = { type: "target", id, scope, measure: "availability", value: "+10%", baseline };
    expect(judged(target)).toBeNull();
    return ["s", LINE, `${LINE}/second`].map((path) =>
      programme.target(id)?.baseOf(facts.plant.scopes.get(path) as Scope),
    );
  };
  // The shift books tell of the site as a whole, and not of its lines.
  expect(basesOf("books", "s")).toEqual([0.4, null, null]);
  // The first machine stood for the line for 36 hours at 3/4, the second for 12 hours at 1/2.
  expect(basesOf("line", "s")).toEqual([null, (36 * 0.75 + 12 * 0.5) / 48, 0.5]);
  const dated = { type: "target", id: "dated", scope: LINE, measure: "availability", due: "2026-07-01", value: 0.7 };
  expect(judged({ ...dated, baseline: "books" })).toMatchObject({ code: "invalid" });
  const books = programme.baseline("books");
  const line = facts.plant.scopes.get(LINE) as Scope;
  const period = { from: START + 2 * DAY, to: START + 4 * DAY };
  const imported = importedSums({ runTime: DAY, unplannedStopTime: DAY, idealTime: DAY, idealGoodTime: DAY });
  const components = {
    ...(books as NonNullable<typeof books>),
    figures: { kind: "components", sums: imported } as const,
  };
  expect(changeFrom(components, facts, facts.plant.scopes.get("s") as Scope, period)).not.toBeNull();
  expect(changeFrom(components, facts, line, period)).toBeNull();
});

test("BL-2, DI-3: the figures of a site in another zone are of the baseline's dates, up to its end", () => {
  // The enterprise's second of March ends nine hours after that of the site. The constraint changes in these hours.
  const text = PLANT.replace("sites: { s: {", "sites: { s: { timezone: Asia/Tokyo,");
  const structures = STRUCTURES.map((one, i) => ({ ...one, from: START + i * 20 * 3_600_000 }));
  const facts = factsOf(START, text, structures);
  const programme = new Programme(facts.plant, () => facts);
  const dates = { from: "2026-03-02", to: "2026-03-03" };
  const read = readEntry(facts.plant, { type: "baseline", id: "b", rev: 1, by: "anna", scope: "*", ...dates });
  expect(isEntryRefusal(read) ? read : programme.accept(read)).toBeNull();
  const baseline = programme.baseline("b") as NonNullable<ReturnType<Programme["baseline"]>>;
  const hoursOf = (path: string): number =>
    (baselineAmounts(baseline, facts.plant.scopes.get(path) as Scope)?.planned ?? Number.NaN) / 3_600_000;
  expect([hoursOf("*"), hoursOf(LINE), hoursOf("s/a/k")]).toEqual([48, 24, 24]);
});
