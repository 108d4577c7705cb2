import { setImmediate as turn } from "node:timers/promises";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { SimulatedTime } from "@oee/pacing";
import pino from "pino";
import { expect, test, vi } from "vitest";
import { ShownTopic } from "./shown-topic.ts";

const logger = pino({ enabled: false });

/** `stampedMs`: by how much the clock that stamps records differs from that of the processes, as a gateway's may from a worker's. */
async function stage(stampedMs = 0) {
  const scheduler = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const log = openMemoryLog({ now: () => scheduler.now() + stampedMs });
  const of = topics("oee.");
  await log.ensureTopics(allTopics(of));
  const one = (): ShownTopic => new ShownTopic({ log, topics: of, scheduler, logger });
  /** Lets time pass second by second, and what is written be read. */
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await scheduler.advanceTo(scheduler.now() + 1_000);
      for (let turns = 0; turns < 20; turns++) await turn();
    }
  };
  const records = async (): Promise<number> => (await log.readKeyed(of.shown.name)).size;
  return { log, of, one, pass, records };
}

test("what gateways show is told to others within a second, together, and not to themselves", async () => {
  const { one, pass } = await stage();
  const [first, second, worker] = [one(), one(), one()];
  const [told, ofItself]: [string[][], string[][]] = [[], []];
  worker.follow((machines) => void told.push([...machines].toSorted()));
  first.follow((machines) => void ofItself.push([...machines].toSorted()));
  first.tell(new Set(["a", "b"]));
  second.tell(new Set(["b", "c"]));
  await pass(2);
  expect(told.at(-1)).toEqual(["a", "b", "c"]);
  expect(ofItself.at(-1)).toEqual(["b", "c"]);
  first.tell(new Set(["d"]));
  await pass(2);
  expect(told.at(-1)).toEqual(["b", "c", "d"]);
});

test("more machines than a record has room for are told whole, and what is over is taken back", async () => {
  const { one, pass, records } = await stage();
  const [gateway, worker] = [one(), one()];
  let told: ReadonlySet<string> = new Set();
  worker.follow((machines) => void (told = machines));
  gateway.tell(new Set(Array.from({ length: 4_500 }, (_, i) => `s/a/l/m${i}`)));
  await pass(2);
  expect([told.size, await records()]).toEqual([4_500, 3]);
  gateway.tell(new Set(["s/a/l/m0"]));
  await pass(2);
  expect([[...told], await records()]).toEqual([["s/a/l/m0"], 1]);
  await gateway.close();
  await pass(2);
  expect([told.size, await records()]).toEqual([0, 0]);
});

test("a gateway that runs is told of again and again; one that is gone without a word does not count after a minute", async () => {
  const { one, pass, log, of } = await stage();
  const [gateway, worker] = [one(), one()];
  const told: string[][] = [];
  worker.follow((machines) => void told.push([...machines]));
  gateway.tell(new Set(["a"]));
  await log.append(of.shown.name, [
    { key: "gone/0", value: Buffer.from('{"machines":["b"]}') },
    { key: "garbage", value: Buffer.from("not ours") },
    { key: "garbage/0", value: Buffer.from('{"machines":[1]}') },
  ]);
  await pass(2);
  expect(told.at(-1)?.toSorted()).toEqual(["a", "b"]);
  await pass(90);
  expect(told.at(-1)).toEqual(["a"]);
});

test.each([-7_200_000, 7_200_000])("clocks that differ by %d ms do not matter", async (stampedMs) => {
  const { one, pass, log, of } = await stage(stampedMs);
  const [gateway, worker] = [one(), one()];
  const told: string[][] = [];
  worker.follow((machines) => void told.push([...machines]));
  gateway.tell(new Set(["a"]));
  await log.append(of.shown.name, [{ key: "gone/0", value: Buffer.from('{"machines":["b"]}') }]);
  await pass(50);
  expect(told.at(-1)?.toSorted()).toEqual(["a", "b"]);
  await pass(50);
  expect(told.at(-1)).toEqual(["a"]);
});

test("a log that refuses is tried again more and more seldom, and told once; then all is told", async () => {
  const { one, pass, log, of } = await stage();
  const [gateway, worker] = [one(), one()];
  let told: readonly string[] = [];
  worker.follow((machines) => void (told = [...machines]));
  const append = vi.spyOn(log, "append").mockRejectedValue(new Error("not authorized"));
  const warn = vi.spyOn(logger, "warn");
  gateway.tell(new Set(["a"]));
  await pass(100);
  expect([append.mock.calls.length, warn.mock.calls.length]).toEqual([8, 1]);
  append.mockRestore();
  gateway.tell(new Set(["a", "b"]));
  await pass(21);
  expect(told).toEqual(["a", "b"]);
  await gateway.close();
  expect((await log.readKeyed(of.shown.name)).size).toBe(0);
});
