/** Which passwords are taken, and how they are kept. */
import { expect, test } from "vitest";
import { digestOfPassword, faultOfPassword, isPassword } from "./passwords.ts";

test("12 to 128 characters of any kind are taken, in any composition, and none is cut off", async () => {
  for (const password of [
    "correct horse",
    "пароль на линии",
    "🏭🔧⚙️🏭🔩🪛🏭🔧⚙️🏭🔩🪛",
    "y b q d h f ",
    "three tins of blue paint ".repeat(5),
  ]) {
    expect([password, await faultOfPassword(password, "anna")]).toEqual([password, null]);
  }
  expect(await faultOfPassword("short one 1", "anna")).toMatch(/at least 12/);
  expect(await faultOfPassword("abcde".repeat(26), "anna")).toMatch(/at most 128/);
  const long = "abcde".repeat(25);
  const digest = await digestOfPassword(long);
  expect(await isPassword(digest, long)).toBe(true);
  expect(await isPassword(digest, long.slice(0, 72))).toBe(false);
  expect(await isPassword(digest, `${long}x`)).toBe(false);
});

test.each(["unbelievable", "administrator", "Unbelievable1", "q1w2e3r4t5y6", "passwordpassword", "nosnibornosnibor"])(
  "%s is refused: it is, or is much like, one of those that have leaked",
  async (password) => {
    expect(await faultOfPassword(password, "anna")).toMatch(/harder to guess/);
  },
);

test("each digest has a salt of its own, and OWASP's parameters of argon2id", async () => {
  const digests = await Promise.all([digestOfPassword("correct horse"), digestOfPassword("correct horse")]);
  const parts = digests.map((digest) => /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([\w+/]{22})\$([\w+/]{43})$/.exec(digest));
  expect(parts[0]?.[1]).not.toBe(parts[1]?.[1]);
  expect(parts.map((part) => part === null)).toEqual([false, false]);
});
