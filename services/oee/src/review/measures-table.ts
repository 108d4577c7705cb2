/** The measures of a review as a table for a terminal. */
import type { MeasureAnswer, ReviewAnswer } from "@oee/protocol";
import { measureNamed } from "@oee/review";
import { amount, DASH, duration, percent } from "../output/for-people.ts";
import { type Table, tablesOf } from "../output/table.ts";
import type { BaselineDrift } from "./baseline-drift.ts";
import { isTime } from "./time-measures.ts";

interface Line extends MeasureAnswer {
  readonly name: string;
}

function shown(name: string, value: number | null): string {
  if (value === null) return DASH;
  if (isTime(name)) return duration(value);
  return measureNamed(name)?.isRatio === true ? percent(value) : amount(value, 2);
}

const figure = (title: string, of: (line: Line) => number | null): Table<Line>["columns"][number] => ({
  title,
  align: "right",
  cell: (line) => shown(line.name, of(line)),
  silent: (line) => of(line) === null,
});

const MEASURES: Table<Line> = {
  columns: [
    { title: "measure", align: "left", cell: ({ name }) => name },
    figure("achieved", ({ achieved }) => achieved),
    figure("baseline", ({ baseline }) => baseline),
    figure("before", ({ previous }) => previous),
    figure("path", ({ expected }) => expected),
    figure("goal", ({ goal }) => goal),
    {
      title: "status",
      align: "left",
      cell: ({ status }) => status ?? DASH,
      silent: ({ status }) => status === null,
    },
  ],
  empty: "no measures",
  note: (lines) =>
    lines.some(({ achieved, counts }) => achieved !== null && !counts)
      ? "too little is known for a verdict of some (ME-4)"
      : null,
};

const DRIFT: Table<BaselineDrift["lines"][number]> = {
  columns: [
    { title: "figure", align: "left", cell: ([name]) => name },
    { title: "drift", align: "right", cell: ([, by]) => by },
  ],
  empty: "nothing drifts",
  note: () => null,
};

export function* measuresTable(review: ReviewAnswer, drift: BaselineDrift | null): Iterable<string> {
  yield `${review.scope}, ${review.from} up to, not with, ${review.to}${review.inProgress ? " (not over)" : ""}\n`;
  const lines = Object.entries(review.measures).map(([name, one]): Line => ({ name, ...one }));
  const width = process.stdout.isTTY ? process.stdout.columns : null;
  yield* tablesOf(lines, MEASURES, width);
  if (drift === null) return;
  yield `\nbaseline ${drift.id}: its period computed now, less what was frozen (BL-5)\n`;
  yield* tablesOf(drift.lines, DRIFT, width);
  if (drift.since !== null) yield `since it was entered: ${drift.since}\n`;
}
