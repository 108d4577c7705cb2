import { expect, test } from "vitest";
import { eventAt, FILLER, PLANT, recordsOf, START } from "../../test/gateway-fixture.ts";
import { decoded, decoderOf } from "./stored-events.ts";

test("stored events are those of the present plant file; what it refuses is passed over", () => {
  const records = recordsOf([eventAt(FILLER, 0, { type: "state", state: "down" })], { offset: 0, receivedAt: START });
  const gone = records.map((record) => ({ ...record, raw: record.raw.replace(FILLER, "berlin/packing/l1/gone") }));
  const decoder = decoderOf(PLANT.plant);
  expect(decoded(decoder, [...gone, ...records])).toMatchObject([{ type: "state", state: "down", at: START }]);
  expect(decoderOf(PLANT.plant)).toBe(decoder);
});
