import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { segment, stamp, START } from "../test/rows.ts";
import { encodeArrow } from "./arrow-column.ts";
import { type StopJson, type StopRecord, stopColumns, stopSegmentOf } from "./stop-table.ts";

test("a segment is kept with all that it has, a key is written as deleted", async () => {
  const records: StopRecord[] = [segment("s/a/l/m", 0, 2, { reason: "jam" }), { machine: "s/a/l/m", from: START }];
  const [kept, gone] = tableFromIPC(Buffer.concat(await encodeArrow(stopColumns(stamp(7)), records)))
    .toArray()
    .map((row) => row?.toJSON());
  expect(kept).toMatchObject({ reason: "jam", duration_ms: 120_000n, version: 7n, deleted: 0 });
  expect(gone).toMatchObject({ from_time: START, to_time: START, reason: "", version: 7n, deleted: 1 });
});

test("an empty text is nothing, and 64-bit numbers come as texts", () => {
  const json = {
    ...{ machine: "m", stop: "m@0", state: "down", category: "unplannedStop", from_ms: "0", to_ms: "120000" },
    ...{ reason: "", shift: "", shift_date: "", crew: "", product: "", corrected_by: "anna" },
    ...{ failure: true, minor: false, open: false, duration_ms: "120000", scheduled_duration_ms: "60000" },
  } as const satisfies StopJson;
  expect(stopSegmentOf(json)).toMatchObject({
    ...{ from: 0, to: 120_000, duration: 120_000, scheduledDuration: 60_000 },
    ...{ reason: null, shift: null, shiftDate: null, crew: null, product: null, correctedBy: "anna" },
  });
});
