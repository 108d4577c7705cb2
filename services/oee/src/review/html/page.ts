/**
 * The review of a period as one printable HTML file: what a plant manager hands out. Every figure is one of the document
 * of `oee review --format json`; what is not known is a dash, and what makes figures doubtful stands beside them.
 */
import { localMsOf } from "@oee/calendar";
import { OEE_RATIOS, formatInstant, parseInstant, type Plant, type ReasonTree, type Scope } from "@oee/model";
import type { MeasureAnswer, ReviewAnswer } from "@oee/protocol";
import { measureNamed } from "@oee/review";
import { type BaselineDrift, componentTitle } from "../baseline-drift.ts";
import { isTime } from "../time-measures.ts";
import { amount, DASH, decimal, duration, percent } from "../../output/for-people.ts";
import { bars, lineChart, waterfall } from "./charts.ts";
import { type Markup, markup } from "./markup.ts";
import { STYLE } from "./style.ts";

export interface ReviewPage {
  readonly plant: Plant;
  readonly scope: Scope;
  readonly review: ReviewAnswer;
  /** As the period is named: `2026-Q2`. */
  readonly period: string;
  /** Up to when everything was known, RFC 3339. */
  readonly at: string;
  readonly actions: readonly ActionLine[];
  readonly drift: BaselineDrift | null;
}

export interface ActionLine {
  readonly title: string;
  readonly owner: string | null;
  readonly state: string;
  readonly overdue: boolean;
  readonly verdict: string | null;
}

const TITLES: Readonly<Record<string, string>> = {
  oee: "OEE",
  availability: "Availability",
  performance: "Performance",
  quality: "Quality",
  unplannedDowntimeShare: "Unplanned downtime, share of planned time",
  downtimeFrequency: "Unplanned stops per hour",
  meanStopDuration: "Mean length of an unplanned stop",
  mttr: "Mean time to repair (MTTR)",
  mtbf: "Mean time between failures (MTBF)",
  breakdowns: "Breakdowns",
  otherUnplannedStops: "Other unplanned stops",
  setup: "Setup",
  plannedStops: "Planned stops",
  minorStops: "Minor stops",
  reducedSpeed: "Reduced speed",
  processDefects: "Process defects",
  startupLosses: "Start-up losses",
  productMix: "Mix of products",
  machineMix: "Mix of machines",
  unplaced: "Cannot be placed",
};
const BARS_MAX = 12;

