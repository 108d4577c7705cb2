import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { event } from "../test/rows.ts";
import { encodeArrow } from "./arrow-column.ts";
import { EventBatch } from "./event-batch.ts";
import { EVENT_COLUMNS, eventRecordOf } from "./event-table.ts";

test("an event is written with its place in the log, and read as it was", async () => {
  const record = event("s/a/l/m", 1, 9, { id: "x", index: 2, repeat: true });
  const batch = EventBatch.of([record]);
  const [row] = tableFromIPC(Buffer.concat(await encodeArrow(EVENT_COLUMNS, batch))).toArray();
  const { machine, type, topic, id, raw, is_repeat, at, received_at, partition, offset, record_index } =
    row?.toJSON() ?? {};
  const json = {
    machine,
    type,
    topic,
    id,
    raw,
    is_repeat,
    partition: Number(partition),
    record_index: Number(record_index),
  };
  const read = eventRecordOf({ ...json, at_ms: String(at), received_ms: String(received_at), offset: String(offset) });
  expect(read).toEqual(record);
});
