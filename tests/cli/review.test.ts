/**
 * `oee review` on twenty days of one machine that can be worked out by hand. It runs all day at 90 % of its ideal speed, but
 * for a stop at noon: 6 h on each of the first ten days, 3 h on each of the last ten. So, of 24 planned hours a day:
 *
 *   days 1-10:  18 h running, 18 × 360 × 0.9 = 5,832 pieces of 10 s = 16.2 h of ideal time: OEE 0.675,  stops 0.25
 *   days 11-20: 21 h running, 21 × 360 × 0.9 = 6,804 pieces         = 18.9 h:               OEE 0.7875, stops 0.125
 */
import { describe, expect, test } from "vitest";
import { folderWith, ndjson, oee } from "./oee.ts";

const HOUR = 3_600_000;
const FIRST = Date.UTC(2026, 0, 1);
const MACHINE = "s/a/l/m";
const PLANT = `
enterprise: e
currency: EUR
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 10, costPerHour: 100 } } } } } } } }
reasons: { jam: {}, other: { vague: true } }
roles: [boss, fitter]
owners: [{ accountable: boss, responsible: [fitter] }]
chains: { stop: [{ after: 0, to: responsible }, { after: 1h, to: boss }] }
alerts: [{ id: long, kind: stop, for: 4h, chain: stop }, { id: why, kind: no-reason, for: 30m, chain: stop }]
`;
const ENTRIES = `
baselines: [{ id: b, scope: "*", from: "2026-01-01", to: "2026-01-11" }]
targets: [{ id: t, scope: "*", measure: oee, value: "+10%" }]
acknowledgements: [{ id: k, at: "2026-01-01T16:30:00Z", alert: "long/s/a/l/m@2026-01-01T12:00:00.000Z" }]
`;

function twentyDays(): object[] {
  const events: object[] = [];
  for (let day = 0; day < 20; day++) {
    const at = (hours: number): number => FIRST + (24 * day + hours) * HOUR;
    const stopped = day < 10 ? 6 : 3;
    events.push({ type: "state", machine: MACHINE, at: at(0), state: "running" });
    // The last day's stop has a vague reason.
    events.push({ type: "state", machine: MACHINE, at: at(12), state: "down", reason: day === 19 ? "other" : "jam" });
    events.push({ type: "state", machine: MACHINE, at: at(12 + stopped), state: "running" });
    events.push({ type: "count", machine: MACHINE, at: at(23), good: (24 - stopped) * 324 });
  }
  return events;
}

function review(args: readonly string[], entries: string = ENTRIES, more: object[] = []): ReturnType<typeof oee> {
  const events = ndjson([...twentyDays(), ...more]);
  const file = folderWith({ "plant.yaml": PLANT, "events.ndjson": events, "entries.yaml": entries });
  const files = ["--plant", file("plant.yaml"), "--events", file("events.ndjson"), "--entries", file("entries.yaml")];
  return oee(["review", ...files, "--at", "2026-01-21T00:00:00Z", ...args]);
}

