import { expect, test } from "vitest";
import { canonicalOf, differencesOf, digestOf } from "./presented.ts";

test("RV-3: equal figures are equal bytes, in whatever order they were written; a changed one has another digest", () => {
  const one = canonicalOf({ b: 1, a: { d: undefined, c: 0.1 } });
  expect(one).toBe('{"a":{"c":0.1},"b":1}');
  expect(canonicalOf({ a: { c: 0.1 }, b: 1 })).toBe(one);
  expect(digestOf(one)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digestOf(canonicalOf({ a: { c: 0.2 }, b: 1 }))).not.toBe(digestOf(one));
});

test("RV-4: what differs is told figure by figure, by JSON pointers, with how much more it is", () => {
  const before = { oee: 0.5, "a/b": { "~": 1 }, list: [1, 2], gone: "x", same: null };
  const after = { oee: 0.75, "a/b": { "~": 3 }, list: [1, 5, 6], same: null };
  expect(differencesOf(before, after, 10)).toEqual([
    { figure: "/oee", presented: 0.5, now: 0.75, by: 0.25 },
    { figure: "/a~1b/~0", presented: 1, now: 3, by: 2 },
    { figure: "/list/1", presented: 2, now: 5, by: 3 },
    { figure: "/list/2", presented: null, now: 6, by: null },
    { figure: "/gone", presented: "x", now: null, by: null },
  ]);
  expect(differencesOf(before, after, 2)).toHaveLength(2);
});
