import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { START } from "../../test/gateway-fixture.ts";
import { auditOn, openMemoryTopics, valuesOn } from "../../test/memory-topics.ts";
import { lineIn } from "../audit/audit-line.ts";
import { Access } from "./access.ts";
import { OwnPeople } from "./own-people.ts";

const GRANTS = [{ role: "supervisor", scope: "berlin" }] as const;

test("a person of a simulated plant has one session, known by a name of old, told to the audit, and gone with the process", async () => {
  const on = await openMemoryTopics();
  const { log, topics } = on;
  const parts = { readOnly: false, onNameOver: () => Promise.resolve() };
  const logger = pino({ level: "silent" });
  const access = new Access({ users: () => new Map() }, { log, topic: topics.access.name, logger, ...parts });
  onTestFinished(() => access.close());
  await access.log.caughtUp;
  const people = new OwnPeople(
    access,
    auditOn(on, () => START),
  );
  const headers = await people.headersOf("Ada", GRANTS);
  expect(await people.headersOf("Ada", GRANTS)).toEqual(headers);
  const who = access.whoIs({ headers, secure: false, certificate: null });
  expect(who).toMatchObject({ kind: "person", name: "Ada", grants: GRANTS });
  // SHA-256 of "simulated Ada": after a restart she is the same person.
  expect(who?.id).toBe("person-e5876a811bf1dbf45328d935");
  await people.leave();
  expect(access.whoIs({ headers, secure: false, certificate: null })).toBeNull();
  const again = await people.headersOf("Ada", GRANTS);
  expect(again).not.toEqual(headers);
  expect(access.whoIs({ headers: again, secure: false, certificate: null })?.id).toBe(who?.id);
  const lines = (await valuesOn(log, topics.audit.name)).map((value) => lineIn(value));
  expect(lines.map((line) => [line?.kind, line?.who, line?.from])).toEqual([
    ["sign-in", who?.id, null],
    ["sign-out", who?.id, null],
    ["sign-in", who?.id, null],
  ]);
});