describe("oee review", () => {
  test("RV-1: the printable review is one file with the figures of the JSON; text from outside is never markup", () => {
    const entries = `${ENTRIES}actions: [{ id: a, scope: s, title: "<b>Belt</b> & guide", owner: boss, addresses: oee, opened: "2026-01-05" }]\n`;
    const { status, stdout } = review(["--period", "2026-01-11", "--format", "html"], entries);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>/);
    expect(stdout).not.toMatch(/<script|https?:|src=|<b>/);
    expect(stdout).toContain("&lt;b&gt;Belt&lt;/b&gt; &amp; guide");
    // OEE 0.7875 against 0.675, a goal of 0.7425 met, three hours' stop.
    for (const figure of ["78.8 %", "67.5\u00a0%", "74.3\u00a0%", "+11.3 points", "met", "jam", "3 h"]) {
      expect([figure, stdout.includes(figure)]).toEqual([figure, true]);
    }
    const table = review(["--period", "2026-01-11", "--format", "table"]);
    expect(table.stdout).toMatch(/^oee +78\.8 % +67\.5 % +67\.5 % +74\.3 % +74\.3 % +met$/m);
    expect(review(["--format", "html"])).toMatchObject({ status: 2 });
  });

  test("RV-1, DC-1, CS-1: one day against the baseline, with the parts of the change and the savings", () => {
    const { status, stdout, stderr } = review(["--period", "2026-01-11", "--only", "reviews"]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [one] = JSON.parse(stdout).reviews;
    expect(one).toMatchObject({ scope: "*", from: "2026-01-11", to: "2026-01-12", baseline: "b", inProgress: false });
    expect(one.measures.oee.baseline).toBeCloseTo(0.675, 12);
    expect(one.measures.oee.achieved).toBeCloseTo(0.7875, 12);
    expect(one.measures.oee.difference).toBeCloseTo(0.1125, 12);
    expect(one.measures.oee.goal).toBeCloseTo(0.7425, 12);
    expect(one.measures.oee.status).toBe("met");
    expect(one.measures.unplannedDowntimeShare.relative).toBeCloseTo(-0.5, 12);
    // Breakdowns gave 12.5 points, reduced speed took 1.25.
    const { bars, change } = one.changeFromBaseline;
    expect(change).toBeCloseTo(0.1125, 12);
    expect(bars.breakdowns).toBeCloseTo(0.125, 12);
    expect(bars.reducedSpeed).toBeCloseTo(-0.0125, 12);
    // At the baseline's share of stops the day would have cost 3 h more, at 100 an hour.
    expect(one.cost).toBeCloseTo(300, 9);
    expect(one.savings).toEqual({ saving: 300, perYear: 109_500, notInBaseline: [] });
  });

  test("BL-5: a revision keeps the frozen figures unless it says `freeze: now`, or has another period", () => {
    const at = "2026-01-12T00:00:00Z";
    const first = { type: "baseline", id: "b", scope: "*", from: "2026-01-01", to: "2026-01-11", known: 40, at };
    const { known: _, ...again } = { ...first, rev: 2, at: "2026-01-13T00:00:00Z" };
    // All of the first ten days is said to have been a run, after the first revision.
    const correction = {
      ...{ type: "correction", machine: MACHINE, at: FIRST + 480 * HOUR, by: "ben", state: "running" },
      ...{ from: FIRST, to: FIRST + 240 * HOUR },
    };
    const availabilityOf = (revision: object): unknown => {
      const entries = JSON.stringify({ baselines: [first, revision] });
      const { stdout } = review(["--only", "baselines"], entries, [correction]);
      return JSON.parse(stdout).baselines[0].kpis.availability;
    };
    expect(availabilityOf({ ...again, note: "the belt was old" })).toBe(0.75);
    expect(availabilityOf({ ...again, freeze: "now" })).toBe(1);
    expect(availabilityOf({ ...again, to: "2026-01-10" })).toBe(1);
    const entries = JSON.stringify({ baselines: [first, { ...again, note: "the belt was old" }] });
    const table = review(["--period", "2026-01-11", "--format", "table"], entries, [correction]).stdout;
    expect(table).toContain("since it was entered: 1 correction (ben 1)");
  });

  test("RE-1: a revision that is not the next is a conflict, whatever else is wrong with it", () => {
    const entries = `baselines: [{ id: b, rev: 2, scope: "*", from: "2026-01-01", to: "2026-03-01" }]
targets: [{ id: t, rev: 2, scope: "*", measure: oee, value: "+5%", baseline: none }]`;
    const { stdout } = review(["--only", "baselines"], entries);
    expect(JSON.parse(stdout).refusedEntries).toEqual([
      { entry: "b", error: "conflict" },
      { entry: "t", error: "conflict" },
    ]);
  });

  test("BL-5: beside the comparison stands by how much the baseline drifts, and what came since", () => {
    // Frozen from the first ten days' forty lines; later half of one stop, 3 h of 240 h, is said to have been a run.
    const made = 'known: 40, at: "2026-01-12T00:00:00Z"';
    const entries = `baselines: [{ id: b, scope: "*", from: "2026-01-01", to: "2026-01-11", ${made} }]`;
    const [from, to] = [FIRST + 12 * HOUR, FIRST + 15 * HOUR];
    const correction = {
      type: "correction",
      machine: MACHINE,
      at: FIRST + 480 * HOUR,
      from,
      to,
      by: "ben",
      state: "running",
    };
    const args = ["--period", "2026-01-11", "--format"];
    const table = review([...args, "table"], entries, [correction]).stdout;
    // 180 h running become 183 h of 240 h: 1.25 points; a stop of 6 h is one of 3 h.
    expect(table).toMatch(/^availability +\+1\.25 points$/m);
    expect(table).toMatch(/^runTime +\+3 h$/m);
    expect(table).toMatch(/^unplannedStopTime +−3 h$/m);
    expect(table).toContain("since it was entered: 1 correction (ben 1)");
    const page = review([...args, "html"], entries, [correction]).stdout;
    for (const text of [
      "Drift of the baseline (b)",
      "production (actual production time, APT)",
      "+1.25 points",
      "(ben 1)",
    ]) {
      expect([text, page.includes(text)]).toEqual([text, true]);
    }
    expect(review([...args, "table"]).stdout).not.toContain("baseline b");
  });

  test("BL-5: with the lines that were known, late events are told too, and corrections by their place in the log", () => {
    const entries = `baselines: [{ id: b, scope: "*", from: "2026-01-01", to: "2026-01-11", known: 40 }]`;
    // Of the first ten days: a count and a state that came late, and a correction that was made before the baseline was.
    const late = [
      { type: "count", machine: MACHINE, at: FIRST + 20 * HOUR, good: 60 },
      { type: "state", machine: MACHINE, at: FIRST + 14 * HOUR, state: "running" },
      {
        ...{ type: "correction", machine: MACHINE, at: FIRST + 242 * HOUR, by: "ben" },
        ...{ from: FIRST + 36 * HOUR, to: FIRST + 37 * HOUR, state: "running" },
      },
    ];
    const args = ["--period", "2026-01-11", "--format"];
    const came = "2 late events, 1 correction (ben 1)";
    expect(review([...args, "table"], entries, late).stdout).toContain(`since it was entered: ${came}`);
    expect(review([...args, "html"], entries, late).stdout).toContain(`Since it was entered: ${came}.`);
  });

  test("SC-4: a scorecard has its rows, coverage beside the baseline's", () => {
    const run = review(["--only", "scorecards"], `${ENTRIES}scorecards: [{ scope: "*", period: 2026-01-11 }]\n`);
    const [{ rows }] = JSON.parse(run.stdout).scorecards;
    const goal = { goal: 0.8, status: "met" };
    expect(rows[1]).toEqual({ measure: "coverage", now: 1, before: 0, baseline: 1, ...goal });
  });

  test("TG-2, TG-6: a standing target begins with its baseline's effective date, and is judged by the dates since then", () => {
    const [target] = JSON.parse(review(["--only", "targets"]).stdout).targets;
    expect(target).toMatchObject({ id: "t", status: "met", from: "2026-01-11", over: ["2026-01-11", "2026-01-21"] });
    expect(target.achieved).toBeCloseTo(0.7875, 12);
    expect(target.expected).toBeCloseTo(0.7425, 12);
  });

  test("AL-1, AL-2, AL-3: ten stops reached 4 h, one was acknowledged before its second step", () => {
    const alerts: { rule: string; ticket: string; opens: string; steps: { due: boolean }[]; state: string }[] =
      JSON.parse(review(["--only", "alerts"]).stdout).alerts;
    const long = alerts.filter(({ rule }) => rule === "long");
    expect(long).toHaveLength(10);
    expect(long[0]).toMatchObject({
      ticket: "long/s/a/l/m@2026-01-01T12:00:00.000Z",
      opens: "2026-01-01T16:00:00.000Z",
      acknowledged: "2026-01-01T16:30:00.000Z",
      resolves: "2026-01-01T18:00:00.000Z",
      owners: { accountable: "boss", responsible: ["fitter"] },
      steps: [
        { to: "responsible", at: "2026-01-01T16:00:00.000Z", due: true },
        { to: "boss", at: "2026-01-01T17:00:00.000Z", due: false },
      ],
      state: "resolved",
    });
    expect(long[1]?.steps.map(({ due }) => due)).toEqual([true, true]);
    // RS-1: "other" is no reason. 5 min until the stop is no minor one, then 30.
    const why = alerts.filter(({ rule }) => rule === "why");
    expect(why.map(({ opens, state }) => [opens, state])).toEqual([["2026-01-20T12:35:00.000Z", "open"]]);
  });

  test("RE-2: refused entries are printed and counted, and the others go on", () => {
    const run = review(["--only", "targets"], "targets: [{ id: t, scope: '*', measure: oee, value: '+5' }]");
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('entry t: invalid: value: expected a number, or a text such as "+5%"');
    expect(JSON.parse(run.stdout)).toMatchObject({ targets: [], refusedEntries: [{ entry: "t", error: "invalid" }] });
  });

  test("a question that names a scope or measure that the plant lacks is a usage error", () => {
    const run = review([], "scorecards: [{ scope: s/x, period: 2026-01 }]");
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining("scorecards: scope")]);
  });
});
