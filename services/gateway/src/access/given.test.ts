import { expect, test } from "vitest";
import { expiryIn, fingerprintIn, nameIn, onlyFields, powersIn, scopesIn } from "./given.ts";

test("a field that is not known is named, with those that are", () => {
  expect(() => onlyFields({ name: "a", role: "admin" }, ["name", "may"])).toThrow(
    "role: found a field, expected one of name, may",
  );
});

test("names, scopes and powers are taken as they were meant, or refused with what was found", () => {
  expect(nameIn({ name: "filler 1" })).toBe("filler 1");
  expect(scopesIn({ scopes: ["berlin/packing", "*"] })).toEqual(["berlin/packing", "*"]);
  expect(powersIn({ may: ["wall", "read", "wall"] })).toEqual(["wall", "read"]);
  expect(() => nameIn({})).toThrow("name: found nothing, expected 1 to 64 letters");
  expect(() => scopesIn({ scopes: [] })).toThrow("scopes: found [], expected 1 to 100 paths");
  expect(() => powersIn({ may: ["everything"] })).toThrow(
    'may: found ["everything"], expected events:write, wall, read',
  );
});

test("a token expires at an instant to come, or never", () => {
  const now = Date.parse("2026-12-01T00:00:00Z");
  expect(expiryIn({ expires: "2027-01-01T00:00:00Z" }, now)).toBe(Date.parse("2027-01-01T00:00:00Z"));
  expect(expiryIn({ expires: null }, now)).toBeNull();
  expect(() => expiryIn({ expires: "2026-11-30T23:59:59Z" }, now)).toThrow("expected an instant to come");
});

test("the fingerprint of a certificate is taken with colons or without", () => {
  const plain = "ab".repeat(32);
  expect(fingerprintIn({ certificate: plain.toUpperCase().replaceAll(/(..)(?=.)/g, "$1:") })).toBe(plain);
  expect(fingerprintIn({})).toBeNull();
  expect(() => fingerprintIn({ certificate: plain.slice(2) })).toThrow("expected the SHA-256 of a certificate");
});
