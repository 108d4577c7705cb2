/**
 * A machine without events is moved on by the clock, and no checkpoint says how far. Rows and stops that were stored so are
 * retracted by the next owner of the partition too, when an event of that time comes late.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { Worker } from "@oee/worker";
import { describe, test } from "vitest";
import { noneShown } from "../support/live.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { expectWhole } from "./whole-history.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const NEVER_MS = 3_600_000;
const START = Date.UTC(2026, 2, 2, 5, 0);
const MACHINES = "berlin/packing/l1";
const PLANT = `enterprise: acme
timezone: UTC
sites:
  berlin:
    areas:
      packing:
        lines:
          l1:
            machines:
              filler: { idealCycleSeconds: 1 }
              press: { idealCycleSeconds: 60, pulseGap: 2m }
`;
const { store } = await storeOfFile();

describe.each(["abandon", "close"] as const)("DI-1: the worker before ended by %s", (how) => {
  test.each([
    ["20 minutes", 20],
    ["three days", 3 * 1440],
  ])("a job and counts that come late, of the %s that went by the clock", async (_, minutes) => {
    const end = START + (minutes + 10) * MINUTE_MS;
    const of = topics(`${how}-${minutes}.`, 1);
    const line = `l${minutes}${how}`;
    const plant = plantFrom(PLANT.replace("l1:", `${line}:`));
    const name = (machine: string): string => `${MACHINES.slice(0, -2)}${line}/${machine}`;
    const log = openMemoryLog({ now: () => end });
    await log.ensureTopics(allTopics(of));
    let clock = START + MINUTE_MS;
    const start = async (): Promise<Worker> => {
      const worker = testWorker({
        log,
        topics: of,
        store,
        plant,
        live: { publish: () => undefined, onShown: noneShown },
        now: () => clock,
        settings: {
          ...{ computeEveryMs: NEVER_MS, calmEveryMs: NEVER_MS, storeEveryMs: 5, checkpointEveryMs: 0, idleEveryMs: 5 },
        },
      });
      await worker.start();
      return worker;
    };
    const lines: { machine: string; fields: Record<string, unknown> }[] = [];
    const send = async (machine: string, minute: number, fields: Record<string, unknown>): Promise<void> => {
      const whole = { ...fields, at: START + minute * MINUTE_MS };
      lines.push({ machine: name(machine), fields: whole });
      const value = Buffer.from(JSON.stringify({ machine: name(machine), ...whole }));
      await log.append(of.events.name, [{ key: name(machine), value }]);
    };
    const caughtUp = async (worker: Worker): Promise<void> => {
      await until("caught up", () => (worker.status().ready && worker.status().lag === 0 ? true : undefined));
      await worker.settle();
    };

    await send("filler", 0, { type: "state", state: "running" });
    await send("press", 0, { type: "count", good: 1 });
    const first = await start();
    await caughtUp(first);
    clock = START + minutes * MINUTE_MS;
    const period = { from: START, to: end };
    await until("rows by the clock", async () => {
      await first.settle();
      for await (const rows of store.rows({ machines: [name("press")], period })) {
        if (rows.some(({ from }) => from === clock - MINUTE_MS)) return true;
      }
      return undefined;
    });
    await first[how]();
    // Late counts show that the press ran through the stop that the clock alone began, and that the filler made pieces.
    for (let minute = 1; minute < 15; minute++) await send("press", minute, { type: "count", good: 1 });
    await send("filler", 10, { type: "job", product: "x" });
    clock = end;
    const second = await start();
    await caughtUp(second);
    await until("recomputed", () => (second.status().recomputing === 0 ? true : undefined));
    await second.settle();
    await expectWhole(store, { plant, lines, start: START, end }, "after late events");
    await second.close();
    await log.close();
  });
});
