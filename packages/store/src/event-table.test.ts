import { expect, test } from "vitest";
import { event } from "../test/rows.ts";
import { openNativeReader } from "../test/native-reader.ts";
import { EventBatch } from "./event-batch.ts";
import { EVENT_COLUMNS, eventRecordOf, type EventJson } from "./event-table.ts";

test("an event is written with its place in the log, and read as it was", async () => {
  const reader = await openNativeReader();
  const records = [event("s/a/l/m", 1, 9, { id: "x", index: 2, repeat: true }), event("s/a/l/n", 2, 10)];
  const rows = await reader.read(EVENT_COLUMNS, EventBatch.of(records));
  await reader.close();
  const read = rows.map(({ at, received_at, partition, record_index, ...row }) => {
    const [at_ms, received_ms] = [at, received_at].map((time) => String(Date.parse(`${String(time)}Z`)));
    const numbers = { at_ms, received_ms, partition: Number(partition), record_index: Number(record_index) };
    return eventRecordOf({ ...row, ...numbers } as unknown as EventJson);
  });
  expect(read).toEqual(records);
});
