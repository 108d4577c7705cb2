import { expect, test } from "vitest";
import type { KnownAlert } from "./board.ts";
import { alertCounts } from "./counts.ts";

const MINUTE = 60_000;
const OWNERS = { responsible: [], accountable: null, consulted: [], informed: [] };

/** An alert that opened at 0; arguments are minutes until it was acknowledged, resolved, and so on. */
function alert(
  rule: string,
  acknowledged: number | null,
  resolves: number | null,
  more: Partial<KnownAlert> = {},
): KnownAlert {
  return {
    ticket: `${rule}/x`,
    rule,
    kind: "stop",
    scope: "x",
    opens: 0,
    acknowledged: acknowledged === null ? null : acknowledged * MINUTE,
    resolves: resolves === null ? null : resolves * MINUTE,
    owners: OWNERS,
    steps: [],
    state: "open",
    seen: 0,
    withdrawn: null,
    ...more,
  };
}

const step = (number: number, due: boolean): KnownAlert["steps"][number] => ({ number, to: "boss", at: 0, due });

test("AL-5: alerts by rule, medians by nearest rank, steps reached, withdrawn ones apart", () => {
  const [long, never] = alertCounts(
    ["long", "never"],
    [
      alert("long", 4, 10, { steps: [step(0, true), step(1, false)] }),
      alert("long", 2, null, { steps: [step(0, true), step(1, true)] }),
      alert("long", 9, 30, { steps: [step(0, true), step(2, true)] }),
      alert("long", 1, 20, { steps: [step(0, false)] }),
      alert("long", 3, 5, { withdrawn: 7, steps: [step(0, true)] }),
    ],
  );
  expect(long).toEqual({
    rule: "long",
    alerts: 4,
    withdrawn: 1,
    open: 1,
    // By nearest rank the median of 1, 2, 4, 9 is the second, as that of 10, 20, 30 is.
    medianToAcknowledge: 2 * MINUTE,
    medianToResolve: 20 * MINUTE,
    steps: [3, 1, 1],
    unacknowledged: 0,
    noise: false,
  });
  expect(never).toEqual({
    rule: "never",
    alerts: 0,
    withdrawn: 0,
    open: 0,
    medianToAcknowledge: null,
    medianToResolve: null,
    steps: [],
    unacknowledged: 0,
    noise: false,
  });
});

test("AL-5: a rule whose alerts are resolved unacknowledged more often than not is noise, half of them are not", () => {
  const [half] = alertCounts(["r"], [alert("r", null, 5), alert("r", 1, 5), alert("r", null, null)]);
  expect(half).toMatchObject({ unacknowledged: 1, noise: false });
  const [more] = alertCounts(["r"], [alert("r", null, 5), alert("r", 1, 5), alert("r", 6, 5)]);
  expect(more).toMatchObject({ unacknowledged: 2, noise: true });
});
