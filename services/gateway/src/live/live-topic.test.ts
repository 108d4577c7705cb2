import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { FILLER, liveRecord, START } from "../../test/gateway-fixture.ts";
import { followLiveTopic } from "./live-topic.ts";

test("records that are whole are told; one that lacks fields does not take the place of a machine's", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  const timeline = { kind: "timeline", machine: FILLER, segments: [] };
  const values = [
    JSON.stringify(liveRecord(FILLER, START)),
    JSON.stringify(timeline),
    ...["{", "", "null", '{"kind":"machine"}', `{"kind":"machine","machine":"${FILLER}","now":9000000000000000}`],
    JSON.stringify({ ...timeline, segments: 3 }),
    JSON.stringify({ ...liveRecord(FILLER, START), windows: null }),
    JSON.stringify(liveRecord(FILLER, START + 1)),
  ];
  const told: unknown[] = [];
  let passedOver = 0;
  const stop = followLiveTopic(log, of).subscribe(
    (record) => told.push(record),
    () => void passedOver++,
  );
  for (const value of values) await log.append(of.live.name, [{ key: FILLER, value: Buffer.from(value) }]);
  await expect.poll(() => told.at(-1)).toMatchObject({ now: START + 1 });
  const expected = [liveRecord(FILLER, START), timeline, liveRecord(FILLER, START + 1)];
  expect(JSON.parse(JSON.stringify(told))).toEqual(JSON.parse(JSON.stringify(expected)));
  expect(passedOver).toBe(values.length - expected.length);
  stop();
  await log.close();
});
