import { expect, test } from "vitest";
import { Picker } from "./picker.ts";
import { tableRows } from "./table-row.ts";

test("a row is an object by column, without cells that have nothing", () => {
  expect(tableRows(["a", "b", "c", "d"])([1, null, ""])).toEqual({ a: 1, c: "" });
});

test("columns that share a name: whoever asks for it is told their places, and what else the row has is there", async () => {
  const row = tableRows(["time", "good", "scrap", "good"])(["10:00", 100, 3, null]);
  const why = 'columns 2 and 4 are all named "good"';
  await expect(Picker.of("good")?.valueIn(row)).rejects.toThrow(why);
  await expect(Picker.of("$number(good) + 1")?.valueIn(row)).rejects.toThrow(why);
  expect(await Picker.of("scrap")?.valueIn(row)).toBe(3);
  expect(await Picker.of("$string(scrap)")?.valueIn(row)).toBe("3");
  expect(JSON.stringify(row)).toBe('{"time":"10:00","scrap":3}');
});
