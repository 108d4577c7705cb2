import { expect, test } from "vitest";
import { newUsersSecret, readUsersSecrets } from "./users-secret.ts";

const [FIRST, SECOND] = [newUsersSecret(), newUsersSecret()];

test("a sealed text is opened by its secret, also where another is the newest by now, and by what it is about alone", () => {
  const sealed = readUsersSecrets(FIRST).seal("key of a second factor", "anna");
  const both = readUsersSecrets(`${SECOND}${FIRST}`);
  expect(both.open(sealed, "anna")).toBe("key of a second factor");
  expect(both.open(sealed, "ben")).toBeNull();
  expect(both.open(`${sealed.slice(0, -1)}${sealed.endsWith("A") ? "B" : "A"}`, "anna")).toBeNull();
  expect(readUsersSecrets(SECOND).open(sealed, "anna")).toBeNull();
  expect(both.open("no colon", "anna")).toBeNull();
});

test("a secret is known by an id; the keys that follow from it differ from each other", () => {
  const { newest } = readUsersSecrets(FIRST);
  expect(newest.id).toMatch(/^[0-9a-f]{12}$/);
  expect(newest.forPasswords.equals(newest.forKeys)).toBe(false);
  expect(readUsersSecrets(FIRST.replace("\n", "\r\n")).newest).toEqual(newest);
});

test("what is no secret is refused without quoting it", () => {
  expect(() => readUsersSecrets(`${FIRST}hunter2\n`)).toThrow(
    "line 2: expected a secret of 32 bytes as `oee user secret` makes it",
  );
  expect(() => readUsersSecrets("\n")).toThrow("expected a secret a line, as `oee user secret` makes it");
});
