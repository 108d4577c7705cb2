/**
 * The columns, as CSV and Arrow, of the reports of the review that are tables: the scorecard's rows, the ranking, declared
 * and seen machines, and the parts of a change.
 */
import type { AssetsAnswer, BenchmarkAnswer, ChangeAnswer, ScorecardRows } from "@oee/protocol";
import type { Report } from "./send-report.ts";

export const SCORECARD_ROWS: Report<ScorecardRows, ScorecardRows["rows"][number]> = {
  rows: ({ rows }) => rows,
  columns: [
    { name: "measure", kind: "text", of: (row) => row.measure },
    { name: "now", kind: "number", of: (row) => row.now },
    { name: "before", kind: "number", of: (row) => row.before },
    { name: "baseline", kind: "number", of: (row) => row.baseline },
    { name: "goal", kind: "number", of: (row) => row.goal },
    { name: "status", kind: "text", of: (row) => row.status },
    { name: "policy", kind: "text", of: ({ policy }) => policy?.join(" ") ?? null },
    { name: "policyBefore", kind: "text", of: ({ policyBefore }) => policyBefore?.join(" ") ?? null },
  ],
};

type Ranked = BenchmarkAnswer["rows"][number];
type NotRanked = BenchmarkAnswer["notRanked"][number];

const numberOf =
  (name: Exclude<keyof Ranked, "scope" | "beside">) =>
  (row: Ranked | NotRanked): number | null =>
    "why" in row ? null : row[name];

type Beside = Ranked["beside"];

const besideNumber = (
  name: Exclude<keyof Beside, "minorStopThresholds" | "idealCycleChanges" | "policy">,
): Report<BenchmarkAnswer, Ranked | NotRanked>["columns"][number] => ({
  name,
  kind: "number",
  of: (row) => ("why" in row ? null : row.beside[name]),
});

/** A row for each ranked scope, followed by those that are not ranked, with the reason. */
export const RANKED: Report<BenchmarkAnswer, Ranked | NotRanked> = {
  rows: ({ rows, notRanked }) => [...rows, ...notRanked],
  columns: [
    { name: "scope", kind: "text", of: (row) => row.scope },
    { name: "value", kind: "number", of: numberOf("value") },
    { name: "rank", kind: "number", of: numberOf("rank") },
    { name: "position", kind: "number", of: numberOf("position") },
    { name: "gap", kind: "number", of: numberOf("gap") },
    { name: "gapHours", kind: "number", of: numberOf("gapHours") },
    besideNumber("coverage"),
    besideNumber("loading"),
    besideNumber("teep"),
    besideNumber("plannedStopShare"),
    { name: "minorStopThresholds", kind: "text", of: (row) => besideList(row, (beside) => beside.minorStopThresholds) },
    {
      name: "idealCycleChanges",
      kind: "text",
      of: (row) => besideList(row, (beside) => beside.idealCycleChanges.map((of) => of.machine ?? of.product ?? "")),
    },
    besideNumber("performanceAbove1"),
    besideNumber("correctedShare"),
    besideNumber("reasonShare"),
    { name: "policy", kind: "text", of: (row) => besideList(row, ({ policy = [] }) => policy) },
    { name: "why", kind: "text", of: (row) => ("why" in row ? row.why : null) },
  ],
};

/** Names or numbers in one text; `null` for a scope that is not ranked. */
function besideList(row: Ranked | NotRanked, list: (beside: Beside) => readonly (string | number)[]): string | null {
  return "why" in row ? null : list(row.beside).join(" ");
}

type Declared = AssetsAnswer["declared"][number];
type Undeclared = AssetsAnswer["undeclared"][number];

/** Declared machines, then those that the plant file lacks. */
export const ASSET_ROWS: Report<AssetsAnswer, Declared | Undeclared> = {
  rows: ({ declared, undeclared }) => [...declared, ...undeclared],
  columns: [
    { name: "machine", kind: "text", of: (row) => row.machine },
    { name: "declared", kind: "flag", of: (row) => !("refused" in row) },
    { name: "seen", kind: "flag", of: (row) => "refused" in row || row.seen },
    { name: "silent", kind: "flag", of: (row) => !("refused" in row) && row.silent },
    { name: "first", kind: "text", of: (row) => row.first },
    { name: "last", kind: "text", of: (row) => row.last },
    { name: "refused", kind: "number", of: (row) => ("refused" in row ? row.refused : null) },
  ],
};

interface ChangeRow {
  /** What the row is about: the whole scope, or one machine, child or reason. */
  readonly of: "scope" | "machine" | "child" | "reason";
  readonly key: string | null;
  /** The loss or mix; `total`: the sum of all. For a reason it is `unplannedDowntimeShare` (DC-5). */
  readonly bar: string;
  readonly change: number | null;
  readonly hours: number | null;
}

export const CHANGE_ROWS: Report<ChangeAnswer, ChangeRow> = {
  rows: changeRows,
  columns: [
    { name: "of", kind: "text", of: (row) => row.of },
    { name: "key", kind: "text", of: (row) => row.key },
    { name: "bar", kind: "text", of: (row) => row.bar },
    { name: "change", kind: "number", of: (row) => row.change },
    { name: "hours", kind: "number", of: (row) => row.hours },
  ],
};

function changeRows({ scope, change, reasons }: ChangeAnswer): readonly ChangeRow[] {
  const rows: ChangeRow[] = [];
  if (change !== null) {
    const hours = change.hours as Readonly<Record<string, number | null>>;
    for (const [bar, value] of Object.entries(change.bars)) {
      rows.push({ of: "scope", key: scope, bar, change: value, hours: hours[bar] ?? null });
    }
    rows.push({ of: "scope", key: scope, bar: "total", change: change.change, hours: null });
    for (const [key, bars] of Object.entries(change.machines)) {
      for (const [bar, value] of Object.entries(bars)) {
        rows.push({ of: "machine", key, bar, change: value, hours: null });
      }
    }
    for (const [key, value] of Object.entries(change.children)) {
      rows.push({ of: "child", key, bar: "total", change: value, hours: null });
    }
  }
  for (const { key, change: value } of reasons) {
    rows.push({ of: "reason", key, bar: "unplannedDowntimeShare", change: value, hours: null });
  }
  return rows;
}
