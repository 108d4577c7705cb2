import { expect, test } from "vitest";
import { Overdue, type Watched } from "./overdue.ts";

interface Machine extends Watched {
  readonly id: number;
}

const MINUTE = 60_000;
const machineOf = (id: number): Machine => ({ id, staleAt: Infinity, overdue: false, bucket: Number.NaN });

test("the same are overdue as where all are looked at, whether records come later, sooner, or are forgotten", () => {
  const overdue = new Overdue<Machine>();
  const machines = Array.from({ length: 200 }, (_, id) => machineOf(id));
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const told = new Set<number>();
  let now = Date.UTC(2026, 2, 2);
  for (let step = 0; step < 3_000; step++) {
    now += random(700);
    const machine = machines[random(machines.length)];
    if (machine === undefined) throw new Error("no machine");
    if (random(40) === 0) {
      machine.staleAt = Infinity;
      overdue.forget(machine);
    } else {
      // Some are overdue when they come.
      machine.staleAt = now + random(MINUTE) - 500;
      overdue.watch(machine);
    }
    told.delete(machine.id);
    overdue.lookAt(now, ({ id }) => {
      expect(told.has(id)).toBe(false);
      told.add(id);
    });
    const expected = machines.filter(({ staleAt }) => now > staleAt).map(({ id }) => id);
    expect([...told].toSorted((a, b) => a - b)).toEqual(expected);
    expect(machines.filter(({ overdue: found }) => found).map(({ id }) => id)).toEqual(expected);
  }
});

test("a record that comes often is put into a bucket once a minute, and not looked at before", () => {
  const overdue = new Overdue<Machine>();
  const machine = machineOf(0);
  const buckets = new Set<number>();
  for (let now = 0; now < 10 * MINUTE; now += 250) {
    machine.staleAt = now + MINUTE;
    overdue.watch(machine);
    overdue.lookAt(now, () => expect.unreachable());
    buckets.add(machine.bucket);
  }
  expect(buckets.size).toBe(10);
});
