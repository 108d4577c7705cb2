/** Machines without events: those on a screen are computed at a set interval, the others in turn. */
import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal } from "@oee/model";
import { SimulatedTime } from "@oee/pacing";
import type { LiveSink, ShownMachines } from "@oee/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { Computing } from "./computing.ts";
import { Stamps } from "./epoch.ts";
import { MachineRunner } from "./machine-runner.ts";
import { workerMetrics } from "./metrics.ts";
import { OwnedPartition } from "./partition.ts";
import { WORKER_DEFAULTS, type WorkerSettings } from "./settings.ts";
import { Notifier } from "./notifier.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MACHINES = 1_000;
const SHOWN = "s/a/l/m7";

/** A partition that is caught up, of machines that each sent a state a minute before an instant (epoch ms). */
function ownedAt(now: number, machines: number = MACHINES): OwnedPartition {
  const ids = Array.from({ length: machines }, (_, i) => `m${i}: { idealCycleSeconds: 1 }`).join(", ");
  const sites = `{ s: { areas: { a: { lines: { l: { machines: { ${ids} } } } } } } }`;
  const plant = plantFrom(`enterprise: e\nsites: ${sites}`);
  const model = new PlantModel(plant);
  const decoder = new EventDecoder(plant, WORKER_DEFAULTS);
  const runners = new Map<string, MachineRunner>();
  for (const machine of plant.machines) {
    const runner = new MachineRunner(model.machine(machine), 0, WORKER_DEFAULTS);
    const bytes = Buffer.from(`{"type":"state","machine":"${machine.id}","at":${now - 60_000},"state":"down"}`);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    runner.accept(event, 0, now);
    runners.set(machine.id, runner);
  }
  const owned = new OwnedPartition(0, runners, new Stamps(1), 1, []);
  owned.ends(1, 1);
  return owned;
}

/** `shown`: what screens are told to show, at once or by a call of the test; `null`: nothing is told. */
function computingOf(
  scheduler: SimulatedTime,
  owned: OwnedPartition,
  settings: WorkerSettings,
  shown: ShownMachines | LiveSink["onShown"] | null,
  publish: LiveSink["publish"],
  onTaking?: LiveSink["onTaking"],
  waits?: LiveSink["waits"],
): Computing {
  const onShown: LiveSink["onShown"] = (tell) => {
    if (typeof shown === "function") return shown(tell);
    if (shown !== null) tell(shown);
    return () => undefined;
  };
  const metrics = workerMetrics(new Registry());
  const recomputeWanted = new Notifier();
  return new Computing({
    ...{ settings, scheduler, metrics, recomputeWanted, logger: pino({ level: "silent" }) },
    live: {
      ...{ publish, onShown },
      ...(onTaking === undefined ? {} : { onTaking }),
      ...(waits === undefined ? {} : { waits }),
    },
    partitions: [owned],
  });
}

test("a machine on a screen is computed each `idleEveryMs`, however many other machines there are", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const began = time.now();
  const settings = { ...WORKER_DEFAULTS, idleEveryMs: 100 };
  const owned = ownedAt(began);
  const told = new Map<string, number[]>();
  const within = new Set<number>();
  const computing = computingOf(time, owned, settings, { machines: new Set([SHOWN]), complete: true }, (records) => {
    for (const record of records) {
      if (record.kind !== "machine") continue;
      within.add(record.nextWithinMs);
      const times = told.get(record.machine);
      if (times === undefined) told.set(record.machine, [record.now]);
      else times.push(record.now);
    }
  });
  computing.computeAll();
  computing.start();
  await time.advanceTo(began + 16_000);
  computing.close();
  // At least 16 s / 100 ms times, since turns come up to a quarter early. Others: at the start, and in two turns of 6 to 8 s.
  expect(told.get(SHOWN)?.length).toBeGreaterThanOrEqual(160);
  const others = [...told].filter(([machine]) => machine !== SHOWN).map(([, times]) => times.length);
  expect([Math.min(...others), Math.max(...others)]).toEqual([3, 3]);
  // With a thousand machines each says that its next record comes within 8 s.
  expect(within).toEqual(new Set([8_000]));
});

test("a machine that is due, and has events too, is computed and told once", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now());
  const told: string[] = [];
  const computing = computingOf(
    time,
    owned,
    { ...WORKER_DEFAULTS, computeEveryMs: 1_000 },
    null,
    (records) => void told.push(...records.map(({ machine }) => machine)),
  );
  for (const runner of owned.runners.values()) owned.toCompute.addUrgent(runner);
  computing.start();
  computing.soon();
  await time.advanceTo(time.now() + 1_500);
  computing.close();
  // Each has a timeline too.
  expect(told).toHaveLength(2 * MACHINES);
});

