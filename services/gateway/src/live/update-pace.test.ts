import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UpdatePace } from "./update-pace.ts";

const EVERY_MS = 250;

/** When updates go, where something changes at the given instants (ms, in order). */
function updatesOf(changes: readonly number[]): number[] {
  const pace = new UpdatePace(EVERY_MS);
  const sent: number[] = [];
  for (const change of changes) {
    // It goes with one that waits already.
    if (change <= (sent.at(-1) ?? -Infinity)) continue;
    const waits = pace.delayAt(change);
    sent.push(change + waits);
    pace.sent(change + waits, waits);
  }
  return sent;
}

describe("when updates go", () => {
  test("what changes in two parts twice a second is shown at once", () => {
    const changes = [0, 60, 500, 510, 960, 1_040, 1_500, 1_560];
    expect(updatesOf(changes)).toEqual([0, 60, 500, 525, 1_000, 1_060, 1_500, 1_560]);
  });

  test("where changes never end, updates are as far apart as they have to be", () => {
    const changes = Array.from({ length: 200 }, (_, i) => 10 * i);
    expect(updatesOf(changes)).toEqual([0, 25, 275, 525, 1_000, 1_250, 1_500, 1_750, 2_000]);
  });

  test("a change that comes after a pause waits for nothing", () => {
    expect(updatesOf([0, 10, 20, 5_000])).toEqual([0, 25, 5_000]);
  });

  test("never more than four go in a second, and no change waits longer than a second", () => {
    const pausesOf = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(pausesOf, (pauses) => {
        let now = 0;
        const changes = pauses.map((pause) => (now += pause));
        const updates = updatesOf(changes);
        updates.forEach((at, i) => expect((updates[i + 4] ?? Infinity) - at).toBeGreaterThanOrEqual(4 * EVERY_MS));
        for (const change of changes) {
          const shown = updates.find((at) => at >= change) ?? Infinity;
          expect(shown - change).toBeLessThanOrEqual(4 * EVERY_MS);
        }
      }),
    );
  });
});
