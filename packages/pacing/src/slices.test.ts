import { expect, test } from "vitest";
import { SimulatedTime } from "./simulated-time.ts";
import { Slices } from "./slices.ts";

/** Simulated time to which work adds the milliseconds that it took (`busyMs`), and which counts turns given to other work. */
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

test("a slice grows to as many steps as fit its time, shrinks where steps take longer, and ignores a single slow slice", async () => {
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
  // Each first run shows that a slice may have twice as many steps; the other half is still done in the same turn.
  const grows = [
    [0, 100],
    [0, 100],
    [1, 200],
    [1, 200],
    [2, 400],
    [2, 400],
  ]; // prettier-ignore
  expect(seen.slice(0, 6)).toEqual(grows);
  // One slow slice changes nothing; two slow ones of three do.
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

test("a slice has at least the least and at most the most steps, and an error of the work is thrown to the caller", async () => {
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

test("callers share slices: however many wait, the event loop has a turn between any two slices", async () => {
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
