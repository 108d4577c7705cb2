import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { dealOver, dealtOver } from "./layout.ts";

test("over how many partitions machines are dealt is kept; a record that does not say it is an error that names the way back", async () => {
  const of = topics("oee.", 4);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  expect([await dealtOver(log, of), await dealtOver(log, of)]).toEqual([4, 4]);
  for (const garbage of ["", "{", "null", "3", "{}", '{"partitions":"many"}', '{"partitions":-1}']) {
    await log.append(of.layout.name, [{ key: "machines", value: Buffer.from(garbage) }]);
    await expect(dealtOver(log, of), garbage).rejects.toMatchObject({
      code: "OEE_LOG_TOPIC_MISMATCH",
      message: expect.stringContaining('write it again: {"partitions":N}') as string,
    });
  }
  await dealOver(log, of, 3);
  expect(await dealtOver(log, of)).toBe(3);
  await log.close();
});
