import { expect, test } from "vitest";
import { repeat } from "./repeat.ts";
import { sleepBy } from "./retry.ts";
import { SimulatedTime } from "./simulated-time.ts";

const START = Date.UTC(2026, 2, 2, 6);

test("rounds follow each other with a pause between them, failed ones too, until the signal is aborted", async () => {
  const time = new SimulatedTime(START);
  const ended = new AbortController();
  const told: string[] = [];
  let rounds = 0;
  const round = (): Promise<void> => {
    told.push(`${time.elapsed()} round`);
    return ++rounds % 2 === 0 ? Promise.resolve() : Promise.reject(new Error("lost"));
  };
  const onFailure = (error: unknown): void => void told.push(String(error));
  const running = repeat(round, 1_000, onFailure, ended.signal, sleepBy(time));
  await time.advanceTo(START + 2_500);
  ended.abort();
  await running;
  expect(told).toEqual(["0 round", "Error: lost", "1000 round", "2000 round", "Error: lost"]);
});

test("an error that a round throws after the signal was aborted is not reported", async () => {
  const ended = new AbortController();
  const round = (): Promise<void> => {
    ended.abort();
    return Promise.reject(new Error("closed"));
  };
  await repeat(round, 1_000, () => expect.unreachable(), ended.signal);
});
