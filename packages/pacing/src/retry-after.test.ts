import { expect, test } from "vitest";
import { askUntilTaken } from "./retry-after.ts";

const LATER = new Set([429]);
const later = (retryAfter?: string): Response =>
  new Response("later", { status: 429, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } });
const never = new AbortController().signal;

/** A server that gives these answers, one a request; `pauses`: how long was waited between them (ms). */
function answering(...answers: readonly Response[]) {
  const given = answers.values();
  const pauses: number[] = [];
  return {
    pauses,
    ask: async () => given.next().value as Response,
    sleep: async (delayMs: number) => void pauses.push(delayMs),
    left: () => [...given].length,
  };
}

test("a request that is answered with `later` is sent again after the seconds that the answer says, 1 where it says none or 0", async () => {
  const date = "Mon, 02 Mar 2026 06:00:00 GMT";
  const { ask, sleep, pauses } = answering(later("3"), later("0"), later(), later(date), new Response("taken"));
  expect(await askUntilTaken(ask, LATER, never, sleep)).toEqual({ status: 200, text: "taken" });
  expect(pauses).toEqual([3_000, 1_000, 1_000, 1_000]);
});

test("any other answer, also one of an error, is the caller's", async () => {
  const { ask, sleep, pauses, left } = answering(new Response("no", { status: 503 }), new Response("taken"));
  expect(await askUntilTaken(ask, LATER, never, sleep)).toEqual({ status: 503, text: "no" });
  expect([pauses, left()]).toEqual([[], 1]);
});

test("once the signal is aborted one more answer is taken, whatever it says", async () => {
  const patience = new AbortController();
  const { ask, left } = answering(later(), later("60"), new Response("taken"));
  const sleep = async (): Promise<void> => patience.abort();
  expect(await askUntilTaken(ask, LATER, patience.signal, sleep)).toEqual({ status: 429, text: "later" });
  expect(left()).toBe(1);
});
