import { expect, test } from "vitest";
import { Turn } from "./turn.ts";
import { Turnstile } from "./turnstile.ts";

const refused = (waiting: number): Error => new Error(`${waiting} wait`);

/** Work that ends when `end` is called, and notes when it begins. */
class Held {
  readonly log: string[] = [];
  readonly #ends: (() => void)[] = [];

  readonly work = (name: string) => (): Promise<string> =>
    new Promise((resolve) => {
      this.log.push(name);
      this.#ends.push(() => resolve(name));
    });

  async end(): Promise<void> {
    this.#ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a turn runs one piece of work at a time, in the order of the calls, and goes on after a failure", async () => {
  const turn = new Turn(3, refused);
  const held = new Held();
  const failing = turn.run(() => Promise.reject(new Error("no")));
  const [a, b] = [turn.run(held.work("a")), turn.run(held.work("b"))];
  await expect(turn.run(held.work("c"))).rejects.toThrow("3 wait");
  await expect(failing).rejects.toThrow("no");
  await new Promise((resolve) => setImmediate(resolve));
  expect(held.log).toEqual(["a"]);
  await held.end();
  expect(held.log).toEqual(["a", "b"]);
  await held.end();
  expect(await Promise.all([a, b])).toEqual(["a", "b"]);
  await turn.idle();
});

test("a turnstile runs two tasks at a time, lets one wait, and refuses the fourth", async () => {
  const turnstile = new Turnstile(2, 1, refused);
  const held = new Held();
  const running = ["a", "b", "c"].map((name) => turnstile.run(held.work(name)));
  await expect(turnstile.run(held.work("d"))).rejects.toThrow("1 wait");
  expect(held.log).toEqual(["a", "b"]);
  await held.end();
  expect(held.log).toEqual(["a", "b", "c"]);
  await held.end();
  await held.end();
  expect(await Promise.all(running)).toEqual(["a", "b", "c"]);
});
