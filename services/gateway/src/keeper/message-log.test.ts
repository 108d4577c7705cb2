import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import type { StoredMessage } from "@oee/store";
import { expect, test } from "vitest";
import { MessageLog, type MessageRecord } from "./message-log.ts";

test("a record that lacks what messages have is passed over and counted, so that the others are stored", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  const at = "2026-03-02T05:00:00Z";
  const record: MessageRecord = {
    ...{ key: "t/1", ticket: "t", step: 1, kind: "alert", state: "sent", roles: [], due: at, at },
    ...{ deliveries: [], why: null },
  } as unknown as MessageRecord;
  const garbage = ["{", "null", "[]", '{"key":"k","state":"sent"}', JSON.stringify({ ...record, at: "soon" })];
  for (const text of [...garbage, JSON.stringify(record)]) {
    await log.append(of.messages.name, [{ key: "k", value: Buffer.from(text) }]);
  }
  let passedOver = 0;
  const messages = new MessageLog(log, of, () => void passedOver++);
  messages.start();
  await messages.caughtUp;
  const stored: StoredMessage[] = [];
  await messages.store({ insertMessages: async (some) => void stored.push(...some) });
  expect(stored.map(({ key, at: instant }) => [key, instant])).toEqual([["t/1", Date.parse(at)]]);
  expect(passedOver).toBe(garbage.length);
  await messages.close();
  await log.close();
});
