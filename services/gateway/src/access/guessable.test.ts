import { expect, test } from "vitest";
import { isGuessable } from "./guessable.ts";

test("passwords that leaked, are much like those, repeat themselves, or have the user's name in them can be guessed", async () => {
  for (const password of ["password1234", "P@ssw0rd2026", "aaaaaaaaaaaa", "qwertzuiop12", "annaschmidt1"]) {
    expect([password, await isGuessable(password, "annaschmidt")]).toEqual([password, true]);
  }
});

test("some words that nothing connects can not", async () => {
  expect(await isGuessable("filler boots on gravel", "anna")).toBe(false);
});
