import type { ActionAnswer, BaselineAnswer, TargetAnswer } from "@oee/protocol";
import { expect, test } from "vitest";
import { ACTION_ROWS, BASELINE_ROWS, CLOSING_ROWS, TARGET_ROWS } from "./agreed-columns.ts";

/** The values of each row, by the name of their column. */
function valuesOf<D, R>(
  {
    rows,
    columns,
  }: { rows: (document: D) => readonly R[]; columns: readonly { name: string; of: (row: R) => unknown }[] },
  document: D,
): Readonly<Record<string, unknown>>[] {
  return rows(document).map((row) => Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])));
}

test("a baseline has a row for each of its KPIs", () => {
  const baseline = {
    ...{ id: "b", scope: "*", from: "2026-01-01", to: "2026-03-31", effective: null, imported: false, frozen: null },
    ...{ kpis: { oee: 0.5, mttr: null }, drift: { oee: 0.25 }, policy: ["a", "b"] },
  } as unknown as BaselineAnswer;
  expect(valuesOf(BASELINE_ROWS, [baseline])).toMatchObject([
    { id: "b", measure: "oee", value: 0.5, drift: 0.25, policy: "a;b" },
    { id: "b", measure: "mttr", value: null, drift: null },
  ]);
});

test("TG-6: a target has a row of its own, then one for each of its periods", () => {
  const target = {
    ...{ id: "t", scope: "*", measure: "oee", baseline: 0.5, goal: 0.6, from: "2026-01-01", due: "2026-12-31" },
    ...{ over: null, expected: 0.55, achieved: 0.52, status: "behind", policy: null },
    periods: [
      {
        from: "2026-01-01",
        to: "2026-03-31",
        expected: 0.52,
        achieved: 0.53,
        status: "ahead",
        inProgress: true,
        policy: null,
      },
    ],
  } as unknown as TargetAnswer;
  expect(valuesOf(TARGET_ROWS, [target])).toMatchObject([
    { periodFrom: null, expected: 0.55, status: "behind", inProgress: false },
    { periodFrom: "2026-01-01", expected: 0.52, status: "ahead", inProgress: true },
  ]);
});

test("AC-4, PI-2: an action's row has what its effect is to be read with", () => {
  const marked = { effect: { noControl: true }, overlaps: ["b", "c"], policy: ["minorStopThreshold", "idealCycle"] };
  const actions = [
    { id: "a", ...marked },
    { id: "d", effect: { noControl: false } },
    { id: "e", effect: null },
  ];
  expect(valuesOf(ACTION_ROWS, actions as unknown as readonly ActionAnswer[])).toMatchObject([
    { id: "a", noControl: true, overlaps: "b;c", policy: "minorStopThreshold;idealCycle" },
    { id: "d", noControl: false, overlaps: null, policy: null },
    { id: "e", noControl: false, overlaps: null, policy: null },
  ]);
});

test("no table has two columns of one name", () => {
  for (const { columns } of [BASELINE_ROWS, TARGET_ROWS, ACTION_ROWS, CLOSING_ROWS]) {
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});
