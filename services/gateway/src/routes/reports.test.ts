/** Reports of a day of which three hours are known, reckoned by hand. */
import type { AssetsAnswer } from "@oee/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, OVEN, START } from "../../test/gateway-fixture.ts";
import { gatewayOfOven, type OvenGateway } from "../../test/oven.ts";

let oven: OvenGateway;
beforeAll(async () => {
  oven = await gatewayOfOven();
});
afterAll(() => oven.close());

test("RV-1: the review of a day has its measures, and says that too little of it is known for them to count", async () => {
  const { status, body } = await oven.ask("/review?scope=recife&period=2026-03-02");
  expect(status).toBe(200);
  // It ran 150 of 180 minutes, with one stop of 30.
  expect(body).toMatchObject({
    ...{ from: "2026-03-02", to: "2026-03-03", inProgress: false },
    measures: {
      availability: { achieved: 150 / 180, counts: false },
      meanStopDuration: { achieved: 30 * MINUTE },
      downtimeFrequency: { achieved: 1 / 3 },
      // The plant file's target of 0.75 for OEE stands beside it, and is neither met nor missed.
      oee: { goal: 0.75, status: "no-data" },
    },
  });
});

test("SC-1, SC-2: the scorecard of a day of which 3 of 24 hours are known, with the stop that has no reason", async () => {
  const { body, headers } = await oven.ask("/scorecard?scope=recife&period=2026-03-02");
  expect(body).toMatchObject({
    ...{ visibility: 1, visibilityStatus: "met", coverage: 3 / 24, coverageStatus: "missed" },
    ...{ reasonShare: 0, needsReason: [{ machine: OVEN, from: "2026-03-02T06:00:00.000Z", open: false }] },
  });
  // Midnight in Recife.
  expect(["oee-from", "oee-to"].map((name) => headers.get(name))).toEqual([
    "2026-03-02T03:00:00.000Z",
    "2026-03-03T03:00:00.000Z",
  ]);
});

test("SC-1: assets tell when each machine was heard of first and last, and whether in the last 24 hours; one that was to run then is silent", async () => {
  const heard = { machine: OVEN, first: "2026-03-02T05:00:00.000Z", last: "2026-03-02T07:00:00.000Z" };
  for (const [hours, visibility, seen, silent] of [
    [26, 1, true, false],
    [30, 0, false, true],
  ] as const) {
    oven.gateway.now = START + hours * HOUR;
    const { body } = await oven.ask<AssetsAnswer>("/assets?scope=recife");
    expect(body).toMatchObject({ visibility, declared: [{ ...heard, seen, silent }] });
  }
});

test("what a report is asked to compare must be there", async () => {
  const changes = await oven.ask("/changes?scope=recife&first=baseline:none&second=2026-03-02");
  expect(changes).toMatchObject({ status: 404, body: { detail: 'there is no baseline "none" in force' } });
  const benchmark = await oven.ask("/benchmark?class=oven&measure=luck&period=2026-03-02");
  expect(benchmark).toMatchObject({
    status: 400,
    body: { detail: 'there is no measure "luck"', parameter: "measure" },
  });
});
