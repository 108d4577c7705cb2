import type { StopSegment } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, liveRecord, MINUTE, PLANT, START } from "../../test/gateway-fixture.ts";
import { goingOn } from "./open-stops.ts";

const OPEN: StopSegment = {
  ...{ machine: FILLER, stop: `${FILLER}@x`, from: START, to: START + MINUTE, state: "down", reason: null },
  ...{ category: "unplannedStop", failure: true, minor: false, duration: MINUTE, scheduledDuration: MINUTE },
  ...{ open: true, shift: "early", shiftDate: "2026-03-02", crew: null, product: null, correctedBy: null },
};
const RECORD = liveRecord(FILLER, START, { since: START, state: "down", minor: false });
// In the break of the shift, from 10:00 to 10:30 in Berlin.
const TO = START + 255 * MINUTE;

test("CO-2: an open stop goes on to the end of the question where the live record is still in it; a break is not scheduled", async () => {
  const longer = await goingOn(PLANT.model, OPEN, TO, () => RECORD, new GiveWay());
  expect(longer).toEqual({ ...OPEN, to: TO, duration: 255 * MINUTE, scheduledDuration: 240 * MINUTE });
});

test("a stop that is over, one of which nothing fresh is known, and one that the machine has left stay as they are", async () => {
  const giveWay = new GiveWay();
  expect(await goingOn(PLANT.model, { ...OPEN, open: false }, TO, () => RECORD, giveWay)).toMatchObject({
    to: OPEN.to,
  });
  expect(await goingOn(PLANT.model, OPEN, TO, () => null, giveWay)).toBe(OPEN);
  expect(await goingOn(PLANT.model, OPEN, TO, () => ({ ...RECORD, reason: "mechanical" }), giveWay)).toBe(OPEN);
  expect(await goingOn(PLANT.model, OPEN, TO, () => ({ ...RECORD, since: START + 1 }), giveWay)).toBe(OPEN);
});