test("of machines with events those on a screen are computed at once, and at most 2,000 a second of the others", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now());
  const told = new Map<string, number>();
  const computing = computingOf(
    time,
    owned,
    { ...WORKER_DEFAULTS, computeEveryMs: 10, calmEveryMs: 50 },
    { machines: new Set([SHOWN]), complete: true },
    (records) => {
      for (const { kind, machine } of records) {
        if (kind === "machine") told.set(machine, (told.get(machine) ?? 0) + 1);
      }
    },
  );
  computing.start();
  for (let passed = 0; passed < 5_000; passed += 10) {
    for (const [id, runner] of owned.runners) {
      if (id === SHOWN) owned.toCompute.addUrgent(runner);
      else owned.toCompute.add(runner);
    }
    computing.soon();
    await time.advanceTo(time.now() + 10);
  }
  computing.close();
  expect(told.get(SHOWN)).toBeGreaterThanOrEqual(490);
  const others = [...told].filter(([machine]) => machine !== SHOWN).map(([, times]) => times);
  // A thousand in each half of a second.
  expect([Math.min(...others), Math.max(...others)]).toEqual([10, 10]);
});

test("where not all that screens show is known, the known ones are computed first and the others follow at the same pace", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now());
  const order: string[] = [];
  const computing = computingOf(
    time,
    owned,
    { ...WORKER_DEFAULTS, computeEveryMs: 10, calmEveryMs: 50 },
    { machines: new Set([SHOWN]), complete: false },
    (records) => {
      for (const { kind, machine } of records) if (kind === "machine") order.push(machine);
    },
  );
  computing.start();
  for (const [id, runner] of owned.runners) {
    if (computing.isShown(id)) owned.toCompute.addUrgent(runner);
    else owned.toCompute.add(runner);
  }
  computing.soon();
  await time.advanceTo(time.now() + 20);
  computing.close();
  expect([order[0], new Set(order).size]).toEqual([SHOWN, MACHINES]);
});

test("thousands of machines on no screen are computed with the writes alone, as long as these come within 8 s", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now(), 2_500);
  let told = 0;
  const computing = computingOf(
    time,
    owned,
    WORKER_DEFAULTS,
    { machines: new Set(), complete: true },
    (records) => void (told += records.filter(({ kind }) => kind === "machine").length),
  );
  computing.start();
  const pass = async (seconds: number, writeEvery: number): Promise<number> => {
    told = 0;
    for (let second = 1; second <= seconds; second++) {
      for (const runner of owned.runners.values()) owned.toCompute.add(runner);
      computing.soon();
      if (second % writeEvery === 0) computing.computeDueOf(owned);
      await time.advanceTo(time.now() + 1_000);
    }
    return told;
  };
  expect(await pass(6, 6)).toBeGreaterThan(2_500);
  expect(await pass(24, 6)).toBe(4 * 2_500);
  // Where the store is away, no write comes.
  expect(await pass(24, 1_000)).toBeGreaterThan(8 * 2_500);
  computing.close();
});

test("a machine whose event waits for the next write, among thousands on no screen, is computed at once when a screen begins to show it", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now(), 3_000);
  const told: string[] = [];
  let tell: (shown: ShownMachines) => void = () => undefined;
  const computing = computingOf(
    time,
    owned,
    { ...WORKER_DEFAULTS, computeEveryMs: 10, calmEveryMs: 50 },
    (listener) => {
      tell = listener;
      listener({ machines: new Set(), complete: true });
      return () => undefined;
    },
    (records) => void told.push(...records.filter(({ kind }) => kind === "machine").map(({ machine }) => machine)),
  );
  computing.start();
  computing.computeDueOf(owned);
  told.length = 0;
  for (const runner of owned.runners.values()) owned.toCompute.add(runner);
  computing.soon();
  await time.advanceTo(time.now() + 500);
  expect(told).toEqual([]);
  tell({ machines: new Set([SHOWN]), complete: true });
  await time.advanceTo(time.now() + 10);
  computing.close();
  expect(told).toEqual([SHOWN]);
});

/** Takes an event of the shown machine so many ms after now, as intake does. */
function eventsOf(time: SimulatedTime, owned: OwnedPartition, computing: Computing): (after: number) => Promise<void> {
  const began = time.now();
  const runner = owned.runners.get(SHOWN);
  if (runner === undefined) throw new Error("no machine");
  return async (after) => {
    await time.advanceTo(began + after);
    if (computing.isAwaited(owned, runner)) owned.toCompute.addUrgent(runner);
    else owned.toCompute.add(runner);
    computing.soon();
  };
}

