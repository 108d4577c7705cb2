/** docs/dead-letters.md: what was refused can be listed, mended and sent again. */
import { join } from "node:path";
import { openEmbeddedLog, type AppendRecord, topics, allTopics } from "@oee/event-log";
import { expect, test } from "vitest";
import { folderWith, oee } from "../cli/oee.ts";

const MACHINE = "koeln/filling/glass/filler";

function letter(error: string, offset: number, value: string | Uint8Array): AppendRecord {
  const headers = { error, detail: `why ${offset}`, topic: "oee.events", partition: "3", offset: String(offset) };
  return { key: MACHINE, value: Buffer.from(value), headers };
}

test("DI-2: dead letters come with code, detail, place and the original event", async () => {
  const data = folderWith({})("data");
  const log = openEmbeddedLog({ folder: join(data, "log") });
  const all = topics();
  await log.ensureTopics(allTopics(all));
  const event = { type: "state", machine: MACHINE, at: "2026-03-02T05:00:00Z", state: "runing" };
  await log.append(all.deadLetters.name, [
    letter("unknown-state", 7, JSON.stringify(event)),
    letter("malformed", 8, "{ no json"),
    letter("malformed", 9, Uint8Array.of(0xff, 0xfe)),
    { ...letter("unreadable", 10, Uint8Array.of(0xff)), key: null },
    letter("invalid", 11, JSON.stringify({ ...event, type: "count", godo: 5, operator: "anna", state: null })),
  ]);
  await log.close();

  const listed = oee(["dead-letters", "--data", data, "--log-level", "silent"]);
  expect(listed.status, listed.stderr).toBe(0);
  const letters = listed.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const place = { topic: "oee.events", partition: 3, key: MACHINE };
  expect(letters).toMatchObject([
    { ...place, error: "unknown-state", detail: "why 7", offset: 7, event },
    { ...place, error: "malformed", offset: 8, event: "{ no json" },
    { ...place, error: "malformed", offset: 9, event: { base64: "//4=" } },
    { ...place, key: null, error: "unreadable", offset: 10, event: { base64: "/w==" } },
    { ...place, error: "invalid", offset: 11, unknownFields: ["godo", "operator"] },
  ]);
  expect(letters.filter((each) => "unknownFields" in each)).toHaveLength(1);
  expect(listed.stderr).toContain('1 letter with the field "godo": it means nothing there');

  const chosen = oee(["dead-letters", "--data", data, "--error", "unknown-state"]);
  expect(chosen.stdout.trim().split("\n")).toHaveLength(1);

  const mended = JSON.stringify({ ...event, state: "running" });
  const sent = oee(["import", "--data", data, "-"], mended);
  expect(sent.status, sent.stderr).toBe(0);
  expect(sent.stderr).toContain("imported 1 events");
});
