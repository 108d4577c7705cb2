import { expect, test } from "vitest";
import { HandOver } from "./hand-over.ts";
import type { Observation, SourceHost } from "./port.ts";

const seen = (at: number): Observation => ({
  machine: "m",
  signal: "s",
  value: at,
  quality: "good",
  at,
  stamped: "source",
  age: "live",
});

test("observations are handed over in order, again after a failure; beyond the bound the oldest are lost, and a gap is reported", async () => {
  const taken: number[] = [];
  const gaps: unknown[] = [];
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let began: () => void = () => {};
  const begun = new Promise<void>((resolve) => (began = resolve));
  let failures = 1;
  const host: Pick<SourceHost, "heard" | "gap"> = {
    heard: async (observations) => {
      began();
      await opened;
      if (failures-- > 0) throw new Error("no room");
      taken.push(...observations.map(({ at }) => at));
    },
    gap: (from, to, why) => void gaps.push([from, to, why]),
  };
  const handOver = new HandOver(host as SourceHost);
  const instants = Array.from({ length: 100_500 }, (_, at) => at);
  handOver.push(instants.slice(0, 1).map(seen));
  // The observation that is being handed over may be kept already, and is not dropped.
  await begun;
  handOver.push(instants.slice(1).map(seen));
  open();
  await handOver.idle();
  expect(gaps).toEqual([[1, 500, "500 values are lost: there was no room on disk, and the peer does not wait"]]);
  expect(taken).toEqual([0, ...instants.slice(501)]);
});

test("observations pushed in one turn of the event loop are handed over together", async () => {
  const taken: number[][] = [];
  const host: Pick<SourceHost, "heard"> = {
    heard: (observations) => Promise.resolve(void taken.push(observations.map(({ at }) => at))),
  };
  const handOver = new HandOver(host as SourceHost);
  for (const at of [0, 1, 2]) handOver.push([seen(at)]);
  await handOver.idle();
  expect(taken).toEqual([[0, 1, 2]]);
});
