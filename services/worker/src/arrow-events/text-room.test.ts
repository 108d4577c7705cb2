/** Texts stay where they were written until the room is cleared, and its memory is then used again. */
import { expect, test } from "vitest";
import { isPlain, TextRoom } from "./text-room.ts";

function written(
  room: TextRoom,
  text: string,
): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
  const bytes = Buffer.from(text);
  room.begin();
  room.quoted(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
  return { bytes: room.bytes, start: room.start, end: room.end };
}

test("texts that do not fit into one piece of memory all stay readable, and after clear the last piece is used again", () => {
  const room = new TextRoom();
  const texts = Array.from({ length: 3000 }, (_, i) => `text ${i}`);
  const places = texts.map((text) => written(room, text));
  expect(new Set(places.map(({ bytes }) => bytes)).size).toBeGreaterThan(1);
  expect(places.map(({ bytes, start, end }) => bytes.toString("utf8", start, end))).toEqual(
    texts.map((text) => `"${text}"`),
  );
  const last = room.bytes;
  room.clear();
  expect(written(room, "again")).toEqual({ bytes: last, start: 0, end: 7 });
});

test("a text is plain where JSON needs no character of it escaped and all are ASCII", () => {
  const plain = (text: string): boolean => isPlain(Buffer.from(text), 0, Buffer.from(text).length);
  expect(["", "a b", "~"].map(plain)).toEqual([true, true, true]);
  expect(['"', "\\", "\n", "\u007f", "ü"].map(plain)).toEqual([false, false, false, false, false]);
});
