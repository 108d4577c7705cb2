import { expect, test } from "vitest";
import { freePort } from "../../../tests/support/free-port.ts";
import { reasonOf } from "./reason-of.ts";

test("of a failed fetch it has the address and why, also where a name has several addresses", async () => {
  const port = await freePort();
  for (const host of ["127.0.0.1", "localhost"]) {
    const error: unknown = await fetch(`http://${host}:${port}`).catch((why: unknown) => why);
    expect(reasonOf(error)).toMatch(new RegExp(`^fetch failed: .*connect ECONNREFUSED 127\\.0\\.0\\.1:${port}`));
  }
});

test("what an error repeats of its cause is said once; what is no error is its text", () => {
  const cause = new Error("the disk is full");
  expect(reasonOf(new Error("not written: the disk is full", { cause }))).toBe("not written: the disk is full");
  expect(reasonOf("gone")).toBe("gone");
});
