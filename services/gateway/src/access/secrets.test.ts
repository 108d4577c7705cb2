import { expect, test } from "vitest";
import { digestOf, isSame, KnownDigests, newSecret } from "./secrets.ts";

test("a secret has 256 bits, fits into a header, and is another each time", () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  expect(new Set(secrets).size).toBe(100);
});

test("a digest is kept for the secret that it was made of, and the oldest is forgotten beyond 4,096", () => {
  const known = new KnownDigests();
  known.keep("secret", "kept");
  known.keep("secret", "another");
  expect(known.of("secret")).toBe("kept");
  for (let i = 0; i < 4_096; i++) known.keep(`s${i}`, "kept");
  expect(known.of("secret")).toBe(digestOf("secret"));
  expect(known.of("s4095")).toBe("kept");
});

test("texts are the same where every character is", () => {
  expect([isSame("abc", "abc"), isSame("abc", "abd"), isSame("abc", "abcd")]).toEqual([true, false, false]);
});
