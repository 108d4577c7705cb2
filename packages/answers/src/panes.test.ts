import { RowDelta } from "@oee/columns";
import { PLACE } from "@oee/model";
import { expect, test } from "vitest";
import { numbersOf } from "../../columns/src/one-row.fixture.ts";
import { Panes, type PaneWindow } from "./panes.ts";

const MINUTE = 60_000;

function add(panes: Panes, minute: number, runTime: number, taktUs: number | null = null): void {
  const delta = new RowDelta();
  delta.set(numbersOf(runTime), 0);
  panes.add(minute * MINUTE, taktUs, delta);
}

const runTime = (window: PaneWindow): number => window.numbers().components[PLACE.runTime] ?? 0;

test("PE-3: a window leaves out panes that it moved past, and takes late time of panes that it still covers", () => {
  const panes = new Panes(MINUTE, [5 * MINUTE]);
  const [window] = panes.windows;
  if (window === undefined) return expect.unreachable();
  for (let minute = 0; minute < 8; minute++) add(panes, minute, 10 + minute);
  expect(window.moveTo(8 * MINUTE)).toBe(3 * MINUTE);
  expect(runTime(window)).toBe(13 + 14 + 15 + 16 + 17);
  add(panes, 4, 100);
  add(panes, 1, 100);
  expect(runTime(window)).toBe(75 + 100);
});

test("windows with panes of one length share these panes; planned time is kept by takt", () => {
  const panes = new Panes(MINUTE, [2 * MINUTE, 5 * MINUTE]);
  for (let minute = 0; minute < 5; minute++) add(panes, minute, 60_000, minute < 4 ? 1e6 : 2e6);
  for (const window of panes.windows) window.moveTo(5 * MINUTE);
  expect(panes.windows.map(runTime)).toEqual([120_000, 300_000]);
  const [short] = panes.windows;
  expect(short?.numbers().plannedByTakt).toEqual([
    [1e6, 60_000],
    [2e6, 60_000],
  ]);
  // A takt without planned time in the window is left out.
  short?.moveTo(6 * MINUTE);
  expect(short?.numbers().plannedByTakt).toEqual([[2e6, 60_000]]);
});

test("restored panes are added to and moved past as before, and hold numbers beyond 32 bits", () => {
  const panes = new Panes(MINUTE, [5 * MINUTE]);
  add(panes, 3, 2 ** 40);
  add(panes, 4, 1);
  const restored = new Panes(MINUTE, [5 * MINUTE]);
  restored.restore(panes.snapshot());
  const [window] = restored.windows;
  if (window === undefined) return expect.unreachable();
  expect(runTime(window)).toBe(2 ** 40 + 1);
  add(restored, 9, 5);
  window.moveTo(9 * MINUTE);
  expect(runTime(window)).toBe(1 + 5);
});

test("a window that is read after each change says the same as one that is read once", () => {
  const lengths = [2 * MINUTE, 5 * MINUTE];
  const read = new Panes(MINUTE, lengths);
  // In order, late, under another takt, past a gap, and late again up to the oldest pane.
  const changes = [
    [0, 1e6],
    [0, 1e6],
    [1, 1e6],
    [0, 2e6],
    [1, null],
    [2, 2e6],
    [3, 2e6],
    [2, 1e6],
    [7, 3e6],
    [6, 1e6],
    [3, 3e6],
    [9, 1e6],
    [8, 2e6],
  ] as const;
  let newest = 0;
  for (const [i, [minute, taktUs]] of changes.entries()) {
    add(read, minute, 10 ** (i % 6), taktUs);
    newest = Math.max(newest, minute);
    const once = new Panes(MINUTE, lengths);
    for (const [j, [before, takt]] of changes.slice(0, i + 1).entries()) add(once, before, 10 ** (j % 6), takt);
    const said = [read, once].map(({ windows }) =>
      windows.map((window) => {
        window.moveTo(newest * MINUTE + 1_000);
        return window.numbers();
      }),
    );
    expect(said[0]).toEqual(said[1]);
  }
});
