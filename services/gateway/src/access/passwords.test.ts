/** Which passwords are accepted, and how they are kept. */
import { expect, test } from "vitest";
import { digestOfPassword, faultOfPassword, isPassword, isToDigestAnew } from "./passwords.ts";
import { newUsersSecret, readUsersSecrets } from "./users-secret.ts";

test("passwords of 12 to 128 characters of any kind are accepted, and none is cut off", async () => {
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
  const digest = await digestOfPassword(long, null);
  expect(await isPassword(digest, long, null)).toBe(true);
  expect(await isPassword(digest, long.slice(0, 72), null)).toBe(false);
  expect(await isPassword(digest, `${long}x`, null)).toBe(false);
});

test.each(["unbelievable", "administrator", "Unbelievable1", "q1w2e3r4t5y6", "passwordpassword", "nosnibornosnibor"])(
  "%s is refused: it is, or is much like, one of those that have leaked",
  async (password) => {
    expect(await faultOfPassword(password, "anna")).toMatch(/harder to guess/);
  },
);

test("each digest has a salt of its own, and OWASP's parameters of argon2id", async () => {
  const digests = await Promise.all([digestOfPassword("correct horse", null), digestOfPassword("correct horse", null)]);
  const parts = digests.map((digest) => /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([\w+/]{22})\$([\w+/]{43})$/.exec(digest));
  expect(parts[0]?.[1]).not.toBe(parts[1]?.[1]);
  expect(parts.map((part) => part === null)).toEqual([false, false]);
});

test("a digest made with the installation's secret fits with this secret alone", async () => {
  const [former, now] = [newUsersSecret(), newUsersSecret()];
  const before = readUsersSecrets(former);
  const after = readUsersSecrets(`${now}${former}`);
  const digest = await digestOfPassword("correct horse", before);
  expect(digest).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=[\w+/]{8}\$[\w+/]{22}\$[\w+/]{43}$/);
  const fits = (secrets: typeof before | null): Promise<boolean> => isPassword(digest, "correct horse", secrets);
  expect([await fits(before), await fits(after), await fits(readUsersSecrets(now)), await fits(null)]).toEqual([
    ...[true, true, false, false],
  ]);
  // Without its `keyid` the digest is checked without a secret, and does not fit either.
  expect(await isPassword(digest.replace(/,keyid=[^$]+/, ""), "correct horse", null)).toBe(false);
  expect(await isPassword(digest, "correct house", before)).toBe(false);
  expect([isToDigestAnew(digest, before), isToDigestAnew(digest, after), isToDigestAnew(digest, null)]).toEqual([
    ...[false, true, false],
  ]);
});

test("the error about a file without secrets does not quote what the file holds", () => {
  for (const text of ["", "\n", "swordfish", `${newUsersSecret()}swordfish\n`]) {
    expect(() => readUsersSecrets(text)).toThrow(/expected a secret/);
    expect(() => readUsersSecrets(text)).not.toThrow(/swordfish/);
  }
});
