import { expect, test } from "vitest";
import type { StopRow } from "../shared/api/rows.ts";
import { reasonsIn } from "./reasons-in.ts";

const hour = { from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T06:00:00.000Z" };
const stop = (from: string, to: string, reason: string | null, more: Partial<StopRow> = {}): StopRow => ({
  ...{ machine: "m", stop: from, from: `2026-03-02T${from}:00.000Z`, to: `2026-03-02T${to}:00.000Z`, reason },
  ...{
    state: "down",
    category: "unplannedStop",
    failure: true,
    minor: false,
    duration: 0,
    scheduledDuration: 0,
    open: false,
  },
  ...{ shift: null, shiftDate: null, crew: null, product: null, correctedBy: null, ...more },
});

test("R-3: an hour's reasons are those of stops that overlap it, the one with the most time in the hour first", () => {
  const stops = [
    // A stop of two hours, of which ten minutes lie in this hour.
    stop("03:10", "05:10", "drive"),
    stop("05:10", "05:40", null),
    stop("05:40", "05:45", "jam"),
    stop("06:00", "06:30", "later"),
    stop("05:45", "05:46", "short", { minor: true }),
    stop("05:00", "06:00", "infeed", { state: "starved" }),
  ];
  expect(reasonsIn(stops, hour)).toEqual([null, "drive", "jam"]);
  expect(reasonsIn([], hour)).toEqual([]);
});
