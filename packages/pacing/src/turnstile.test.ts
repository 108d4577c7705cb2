import { expect, test } from "vitest";
import { Turnstile } from "./turnstile.ts";

/** A task that ends when it is told to. */
function task() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { run: async () => ended, end: () => end() };
}

test("so many tasks run at a time, so many wait in order, and more are refused with how many wait", async () => {
  const turnstile = new Turnstile(2, 1, (waiting) => new Error(`${waiting} wait`));
  const [a, b] = [task(), task()];
  const running = [turnstile.run(a.run), turnstile.run(b.run)];
  const began: string[] = [];
  const third = turnstile.run(async () => void began.push("c"));
  await expect(turnstile.run(async () => "d")).rejects.toThrow("1 wait");
  expect(began).toEqual([]);
  a.end();
  await third;
  expect(began).toEqual(["c"]);
  b.end();
  await Promise.all(running);
});

test("a task that fails gives its place to the next", async () => {
  const turnstile = new Turnstile(1, 1, () => new Error("full"));
  const failed = turnstile.run(() => Promise.reject(new Error("broken")));
  const next = turnstile.run(async () => "next");
  await expect(failed).rejects.toThrow("broken");
  expect(await next).toBe("next");
  expect(await turnstile.run(async () => "again")).toBe("again");
});
