import { expect, onTestFinished, test } from "vitest";
import { openMemoryAccess } from "../../test/memory-access.ts";
import { Pairings } from "./pairings.ts";

const CONFIRMED = { name: "wall 1", scopes: ["berlin"], expires: null, by: "person-1" };

test("the display with the secret gets what was confirmed for its code, which is told to the audit first", async () => {
  const { log, close } = await openMemoryAccess();
  onTestFinished(close);
  const pairings = new Pairings(log, () => 0);
  const begun = await pairings.begin();
  if (begun === null) throw new Error("a pairing began");
  expect(begun.code).toMatch(/^[B-DF-HJ-NP-TV-XZ2-9]{4}-[B-DF-HJ-NP-TV-XZ2-9]{4}$/);
  expect(pairings.stateOf(begun.secret)?.confirmed).toBeNull();
  let told = 0;
  const tell = async (): Promise<void> => void told++;
  expect(await pairings.confirm("AAAA-AAAA", CONFIRMED, tell)).toBe(false);
  // As people type it.
  expect(await pairings.confirm(begun.code.toLowerCase().replace("-", " "), CONFIRMED, tell)).toBe(true);
  expect(await pairings.confirm(begun.code, CONFIRMED, tell)).toBe(false);
  expect([told, pairings.stateOf(begun.secret)?.confirmed, pairings.stateOf("other")]).toEqual([1, CONFIRMED, null]);
});

test("a pairing expires after 15 minutes, and makes room for another", async () => {
  const { log, close } = await openMemoryAccess();
  onTestFinished(close);
  let now = 0;
  const pairings = new Pairings(log, () => now);
  const begun = await pairings.begin();
  for (let i = 1; i < 200; i++) await pairings.begin();
  expect(await pairings.begin()).toBeNull();
  now = 15 * 60_000;
  expect(pairings.stateOf(begun?.secret ?? "")).toBeNull();
  expect(await pairings.begin()).not.toBeNull();
});
