import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatWallAddress,
  parseDuration,
  parseWallAddress,
  SORTS,
  THEMES,
  TILES,
  type WallAddress,
} from "./address.ts";

function parse(url: string): ReturnType<typeof parseWallAddress> {
  const { pathname, search } = new URL(url, "http://screen");
  return parseWallAddress(pathname, search);
}

test("every address that is written is read back as it was", () => {
  const path = fc.oneof(
    fc.constant("*"),
    fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}(\/[a-z0-9][a-z0-9_-]{0,8}){0,3}$/),
  );
  const addresses: fc.Arbitrary<WallAddress> = fc.record({
    scopes: fc.uniqueArray(path, { minLength: 1, maxLength: 5 }),
    window: fc.constantFrom("shift", "15m", "7d", "a&b=c"),
    theme: fc.constantFrom(...THEMES),
    language: fc.constantFrom(null, "en", "de-AT", "zh-Hans"),
    rotateMs: fc.integer({ min: 5, max: 3_600 }).map((seconds) => seconds * 1_000),
    sort: fc.constantFrom(...SORTS),
    tiles: fc.constantFrom(...TILES),
  });
  fc.assert(
    fc.property(addresses, (address) => {
      expect(parse(formatWallAddress(address))).toEqual({ address, problems: [] });
    }),
  );
});

describe("reading an address", () => {
  test("the path comes first, further scopes after it, each once", () => {
    expect(parse("/wall/a/b?scopes=c,a/b,*").address.scopes).toEqual(["a/b", "c", "*"]);
    expect(parse("/wall").address.scopes).toEqual([]);
    expect(parse("/wall/?scopes=a").address.scopes).toEqual(["a"]);
    expect(parse("/wall/%2A").address.scopes).toEqual(["*"]);
  });

  test("an option that cannot be understood is named, with what it can be", () => {
    const { problems } = parse("/wall/a?theme=blue&lang=xx&rotate=2s&sort=best");
    expect(problems.map((problem) => problem.option).toSorted()).toEqual(["lang", "rotate", "sort", "theme"]);
    expect(problems.find((problem) => problem.option === "theme")).toEqual({
      option: "theme",
      found: "blue",
      expected: "dark, light",
    });
  });

  test("broken escapes crash nothing", () => {
    expect(parse("/wall/%E0%A4%A").address.scopes).toHaveLength(1);
  });

  test("durations are a whole number and a unit", () => {
    expect(["30s", "15m", "8h", "1d", "1.5h", "s", "-1s"].map(parseDuration)).toEqual([
      30_000,
      900_000,
      28_800_000,
      86_400_000,
      null,
      null,
      null,
    ]);
  });
});
