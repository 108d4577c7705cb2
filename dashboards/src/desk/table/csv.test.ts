import { describe, expect, test } from "vitest";
import { csvOf, type Dialect, dialectOf } from "./csv.ts";

const PLAIN: Dialect = { separator: ",", decimal: ".", byteOrderMark: false };

describe("CSV", () => {
  test("numbers are unrounded, with the dialect's decimal sign; an unknown value is empty, never 0", () => {
    const rows = [["a", 0.1 + 0.2, null, true]] as const;
    expect(csvOf(["name", "x", "y", "z"], rows, PLAIN)).toBe("name,x,y,z\r\na,0.30000000000000004,,true\r\n");
    expect(csvOf(["name", "x", "y", "z"], rows, { separator: ";", decimal: ",", byteOrderMark: true })).toBe(
      "\ufeffname;x;y;z\r\na;0,30000000000000004;;true\r\n",
    );
    expect(csvOf(["x"], [[1.5]], { ...PLAIN, decimal: "," })).toBe('x\r\n"1,5"\r\n');
  });

  test("texts keep separators, quotes and line ends", () => {
    expect(csvOf(["t"], [['a,"b"\nc'], ["a\tb"]], PLAIN)).toBe('t\r\n"a,""b""\nc"\r\na\tb\r\n');
    expect(csvOf(["t"], [["a\tb"]], { ...PLAIN, separator: "\t" })).toBe('t\r\n"a\tb"\r\n');
  });

  test.each(["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\ufeff=1", "\n=1", "\uff1d1"])(
    "%j is no formula any more",
    (text) => {
      const [, field] = csvOf(["t"], [[text]], PLAIN).split(/^t\r\n/);
      expect(field?.replace(/^"/, "").startsWith("'")).toBe(true);
    },
  );

  test("numbers below 0 stay numbers", () => {
    expect(csvOf(["t"], [[-1]], PLAIN)).toBe("t\r\n-1\r\n");
  });

  test("CS-5: money keeps each digit, with the dialect's decimal sign, and a negative amount is no formula", () => {
    const row = [{ decimal: "-1234.50" }, { decimal: "0.10" }];
    expect(csvOf(["a", "b"], [row], PLAIN)).toBe("a,b\r\n-1234.50,0.10\r\n");
    expect(csvOf(["a", "b"], [row], { ...PLAIN, separator: ";", decimal: "," })).toBe("a;b\r\n-1234,50;0,10\r\n");
  });

  test("the dialect of a locale", () => {
    expect(dialectOf("de")).toEqual({ separator: ";", decimal: ",", byteOrderMark: true });
    expect(dialectOf("en")).toEqual({ separator: ",", decimal: ".", byteOrderMark: true });
  });
});
