import { type Segment, type Stop } from "@oee/engine";
import type { StopSegment } from "@oee/model";
import { expect, test } from "vitest";
import { MINUTE, modelOf, T } from "../../engine/src/one-machine.fixture.ts";
import { ListedStops } from "./listed-stops.ts";

const MODEL = modelOf();

function stop(from: number, to: number, more: Partial<Stop> = {}): Stop {
  const span = { from: T + from * MINUTE, to: T + to * MINUTE };
  const segment: Segment = { ...span, state: "down", reason: null, correction: null };
  return {
    ...span,
    segments: [segment],
    runFrom: null,
    lengthMs: span.to - span.from,
    unplanned: true,
    open: false,
    ...more,
  };
}

function replaced(listed: ListedStops, stops: readonly Stop[], sweptFrom: number, plantFrom: number = -Infinity) {
  const [changed, gone]: [StopSegment[], number[]] = [[], []];
  listed.replace(MODEL, stops, [], T + sweptFrom * MINUTE, T + plantFrom * MINUTE, changed, gone);
  return {
    changed: changed.map(({ from, to }) => [from, to].map((at) => (at - T) / MINUTE)),
    gone: gone.map((at) => (at - T) / MINUTE),
  };
}

test("ST-5: segments that changed and segments that are gone are reported, and no others", () => {
  const listed = new ListedStops();
  expect(replaced(listed, [stop(1, 3), stop(5, 6)], 0)).toEqual({
    changed: [
      [1, 3],
      [5, 6],
    ],
    gone: [],
  });
  expect(replaced(listed, [stop(1, 3), stop(5, 6)], 0)).toEqual({ changed: [], gone: [] });
  expect(replaced(listed, [stop(1, 4)], 0)).toEqual({ changed: [[1, 4]], gone: [5] });
  expect(replaced(listed, [stop(8, 9)], 5)).toEqual({ changed: [[8, 9]], gone: [] });
  expect(listed.segments.map(({ from }) => (from - T) / MINUTE)).toEqual([1, 8]);
});

test("ST-5: a stop without length is not listed; a forgotten segment is not reported as gone", () => {
  const listed = new ListedStops();
  expect(replaced(listed, [stop(1, 3, { lengthMs: 0 })], 0).changed).toEqual([]);
  replaced(listed, [stop(1, 3), stop(5, 6)], 0);
  listed.forgetBefore(T + 4 * MINUTE, Infinity);
  expect(replaced(listed, [], 0)).toEqual({ changed: [], gone: [5] });
});

test("after a restore stops of the next sweep are compared with the restored ones", () => {
  const listed = new ListedStops();
  replaced(listed, [stop(1, 3)], 0);
  expect(replaced(ListedStops.restore(listed.segments), [stop(1, 3)], 0)).toEqual({ changed: [], gone: [] });
});

test("DI-3: stops that ended before the plant file changed stay as they were listed, and one that lasted is listed anew", () => {
  const listed = new ListedStops();
  replaced(listed, [stop(1, 3), stop(5, 10, { open: true })], 0);
  const restored = ListedStops.restore(listed.segments);
  // By the file of now the first is minor, another one came before it, and the last goes on.
  const byNow = [stop(0, 0.5), stop(1, 3, { unplanned: false }), stop(5, 12, { unplanned: false, open: true })];
  expect(replaced(restored, byNow, 0, 8)).toEqual({ changed: [[5, 12]], gone: [] });
  expect(restored.segments.map(({ from, minor }) => [(from - T) / MINUTE, minor])).toEqual([
    [1, false],
    [5, true],
  ]);
});

test("DI-3: a stop that lasted when the plant file changed, by which it is none, ends there", () => {
  const listed = new ListedStops();
  replaced(listed, [stop(5, 10, { open: true })], 0);
  const restored = ListedStops.restore(listed.segments);
  expect(replaced(restored, [stop(11, 12)], 0, 8)).toEqual({
    changed: [
      [5, 8],
      [11, 12],
    ],
    gone: [],
  });
  expect(restored.segments[0]).toMatchObject({ open: false, duration: 3 * MINUTE, scheduledDuration: 3 * MINUTE });
  expect(replaced(restored, [stop(11, 12)], 0, 8)).toEqual({ changed: [], gone: [] });
});
