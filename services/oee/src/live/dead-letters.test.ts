import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { type DeadLetter, readDeadLetters } from "./dead-letters.ts";

test("events of any form are told so that they can be written as JSON: JSON as a value, else text, else base64", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const wide = JSON.stringify(Array.from({ length: 600 }, () => ({})));
  const values = ["", "{", "null", '{"a":1}', deep, wide].map((text) => Buffer.from(text));
  for (const value of [...values, Buffer.from([0xff, 0xfe]), null]) {
    await log.append(of.deadLetters.name, [{ key: "k", value }]);
  }
  const letters: DeadLetter[] = [];
  await readDeadLetters(log, of.deadLetters.name, (letter) => void letters.push(letter));
  const events = letters.map(({ event }) => event);
  expect(events).toEqual(["", "{", null, { a: 1 }, deep, JSON.parse(wide), { base64: "//4=" }, null]);
  expect(letters.map((letter) => JSON.stringify(letter).length > 0)).not.toContain(false);
  await log.close();
});
