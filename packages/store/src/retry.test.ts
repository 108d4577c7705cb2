import { expect, test } from "vitest";
import { retrying } from "./retry.ts";
import { StoreError } from "./store-error.ts";

const POLICY = { attemptsMax: 3, firstDelayMs: 0, delayMsMax: 0 };
const never = new AbortController().signal;
const passing = new StoreError("OEE_STORE_UNAVAILABLE", "away", { retryable: true });

/** Fails with these errors, one an attempt, and answers then. */
function failing(...errors: readonly unknown[]) {
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    if (attempts < errors.length) throw errors[attempts++];
    return "answer";
  };
  return { attempt, attempts: () => attempts };
}

test("what passes is tried again until the answer comes, at most so many times", async () => {
  expect(await retrying(POLICY, never, "ask", failing(passing, passing).attempt)).toBe("answer");
  const all = failing(passing, passing, passing, passing);
  await expect(retrying(POLICY, never, "ask", all.attempt)).rejects.toBe(passing);
  expect(all.attempts()).toBe(3);
});

test("what does not pass, and a full disk, are told at once", async () => {
  for (const code of ["OEE_STORE_REFUSED", "OEE_STORE_DISK_FULL"] as const) {
    const once = failing(new StoreError(code, "", { retryable: code === "OEE_STORE_DISK_FULL" }));
    await expect(retrying(POLICY, never, "ask", once.attempt)).rejects.toMatchObject({ code });
    expect(once.attempts()).toBe(1);
  }
});

test("a store that is closed during a pause says so", async () => {
  const closing = new AbortController();
  const asked = retrying({ ...POLICY, firstDelayMs: 60_000 }, closing.signal, "ask", failing(passing).attempt);
  closing.abort();
  await expect(asked).rejects.toMatchObject({
    code: "OEE_STORE_CLOSED",
    message: "could not ask: the store was closed",
  });
});
