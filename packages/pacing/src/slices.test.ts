import { expect, test } from "vitest";
import { SimulatedTime } from "./simulated-time.ts";
import { Slices } from "./slices.ts";

/** Whose clock goes on as work says. */
class BusyTime extends SimulatedTime {
  turns = 0;
  busyMs = 0;
  override turn(): Promise<void> {
    this.turns++;
    return super.turn();
  }
  override elapsed(): number {
    return super.elapsed() + this.busyMs;
  }
}

test("a slice grows to what its time allows, shrinks where steps cost more, and passes over a single one that did", async () => {
  const time = new BusyTime(0);
  const slices = new Slices(time, 20, 100, 10_000);
  const seen: number[][] = [];
  const some = async (count: number, stepMs: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await slices.run((room) => {
        seen.push([time.turns, room]);
        time.busyMs += room * stepMs;
        return room;
      });
    }
  };
  await some(6, 0.02);
  await some(1, 0.1);
  await some(1, 0.02);
  await some(2, 0.1);
  await some(3, 0.001);
  // While a slice is found to be longer it has room for the rest of it.
  const grows = [
    [0, 100],
    [0, 100],
    [1, 200],
    [1, 200],
    [2, 400],
    [2, 400],
  ]; // prettier-ignore
  expect(seen.slice(0, 6)).toEqual(grows);
  // A dear one alone changes nothing; two of three do.
  expect(seen.slice(6)).toEqual([
    [3, 800],
    [4, 1000],
    [5, 1000],
    [6, 200],
    [7, 200],
    [8, 200],
    [8, 200],
  ]); // prettier-ignore
});

test("a slice keeps its bounds, and work that throws is the caller's", async () => {
  const time = new BusyTime(0);
  const slices = new Slices(time, 20, 100, 1_000);
  const rooms: number[] = [];
  const work = (ms: number) => (room: number) => {
    rooms.push(room);
    time.busyMs += ms;
    return room;
  };
  await slices.run(work(1_000));
  await slices.run(work(1_000));
  for (let i = 0; i < 20; i++) await slices.run(work(0));
  expect([rooms[1], Math.max(...rooms)]).toEqual([100, 1_000]);
  const failing = slices.run(() => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
});

test("callers share a slice: however many wait, other work has its turn between any two", async () => {
  const time = new BusyTime(0);
  const slices = new Slices(time, 20, 100, 100);
  const turns: number[] = [];
  const caller = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await slices.run((room) => {
        turns.push(time.turns);
        return room;
      });
    }
  };
  await Promise.all([caller(), caller(), caller()]);
  expect(turns).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});
