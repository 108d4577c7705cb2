import { expect, test } from "vitest";
import { roomFor, WordColumn } from "./word-column.ts";

test("each text is kept once, and each event holds its number", () => {
  const column = new WordColumn(1);
  for (const [place, word] of ["a", "b", "b", "a", ""].entries()) column.set(place, word);
  expect(column.words).toEqual(["a", "b", ""]);
  expect([...column.numbers.subarray(0, 5)]).toEqual([0, 1, 1, 0, 2]);
  expect(column.textAt(3)).toBe("a");
});

test("a part of another column is copied by its texts, whose numbers differ", () => {
  const [from, to] = [new WordColumn(0), new WordColumn(0)];
  for (const [place, word] of ["x", "a", "b"].entries()) from.set(place, word);
  for (const [place, word] of ["b", "c"].entries()) to.set(place, word);
  to.copy(2, from, 1, 3);
  expect([0, 1, 2, 3].map((place) => to.textAt(place))).toEqual(["b", "c", "a", "b"]);
});

test("emptied, it keeps texts that may come again, and forgets them where they are more than two an event", () => {
  const column = new WordColumn(4);
  for (const [place, word] of ["a", "b", "c"].entries()) column.set(place, word);
  column.clear(2);
  expect(column.words).toEqual(["a", "b", "c"]);
  column.clear(1);
  expect(column.words).toEqual([]);
  column.set(0, "c");
  expect(column.textAt(0)).toBe("c");
});

test("a text is found by a number that was given with it, and another text with that number, or after all were forgotten, is told apart", () => {
  const column = new WordColumn(8);
  for (const [place, [word, known]] of (
    [
      ["a", 2],
      ["b", 0],
      ["a", 2],
      ["c", 2],
      ["a", 2],
    ] as const
  ).entries()) {
    column.set(place, word, known);
  }
  expect([...column.numbers.subarray(0, 5)]).toEqual([0, 1, 0, 2, 0]);
  column.clear(0);
  column.set(0, "b", 0);
  column.set(1, "a", 2);
  expect(column.words).toEqual(["b", "a"]);
  expect([...column.numbers.subarray(0, 2)]).toEqual([0, 1]);
});

test("room is doubled, up to what is kept as long as that is enough", () => {
  expect(roomFor(5, 4, 100)).toBe(8);
  expect(roomFor(70, 60, 100)).toBe(100);
  expect(roomFor(130, 100, 100)).toBe(200);
  expect(roomFor(30, 4, 100)).toBe(30);
});
