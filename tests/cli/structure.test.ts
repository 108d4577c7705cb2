/**
 * DI-3 in `oee review` from files: the constraint of a line is for ten days its first machine, which runs, then its second, which
 * stands still. The line runs for ten of twenty days: availability 0.5.
 */
import { expect, test } from "vitest";
import { folderWith, ndjson, oee } from "./oee.ts";

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);
const LINE = "s/a/l";
const PLANT = `
enterprise: e
sites: { s: { areas: { a: { lines: { l: { constraint: b, machines: { a: { idealCycleSeconds: 10 }, b: { idealCycleSeconds: 10 } } } } } } } }
`;
const STRUCTURES = `
structures:
  - { id: plant, rev: 1, from: "2026-01-01T00:00:00Z", lines: { s/a/l: { rated: [a, b], constraint: a } } }
  - { id: plant, rev: 2, from: "2026-01-11T00:00:00Z", lines: { s/a/l: { rated: [a, b], constraint: b } } }
`;
const QUESTIONS = `
paretos: [{ scope: ${LINE}, period: ["2026-01-01", "2026-01-21"], by: machine, machines: kpi }]
`;

interface Answer {
  readonly reviews: readonly { readonly measures: Readonly<Record<string, { readonly achieved: number }>> }[];
  readonly paretos: readonly { readonly bars: readonly { readonly key: string; readonly time: number }[] }[];
  readonly refusedEntries: readonly object[];
}

function review(entries: string): Answer {
  const events = [
    { type: "state", machine: `${LINE}/a`, at: FIRST, state: "running" },
    { type: "state", machine: `${LINE}/b`, at: FIRST, state: "down" },
    { type: "state", machine: `${LINE}/b`, at: FIRST + 21 * DAY, state: "down" },
  ];
  const file = folderWith({ "plant.yaml": PLANT, "events.ndjson": ndjson(events), "entries.yaml": entries });
  const files = ["--plant", file("plant.yaml"), "--events", file("events.ndjson"), "--entries", file("entries.yaml")];
  // Twenty days are known.
  const { status, stdout, stderr } = oee([
    "review",
    ...files,
    "--at",
    "2026-01-21T00:00:00Z",
    "--scope",
    LINE,
    "--period",
    "2026-01",
  ]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Answer;
}

test("DI-3: a review from files sums each machine over the time in which it stood for the line", () => {
  const told = review(`${STRUCTURES}${QUESTIONS}`);
  expect(told.refusedEntries).toEqual([]);
  expect(told.reviews[0]?.measures["availability"]?.achieved).toBe(0.5);
  expect(told.paretos[0]?.bars).toMatchObject([{ key: `${LINE}/b`, time: 10 * DAY }]);
  expect(review(QUESTIONS).reviews[0]?.measures["availability"]?.achieved).toBe(0);
});
