import { RowDelta } from "@oee/columns";
import { PLACE, WIDTH } from "@oee/model";
import { expect, test } from "vitest";
import { numbersOf } from "../../columns/src/one-row.fixture.ts";
import { Panes } from "./panes.ts";

const MINUTE = 60_000;

function add(panes: Panes, minute: number, runTime: number, taktUs: number | null = null): void {
  const delta = new RowDelta();
  delta.set(numbersOf(runTime), 0);
  panes.add(minute * MINUTE, taktUs, delta);
}

const runTime = (panes: Panes, window: number = 0): number => panes.numbers(window).components[PLACE.runTime] ?? 0;

test("PE-3: a window leaves out panes that it moved past, and takes late time of panes that it still covers", () => {
  const panes = new Panes(MINUTE, [5 * MINUTE]);
  for (let minute = 0; minute < 8; minute++) add(panes, minute, 10 + minute);
  expect(panes.moveTo(0, 8 * MINUTE)).toBe(3 * MINUTE);
  expect(runTime(panes)).toBe(13 + 14 + 15 + 16 + 17);
  add(panes, 4, 100);
  add(panes, 1, 100);
  expect(runTime(panes)).toBe(75 + 100);
});

test("windows with panes of one length share these panes; planned time is kept by takt", () => {
  const panes = new Panes(MINUTE, [2 * MINUTE, 5 * MINUTE]);
  for (let minute = 0; minute < 5; minute++) add(panes, minute, 60_000, minute < 4 ? 1e6 : 2e6);
  for (const window of [0, 1]) panes.moveTo(window, 5 * MINUTE);
  expect([0, 1].map((window) => runTime(panes, window))).toEqual([120_000, 300_000]);
  expect(panes.numbers(0).plannedByTakt).toEqual([
    [1e6, 60_000],
    [2e6, 60_000],
  ]);
  // A takt without planned time in the window is left out.
  panes.moveTo(0, 6 * MINUTE);
  expect(panes.numbers(0).plannedByTakt).toEqual([[2e6, 60_000]]);
});

test("restored panes are added to and moved past as before, and hold numbers beyond 32 bits", () => {
  const panes = new Panes(MINUTE, [5 * MINUTE]);
  add(panes, 3, 2 ** 40);
  add(panes, 4, 1);
  const restored = new Panes(MINUTE, [5 * MINUTE]);
  restored.restore(panes.snapshot());
  expect(runTime(restored)).toBe(2 ** 40 + 1);
  add(restored, 9, 5);
  restored.moveTo(0, 9 * MINUTE);
  expect(runTime(restored)).toBe(1 + 5);
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
    const said = [read, once].map((panes) =>
      lengths.map((_, window) => {
        panes.moveTo(window, newest * MINUTE + 1_000);
        return panes.numbers(window);
      }),
    );
    expect(said[0]).toEqual(said[1]);
  }
});

test("components that come later have their sums beside those of before, also in what is restored", () => {
  const lengths = [3 * MINUTE, 20 * MINUTE];
  const kept: { minute: number; numbers: readonly number[] }[] = [];
  let panes = new Panes(MINUTE, lengths);
  for (let i = 0; i < 60; i++) {
    const minute = Math.floor(i / 3) + (i % 7 === 3 ? -1 : 0);
    if (minute < 0) continue;
    // Every fifth change has a component that no pane had before, some beyond 32 bits.
    const numbers = new Float64Array(WIDTH);
    numbers[i % 3] = i + 1;
    if (i % 5 === 0) numbers[WIDTH - 1 - ((i / 5) % WIDTH)] = i % 2 === 0 ? -i - 1 : 2 ** 33;
    const delta = new RowDelta();
    delta.set(numbers, 0);
    panes.add(minute * MINUTE, null, delta);
    kept.push({ minute, numbers: [...numbers] });
    if (i % 11 === 0) {
      const restored = new Panes(MINUTE, lengths);
      restored.restore(structuredClone(panes.snapshot()));
      panes = restored;
    }
    const newest = Math.max(...kept.map((of) => of.minute));
    for (const [window, length] of lengths.entries()) {
      const from = panes.moveTo(window, newest * MINUTE + 1_000);
      expect(from).toBe(Math.max(0, newest * MINUTE + 60_000 - length));
      const sums = Array.from({ length: WIDTH }, () => 0);
      for (const of of kept) {
        if (of.minute * MINUTE >= from)
          for (const [place, number] of of.numbers.entries()) sums[place] = (sums[place] ?? 0) + number;
      }
      expect(panes.numbers(window).components).toEqual(sums);
    }
  }
});