export function reviewPage({ plant, scope, review, period, at, actions, drift }: ReviewPage): string {
  const { measures, quality } = review;
  const doc = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${`${scope.name}: review of ${period}`}</title><style>${STYLE}</style></head><body><main>
<header><p class="over">${plant.name}${scope.path === "*" ? null : ` · ${scope.path}`}</p><h1>${`${scope.name}: review of ${period}`}</h1>
<p>${`${review.from} up to, not with, ${review.to} (${scope.timezone.name})`}${review.inProgress ? ". The period is not over: figures are of what has passed." : "."} Known up to ${at}.</p></header>
<section class="tiles">${OEE_RATIOS.map((name) => tile(name, measures[name]))}</section>
${verdictOf(measures["oee"], quality.coverage)}
<section><h2>OEE by week</h2>${
    lineChart(
      review.trend.week.map(({ from, values, expected }) => ({
        label: from.slice(5, 10),
        value: values["oee"] ?? null,
        expected: expected["oee"] ?? null,
      })),
      (share) => `${(share * 100).toFixed(0)} %`,
    ) ?? markup`<p class="none">Fewer than two weeks have a figure.</p>`
  }<p class="note">Solid: OEE of each week, by its first day. Dashed: the path to the target. A gap: nothing is known.</p></section>
${changeSection("Against the baseline", review.baseline, review.changeFromBaseline, scope)}
${changeSection("Against the period before", null, review.changeFromPrevious, scope)}
<section><h2>Figures</h2><table><thead><tr><th>Measure</th><th>Achieved</th><th>Baseline</th><th>Period before</th><th>Path</th><th>Goal</th><th>Status</th></tr></thead><tbody>
${Object.entries(measures).map(([name, one]) => measureRow(plant, name, one))}</tbody></table></section>
${driftSection(drift)}
${childrenSection(plant, scope, review)}
${stopsSection(plant, review)}
${moneySection(review)}
${actionsSection(actions)}
${trustSection(review)}
<section class="sign"><h2>Sign-off</h2><table><thead><tr><th>Name</th><th>Role</th><th>Date</th><th>Signature</th></tr></thead><tbody>${[1, 2, 3].map(() => markup`<tr><td></td><td></td><td></td><td></td></tr>`)}</tbody></table></section>
<footer>Open OEE. Plant file ${plant.version.slice(0, 12)}. OEE by ISO 22400 from planned time; sums of components, never means of ratios.</footer>
</main></body></html>
`;
  return doc.html;
}

function tile(name: string, one: MeasureAnswer | undefined): Markup {
  if (one === undefined) return markup``;
  const { achieved, baseline, previous, goal, status } = one;
  return markup`<div class="tile"><p class="name">${titleOf(name)}</p><p class="value">${percent(achieved)}</p>
<p class="small">${`before ${ratioText(previous)}`}</p><p class="small">${`baseline ${ratioText(baseline)}`}</p><p class="small">${goal === null ? "no target" : `target ${ratioText(goal)}`} ${status === null ? null : statusMark(status)}</p></div>`;
}

function verdictOf(oee: MeasureAnswer | undefined, coverage: number | null): Markup {
  if (oee === undefined || oee.achieved === null)
    return markup`<p class="lead">There is no OEE: nothing was planned, or nothing is known of it.</p>`;
  const { difference, previous, achieved } = oee;
  const than = (change: number, of: string): string =>
    Math.abs(change) < 0.0005
      ? `as ${of}`
      : `${points(change)} ${change > 0 ? "more" : "less"} than ${of}`.replace("−", "").replace("+", "");
  const parts = [
    ...(difference === null ? [] : [than(difference, "in the baseline")]),
    ...(previous === null ? [] : [than(achieved - previous, "in the period before")]),
  ];
  const doubt = oee.counts ? "" : ` Only ${percent(coverage)} of the time is known: too little for a verdict.`;
  return markup`<p class="lead">${`OEE was ${percent(achieved)}${parts.length === 0 ? "" : `, ${parts.join(", ")}`}.${doubt}`}</p>`;
}

function changeSection(
  title: string,
  baseline: string | null,
  change: ReviewAnswer["changeFromBaseline"],
  scope: Scope,
): Markup {
  if (change === null) return markup``;
  const { oee, bars: causes, hours } = change;
  const steps = Object.entries(causes as Readonly<Record<string, number | null>>)
    .flatMap(([name, value]) =>
      value === null || Math.abs(value) < 0.00005 ? [] : [{ label: titleOf(name), change: value, name }],
    )
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const worst = steps.find(({ change: one }) => one < 0);
  const lost = worst === undefined ? null : (hours as Readonly<Record<string, number | null>>)[worst.name];
  const children = Object.entries(change.children).filter(([, share]) => Math.abs(share) >= 0.00005);
  return markup`<section><h2>${title}${baseline === null ? null : ` (${baseline})`}</h2>${waterfall(oee[0], steps, oee[1], percent, points)}
<p class="note">${`The steps add up to the change of ${points(change.change)}. The scale does not begin at 0.`}${
    worst === undefined || lost === undefined || lost === null
      ? null
      : ` ${worst.label} cost most: ${points(worst.change)}, ${amount(Math.abs(lost), 1)} h of good production.`
  }</p>${
    children.length === 0
      ? null
      : markup`<p class="note">${`Of it: ${children.map(([path, share]) => `${nameIn(scope, path)} ${points(share)}`).join(", ")}.`}</p>`
  }</section>`;
}

function driftSection(drift: BaselineDrift | null): Markup {
  if (drift === null) return markup``;
  const { id, lines, since } = drift;
  return markup`<section><h2>${`Drift of the baseline (${id})`}</h2><p class="note">${`Its period computed now, less the frozen figures. Verdicts use the frozen ones.${since === null ? "" : ` Since it was entered: ${since}.`}`}</p><table><tbody>
${lines.map(([name, by]) => markup`<tr><td>${componentTitle(name) ?? titleOf(name)}</td><td>${by}</td></tr>`)}</tbody></table></section>`;
}

function childrenSection(plant: Plant, scope: Scope, { children }: ReviewAnswer): Markup {
  const rows = Object.entries(children);
  if (rows.length === 0) return markup``;
  const names = [...OEE_RATIOS, "unplannedDowntimeShare"];
  return markup`<section><h2>One level below</h2><table><thead><tr><th></th>${names.map((name) => markup`<th>${titleOf(name)}</th>`)}<th>Against baseline</th><th>Status</th></tr></thead><tbody>
${rows.map(([path, measures]) => {
  const oee = measures["oee"];
  return markup`<tr><td>${nameIn(scope, path)}</td>${names.map((name) => markup`<td>${shown(plant, name, measures[name]?.achieved ?? null)}</td>`)}<td>${oee?.difference == null ? DASH : points(oee.difference)}</td><td>${statusMark(oee?.status ?? null)}</td></tr>`;
})}</tbody></table></section>`;
}

function stopsSection(plant: Plant, { pareto, longestStops, reasonsFromPrevious }: ReviewAnswer): Markup {
  const shownBars = pareto.filter(({ time }) => time > 0).slice(0, BARS_MAX);
  const rest = pareto.filter(({ time }) => time > 0).slice(BARS_MAX);
  const all = [
    ...shownBars.map((bar) => ({
      label: reasonIn(plant, bar.key),
      value: bar.time,
      text: barText(bar.time, bar.share, bar.count),
    })),
    ...(rest.length === 0
      ? []
      : [
          {
            label: `${rest.length} other reasons`,
            value: rest.reduce((sum, { time }) => sum + time, 0),
            text: duration(rest.reduce((sum, { time }) => sum + time, 0)),
          },
        ]),
  ];
  const moved = reasonsFromPrevious.filter(({ change }) => Math.abs(change) >= 0.0005);
  const [rose, fell] = [moved[0], moved.at(-1)];
  return markup`<section><h2>Why it stood still</h2>${all.length === 0 ? markup`<p class="none">No unplanned stop.</p>` : bars(all)}
<p class="note">Scheduled time of unplanned stops that are not minor, of all machines below.${
    rose === undefined || rose.change <= 0
      ? null
      : ` Risen most against the period before: ${reasonIn(plant, rose.key)}, ${points(rose.change)} of planned time.`
  }${fell === undefined || fell.change >= 0 ? null : ` Fallen most: ${reasonIn(plant, fell.key)}, ${points(fell.change)}.`}</p>
${
  longestStops.length === 0
    ? null
    : markup`<h3>The longest stops</h3><table><thead><tr><th>Machine</th><th>From</th><th>Scheduled time</th><th>Reason</th></tr></thead><tbody>${longestStops.map(({ machine, stop, time, reasons }) => markup`<tr><td>${plant.machineById.get(machine)?.name ?? machine}<span class="path"> ${machine}</span></td><td>${localTime(plant, machine, stop)}</td><td>${duration(time)}</td><td>${reasons.map((reason) => reasonIn(plant, reason)).join("; ")}</td></tr>`)}</tbody></table>`
}</section>`;
}

function moneySection({ cost, lossCosts, savings, currency }: ReviewAnswer): Markup {
  if (cost === null && savings === null) return markup``;
  const of = (value: string | null): string =>
    value === null ? DASH : currency === null ? decimal(value) : `${decimal(value)} ${currency}`;
  const left = savings?.notInBaseline ?? [];
  return markup`<section><h2>What it cost</h2><table><tbody><tr><td>Unplanned stops of the period</td><td>${of(cost)}</td></tr>${
    lossCosts === null
      ? null
      : markup`<tr><td>Breakdowns</td><td>${of(lossCosts.breakdowns)}</td></tr><tr><td>Other unplanned stops</td><td>${of(lossCosts.otherUnplannedStops)}</td></tr>`
  }${
    savings === null
      ? null
      : markup`<tr><td>Saved against the baseline's share of stops (negative: lost)</td><td>${of(savings.saving)}</td></tr><tr><td>A year of it, extrapolated</td><td>${of(savings.perYear)}</td></tr>`
  }</tbody></table><p class="note">Only unplanned stops have a price here: gains of speed and quality are in none of this.${
    left.length === 0 ? null : ` Not in the baseline: ${left.join(", ")}.`
  }</p></section>`;
}

function actionsSection(actions: readonly ActionLine[]): Markup {
  if (actions.length === 0) return markup``;
  return markup`<section><h2>Actions</h2><table><thead><tr><th>Action</th><th>Owner</th><th>State</th><th>Effect</th></tr></thead><tbody>${actions.map(({ title, owner, state, overdue, verdict }) => markup`<tr><td>${title}</td><td>${owner ?? DASH}</td><td>${state}${overdue ? markup` <span class="status bad">overdue</span>` : null}</td><td>${verdict ?? DASH}</td></tr>`)}</tbody></table></section>`;
}

type IdealCycleLine = NonNullable<ReviewAnswer["quality"]["idealCycleChanges"]>[number];

function trustSection({ scorecard, quality, policy = [] }: ReviewAnswer): Markup {
  const refused = Object.entries(quality.refused).map(([code, count]) => `${amount(count, 0)} ${code}`);
  const lines: readonly (readonly [string, string])[] = [
    [
      "Machines that are heard of (goal: above 95 %)",
      `${percent(scorecard.visibility)}${scorecard.silent.length > 0 ? `; silent: ${scorecard.silent.join(", ")}` : ""}`,
    ],
    ["Time that is known (goal: above 80 %)", percent(quality.coverage)],
    ["Stop time with a reason", percent(quality.reasonShare)],
    ["Reasons given in time", percent(scorecard.reasonInTime)],
    ["Machine days with a performance above 100 % (ideal cycle too slow)", amount(quality.performanceAbove1, 0)],
    ...(quality.doubtedTotals === undefined
      ? []
      : [["Totals of counters that cannot be, and count nothing", amount(quality.doubtedTotals, 0)] as const]),
    [
      "Corrections that bear on the period; made after its end",
      `${amount(quality.corrections, 0)}; ${amount(quality.correctionsAfterEnd, 0)}`,
    ],
    ["Refused events", refused.length === 0 ? "none" : refused.join(", ")],
    ["Plant files that the figures were computed by", quality.plantVersions?.join(", ") ?? DASH],
    ...(quality.policyChanges === undefined
      ? []
      : [
          [
            "The plant files compute otherwise than each other",
            `${quality.policyChanges.join(", ")}${quality.policyChangedOn === undefined ? "" : `; since ${quality.policyChangedOn.join(", ")}`}`,
          ] as const,
        ]),
    ...(quality.idealCycleChanges === undefined
      ? []
      : [
          [
            "Ideal cycles that changed within the period (s)",
            quality.idealCycleChanges.map(cyclesLine).join("; "),
          ] as const,
        ]),
    ...(policy.length === 0
      ? []
      : [["The plant file computes otherwise than for the baseline", policy.join(", ")] as const]),
  ];
  return markup`<section><h2>How far these figures can be trusted</h2><table><tbody>${lines.map(([name, value]) => markup`<tr><td>${name}</td><td>${value}</td></tr>`)}</tbody></table></section>`;
}

function cyclesLine({ machine, product = "", seconds }: IdealCycleLine): string {
  return `${machine ?? product} ${seconds.map((value) => value ?? "none").join(" → ")}`;
}

function measureRow(plant: Plant, name: string, one: MeasureAnswer): Markup {
  const of = (value: number | null): string => shown(plant, name, value);
  return markup`<tr><td>${titleOf(name)}</td><td class="strong">${of(one.achieved)}</td><td>${of(one.baseline)}</td><td>${of(one.previous)}</td><td>${of(one.expected)}</td><td>${of(one.goal)}</td><td>${statusMark(one.status)}</td></tr>`;
}

function shown({ currency }: Plant, name: string, value: number | null): string {
  if (value === null) return DASH;
  if (isTime(name)) {
    return unbroken(duration(value));
  }
  if (name === "downtimeCost" || name === "downtimeCostRate") return `${amount(value, 2)} ${currency ?? ""}`.trim();
  return measureNamed(name)?.isRatio === true ? ratioText(value) : amount(value, 2);
}

function statusMark(status: string | null): Markup {
  if (status === null) return markup`<span class="status">${DASH}</span>`;
  const kind = ["met", "ahead"].includes(status) ? "good" : ["missed", "behind"].includes(status) ? "bad" : "";
  return markup`<span class="status ${kind}">${status.replace("-", " ")}</span>`;
}

/** A share, on one line. */
function ratioText(share: number | null): string {
  return unbroken(percent(share));
}

function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** As the clock of the machine's site showed it: `2026-03-02 06:10`. */
function localTime(plant: Plant, machine: string, stop: string): string {
  const at = parseInstant(stop.slice(machine.length + 1));
  const zone = plant.machineById.get(machine)?.timezone;
  if (at === null || zone === undefined) return DASH;
  return formatInstant(localMsOf(zone, at)).slice(0, 16).replace("T", " ");
}

/** Percent points with their sign. */
function points(change: number): string {
  const value = (change * 100).toFixed(1);
  return `${change < 0 ? "−" : "+"}${value.replace("-", "")} points`;
}

function titleOf(name: string): string {
  const [kind, rest] = name.split(/:(.*)/s);
  if (kind === "loss") return `Loss: ${titleOf(rest ?? "")}`;
  if (kind === "reason") return `Reason ${rest}, share of planned time`;
  return TITLES[name] ?? name;
}

function nameIn(scope: Scope, path: string): string {
  return scope.children.find((child) => child.path === path)?.name ?? path;
}

/** Names of the tree's nodes, from the top. */
function reasonIn({ reasons }: Plant, reason: string | null): string {
  if (reason === null) return "no reason given";
  let tree: ReasonTree | undefined = reasons;
  const names = reason.split("/").map((part) => {
    const node = tree?.children.get(part);
    tree = node;
    return node?.name ?? part;
  });
  return names.join(" / ");
}

function barText(time: number, share: number | null, count: number): string {
  return `${duration(time)} · ${percent(share)} · ${count}×`;
}
