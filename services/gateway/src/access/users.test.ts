import { expect, test } from "vitest";
import { readUsers, isEmail, isUserName, newPersonId, PERSON_ID, whoWroteUsers, writeUsers } from "./users.ts";

const ANNA = {
  ...{ id: newPersonId(), name: "anna", password: "$argon2id$v=19$m=1$x$y" },
  ...{ roles: ["supervisor@berlin/packing", "viewer"], email: "anna@example.org" },
};
const text = (...users: readonly object[]) => JSON.stringify({ users });

test("users are read by name, and written as they were read, with who wrote them", () => {
  const users = readUsers(text(ANNA));
  expect(users.get("anna")?.grants).toEqual([
    { role: "supervisor", scope: "berlin/packing" },
    { role: "viewer", scope: "*" },
  ]);
  const written = writeUsers(users, { by: "root", on: "host" });
  expect(readUsers(written)).toEqual(users);
  expect(whoWroteUsers(written)).toEqual({ by: "root", on: "host" });
  expect(whoWroteUsers(written.replace("viewer", "admin"))).toBeNull();
  expect(whoWroteUsers(text(ANNA))).toBeNull();
});

test.each([
  ["{", "expected JSON as `oee user` writes it"],
  ["[]", "expected an object with the list users"],
  [
    text({ ...ANNA, password: "plain" }),
    "users[0]: expected id, name, password (argon2id) and roles such as supervisor@berlin/packing",
  ],
  [
    text({ ...ANNA, roles: ["king"] }),
    "users[0]: expected id, name, password (argon2id) and roles such as supervisor@berlin/packing",
  ],
  [text(ANNA, ANNA), 'users[1]: the name "anna" is there twice'],
])("%s is refused: %s", (file, message) => {
  expect(() => readUsers(file)).toThrow(new Error(message));
});

test("names need no escape in a table, and identifiers of people are found in a text", () => {
  expect(["Žofie Nová", "a@b", "=cmd", "a\tb", ""].map(isUserName)).toEqual([true, true, false, false, false]);
  expect(["a@b.c", "a b@c", "a@b@c"].map(isEmail)).toEqual([true, false, false]);
  expect(`by ${ANNA.id}.`.match(PERSON_ID)).toEqual([ANNA.id]);
});
