import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { expect, test } from "vitest";
import { inPieces } from "./dead-letters.ts";

test("DI-2: a dead letter that is too large for its topic is cut into pieces that fit and together have all its bytes", async () => {
  const value = Buffer.alloc(3 * 1024 * 1024 + 17, "0123456789abcdef");
  const headers = { error: "malformed", detail: "ä".repeat(2_000), topic: "oee.events", partition: "3", offset: "7" };
  const pieces = inPieces({ key: "m".repeat(40_000), value, headers });
  expect(pieces.map((piece) => piece.headers)).toEqual(
    ["1/4", "2/4", "3/4", "4/4"].map((piece) => ({ ...headers, piece })),
  );
  expect(Buffer.concat(pieces.map((piece) => piece.value ?? Buffer.alloc(0))).equals(value)).toBe(true);
  const log = openMemoryLog();
  const all = topics();
  await log.ensureTopics(allTopics(all));
  await log.append(all.deadLetters.name, pieces);
  await log.close();
});

test("DI-2: a dead letter that fits is one record, without the header `piece`", () => {
  const letter = { key: "m", value: Buffer.alloc(1024 * 1024), headers: { error: "malformed" } };
  const [whole, ...more] = inPieces(letter);
  expect([whole?.headers, whole?.value === letter.value, more]).toEqual([letter.headers, true, []]);
  const none = { ...letter, key: null, value: null };
  expect(inPieces(none)).toEqual([none]);
});