test("a machine whose newest record no screen has taken is computed again when one does, and at once", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now(), 10);
  const began = time.now();
  const told: number[] = [];
  let take: (machine: string) => void = () => undefined;
  const computing = computingOf(
    time,
    owned,
    WORKER_DEFAULTS,
    { machines: new Set([SHOWN]), complete: true },
    (records) => {
      for (const record of records) {
        if (record.kind === "machine" && record.machine === SHOWN) told.push(record.now - began);
      }
    },
    (listener) => {
      take = listener;
      return () => undefined;
    },
  );
  computing.start();
  computing.computeAll();
  told.length = 0;
  take(SHOWN);
  const event = eventsOf(time, owned, computing);
  await event(100);
  await event(150);
  await event(200);
  await time.advanceTo(began + 250);
  expect(told).toEqual([110]);
  take(SHOWN);
  expect(told).toEqual([110, 250]);
  // Nothing came since.
  take(SHOWN);
  expect(told).toEqual([110, 250]);
  await event(300);
  await time.advanceTo(began + 400);
  expect(told).toEqual([110, 250, 310]);
  // A write that computes it while records are to be read shows nothing of it, and leaves it to the screen.
  await event(450);
  owned.ends(2, 2);
  computing.computeDueOf(owned);
  owned.reaches(2, 2, 2);
  expect(told).toEqual([110, 250, 310]);
  take(SHOWN);
  computing.close();
  expect(told).toEqual([110, 250, 310, 450]);
});

test("where screens are told that a machine's events wait, it is computed when one takes it alone, and they are told once until then", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now(), 10);
  const began = time.now();
  const told: string[] = [];
  const at = (what: string): void => void told.push(`${what} ${time.now() - began}`);
  let take: (machine: string) => void = () => undefined;
  const computing = computingOf(
    time,
    owned,
    WORKER_DEFAULTS,
    { machines: new Set([SHOWN]), complete: true },
    (records) => {
      if (records.some(({ kind, machine }) => kind === "machine" && machine === SHOWN)) at("record");
    },
    (listener) => {
      take = listener;
      return () => undefined;
    },
    at,
  );
  computing.start();
  computing.computeAll();
  take(SHOWN);
  told.length = 0;
  const event = eventsOf(time, owned, computing);
  await event(100);
  await event(105);
  await event(150);
  await time.advanceTo(began + 200);
  take(SHOWN);
  take(SHOWN);
  expect(told.splice(0)).toEqual([`${SHOWN} 110`, "record 200"]);
  // Taken before they are told: nothing waits any more.
  await event(300);
  take(SHOWN);
  await time.advanceTo(began + 400);
  expect(told.splice(0)).toEqual(["record 300"]);
  // With records to read it is computed when they are read.
  await event(500);
  owned.ends(2, 2);
  await time.advanceTo(began + 520);
  owned.reaches(2, 2, 2);
  computing.soon();
  await time.advanceTo(began + 540);
  computing.close();
  expect(told).toEqual(["record 530"]);
});

test("a machine on a screen whose partition has records to read is shown when they are read, not with its next event", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now(), 10);
  const told: string[] = [];
  const computing = computingOf(
    time,
    owned,
    WORKER_DEFAULTS,
    { machines: new Set([SHOWN]), complete: true },
    (records) => void told.push(...records.filter(({ kind }) => kind === "machine").map(({ machine }) => machine)),
  );
  computing.start();
  computing.computeAll();
  told.length = 0;
  const runner = owned.runners.get(SHOWN);
  if (runner === undefined) throw new Error("no machine");
  owned.toCompute.addUrgent(runner);
  owned.ends(2, 2);
  computing.soon();
  await time.advanceTo(time.now() + 20);
  // A write computes what it stores meanwhile, and so does a checkpoint.
  computing.computeDueOf(owned);
  computing.computeOne(owned, runner);
  expect(told).toEqual([]);
  owned.reaches(2, 2, 2);
  computing.soon();
  await time.advanceTo(time.now() + 20);
  computing.close();
  expect(told).toEqual([SHOWN]);
});

test("a write computes all machines of screens whose partition has records to read, each once, slice by slice", async () => {
  const time = new SimulatedTime(Date.UTC(2026, 2, 2, 6));
  const owned = ownedAt(time.now());
  const all = { machines: new Set(owned.runners.keys()), complete: true };
  const computing = computingOf(time, owned, WORKER_DEFAULTS, all, () => undefined);
  computing.start();
  computing.computeAll();
  for (const runner of owned.runners.values()) owned.toCompute.add(runner);
  owned.ends(2, 2);
  const computed = new Map<string, number>();
  const { moveOn } = computing;
  computing.moveOn = (of, runner, now) => {
    computed.set(runner.id, (computed.get(runner.id) ?? 0) + 1);
    return moveOn.call(computing, of, runner, now);
  };
  const written = computing.computeMostOf(owned);
  await time.advanceTo(time.now() + 500);
  await written;
  computing.close();
  expect([computed.size, new Set(computed.values())]).toEqual([MACHINES, new Set([1])]);
});
