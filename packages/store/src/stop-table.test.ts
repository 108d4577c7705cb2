import { expect, test } from "vitest";
import { openNativeReader } from "../test/native-reader.ts";
import { segment, stamp, START } from "../test/rows.ts";
import { type StopJson, type StopRecord, stopColumns, stopSegmentOf } from "./stop-table.ts";

test("a segment is kept with all that it has, a key is written as deleted", async () => {
  const records: StopRecord[] = [segment("s/a/l/m", 0, 2, { reason: "jam" }), { machine: "s/a/l/m", from: START }];
  const reader = await openNativeReader();
  const [kept, gone] = await reader.read(stopColumns(stamp(7)), records);
  await reader.close();
  expect(kept).toMatchObject({ reason: "jam", duration_ms: "120000", version: "7", deleted: 0 });
  const start = new Date(START).toISOString().replace("T", " ").replace("Z", "");
  expect(gone).toMatchObject({ from_time: start, to_time: start, reason: "", version: "7", deleted: 1 });
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
