import { expect, test } from "vitest";
import { Fields, type JsonObject } from "./fields.ts";

/** The fields of a JSON text, whose numbers are read from its bytes. */
function fieldsOf(text: string): Fields {
  const bytes = new TextEncoder().encode(text);
  return new Fields(JSON.parse(text) as JsonObject, { bytes, start: 0, end: bytes.length });
}

test("numbers are read from their digits: whole ones below 2^53, quantities in smallest units", () => {
  const fields = fieldsOf('{"a":9007199254740993,"b":1.50,"c":1e2,"d":12.345}');
  expect([fields.whole("c"), fields.quantity("b", 2), fields.decimal("d")]).toEqual([100, 150, "12.345"]);
  expect(fields.problem).toBeNull();
  // A double would hold 2^53 + 1 as 2^53.
  expect(fields.whole("a")).toBeNull();
  expect(fields.problem).toMatch(/^a: expected a whole number below 2\^53, found /);
});

test("DI-2: instants are RFC 3339 texts or whole milliseconds, from 2000 to 2099", () => {
  const instant = (value: unknown) => {
    const fields = new Fields({ at: value }, null);
    return fields.instant("at") ?? fields.problem;
  };
  expect(instant("2000-01-01T01:00:00+01:00")).toBe(946_684_800_000);
  expect(instant(new Date(946_684_800_000))).toBe(946_684_800_000);
  expect(instant(946_684_799_999)).toBe("at: expected an instant from 2000 to 2099, found 946684799999");
  expect(instant("2026-03-02T05:00:00")).toMatch(/: an offset such as Z or \+01:00 is missing$/);
});

test("the first problem is kept, one of a nested object too, which names the whole way", () => {
  const fields = new Fields({ total: { good: "x" }, id: "", startup: 1 }, null);
  const nested = fields.nested("total");
  expect(nested?.whole("good")).toBeNull();
  if (nested !== null) fields.adopt(nested);
  expect([fields.text("id"), fields.flag("startup"), fields.has("product")]).toEqual([null, null, false]);
  expect(fields.problem).toBe('total.good: expected a whole number below 2^53, found "x"');
});

test("a number is a word for a state, and half a character becomes U+FFFD", () => {
  const fields = new Fields({ state: 6, reason: "a\ud800" }, null);
  expect([fields.word("state"), fields.text("reason"), fields.problem]).toEqual(["6", "a\ufffd", null]);
});
