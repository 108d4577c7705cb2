import { expect, onTestFinished, test } from "vitest";
import { openMemoryAccess } from "../../test/memory-access.ts";
import { OwnPasswords } from "./own-passwords.ts";
import { digestOf } from "./secrets.ts";
import type { User } from "./users.ts";

test("a password that a person changed counts until the users file gets another one", async () => {
  const { log, close } = await openMemoryAccess();
  onTestFinished(close);
  const anna: User = { id: "person-1", name: "anna", password: "in-file", grants: [] };
  const users = new Map([["anna", anna]]);
  const own = new OwnPasswords(log, () => users);
  expect([own.user("anna"), own.user("ben")]).toEqual([anna, undefined]);
  await own.set("anna", "own");
  expect(own.user("anna")?.password).toBe("own");
  expect(own.user("anna")).toBe(own.user("anna"));
  // The same password by another digest: sessions that began with the former digest go on.
  await own.redigest("anna", "own again");
  expect(own.user("anna")).toMatchObject({ password: "own again", formerly: [digestOf("own")] });
  users.set("anna", { ...anna, password: "in-file-2" });
  expect(own.user("anna")?.password).toBe("in-file-2");
  users.set("ben", { ...anna, id: "person-2", name: "ben" });
  users.delete("anna");
  await own.sweep();
  expect(log.all("password").size).toBe(0);
  await expect(own.set("anna", "x")).rejects.toThrow("anna is no user any more");
});
