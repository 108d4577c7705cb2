import { allTopics, firstOffsetAfter, openMemoryLog, topics } from "@oee/event-log";
import { type KafkaEventLog, openKafkaLog } from "@oee/event-log/kafka";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { sharedBroker } from "../../../tests/kafka/broker.ts";
import { countedEvents, countEvents, dealOver, dealtOver } from "./layout.ts";

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

test("offsets of an events topic that was made anew are counted behind those of before, by every process, also where only the store says what was before", async () => {
  const { brokers } = await sharedBroker();
  const of = topics(`layout-${process.pid}.`, 1);
  const stored = new Map<number, number>();
  const store = { storedPositions: async () => stored };
  const logs: KafkaEventLog[] = [];
  const open = async (): Promise<KafkaEventLog> => {
    const log = openKafkaLog({ client: { brokers } });
    logs.push(log);
    await log.ensureTopics(allTopics(of));
    return log;
  };
  const remake = async (...gone: readonly string[]): Promise<void> => {
    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [...gone] });
    await expect.poll(() => admin.listTopics()).not.toEqual(expect.arrayContaining([...gone]));
    await admin.disconnect();
  };
  /** Whether the topic is another one than was known, and where it begins. */
  const counted = async (writes = true): Promise<readonly [boolean, number]> => {
    const log = await open();
    const isNew = await countEvents(log, of, store, writes);
    return [isNew, (await log.endsOf(of.events.name))[0]?.endOffset ?? -1];
  };
  const { events, layout, checkpoints } = of;

  // Of a release before, which wrote over how many partitions machines are dealt alone: the topic as it is found.
  await dealOver(await open(), of, 1);
  stored.set(0, 100);
  expect([await counted(), await counted()]).toEqual([
    [false, 0],
    [false, 0],
  ]);
  await remake(events.name);
  await expect(countedEvents(await open(), of)).rejects.toMatchObject({ code: "OEE_LOG_TOPIC_REPLACED" });
  const first = firstOffsetAfter(1);
  // One that only reads leaves it to another to say so.
  expect([await counted(false), await counted(), await counted()]).toEqual([
    [true, first],
    [true, first],
    [false, first],
  ]);
  const command = await open();
  await countedEvents(command, of);
  expect(await command.endsOf(events.name)).toMatchObject([{ endOffset: first }]);
  stored.set(0, first + 7);
  // `layout` alone was deleted: the topic is the one that was read.
  await command.append(checkpoints.name, [{ key: "m", value: Buffer.from("x") }]);
  await remake(layout.name);
  expect(await counted()).toEqual([false, first]);
  // All of them.
  await remake(layout.name, checkpoints.name, events.name);
  expect(await counted()).toEqual([true, firstOffsetAfter(2)]);

  for (const garbage of ["", "{", "null", '{"id":"x"}', '{"id":"x","renewals":-1}', '{"id":7,"renewals":1}']) {
    await command.append(layout.name, [{ key: "events", value: Buffer.from(garbage) }]);
    await expect(counted(), garbage).rejects.toMatchObject({
      code: "OEE_LOG_TOPIC_MISMATCH",
      message: expect.stringMatching(/write it again: \{"id":"\S{22}","renewals":N\}/) as string,
    });
  }
  await Promise.all(logs.map((log) => log.close()));
});
