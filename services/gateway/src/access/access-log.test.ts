import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { AccessLog, KINDS } from "./access-log.ts";

test("records that lack what their kind has are passed over with a warning, and counted", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  const { name } = of.access;
  const token = { name: "line 1", scopes: ["*"], may: ["read"], digest: "d", made: 1, expires: null };
  await log.append(name, [{ key: "token/t", value: Buffer.from(JSON.stringify(token)) }]);
  const garbage = ["", "{", "null", "[]", "{}", '{"a":1}'];
  for (const kind of KINDS) {
    for (const [i, text] of garbage.entries()) {
      await log.append(name, [{ key: `${kind}/x${i}`, value: Buffer.from(text) }]);
    }
  }
  let warned = 0;
  let passedOver = 0;
  const access = new AccessLog(log, name, { warn: () => void warned++ }, false, () => void passedOver++);
  access.start();
  await access.caughtUp;
  expect(KINDS.flatMap((kind) => [...access.all(kind)])).toEqual([["t", token]]);
  expect([warned, passedOver]).toEqual([garbage.length * KINDS.length, garbage.length * KINDS.length]);
  await access.close();
  await log.close();
});
