/**
 * What displays cost: the real `oee start` with many machines and a steady rate of events of all machines in turn, and displays
 * that show some machines each, with two windows. For each number of displays: the processor time of the process, which is the
 * worker and the gateway, what of it came with the displays, and the time from an event to a display. Displays are another
 * process. Neighbours share machines where there are more places on displays than machines.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/walls.ts [--machines 10000] [--events 20000] [--seconds 20] [--warm-up 10] [--displays 0,40,300,1000] [--each 20] [--root CHECKOUT] [--profile FOLDER]
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadMachineId, loadPlantYaml } from "@oee/simulator";
import { quantileOf, sendEvents, startOee, stopOee, usageOf } from "./loaded.ts";
import { type ThreadTimes, threadTimesOf } from "./peers/usage.ts";
import type { Told, ToDisplays } from "./watching.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "10000" },
    events: { type: "string", default: "20000" },
    seconds: { type: "string", default: "20" },
    /** Before that, of each number of displays (s): V8 compiles for the first minute. */
    "warm-up": { type: "string", default: "10" },
    displays: { type: "string", default: "0,40,300,1000" },
    /** Machines on a display. */
    each: { type: "string", default: "20" },
    /** A checkout that is built, whose `oee` is started. */
    root: { type: "string", default: "." },
    /** Where the profile of its main thread is put. */
    profile: { type: "string" },
  },
});
const [machines, perSecond, seconds] = [Number(values.machines), Number(values.events), Number(values.seconds)];
const warmUpMs = Number(values["warm-up"]) * 1_000;
const folder = mkdtempSync(join(tmpdir(), "oee-walls-"));
const plant = join(folder, "plant.yaml");
writeFileSync(plant, loadPlantYaml(machines));
const running = await startOee(plant, join(folder, "data"), values);
const pid = running.child.pid ?? 0;

const displays = fork(new URL("./watching.ts", import.meta.url));
const ask = <Answer>(message: ToDisplays): Promise<Answer> =>
  new Promise((resolve, reject) => {
    displays.removeAllListeners();
    displays.once("message", (answer: Answer) => resolve(answer));
    displays.once("exit", (code) => reject(new Error(`the displays ended with ${code}`)));
    displays.send(message);
  });

/** The machines of each of some displays: those that follow one another, from places spread over the plant. */
function showsOf(count: number): string[][] {
  return Array.from({ length: count }, (_, display) => {
    const first = Math.floor((display * machines) / count);
    return Array.from({ length: Number(values.each) }, (_one, i) => loadMachineId((first + i) % machines));
  });
}

const alone: number[] = [];
for (const count of values.displays.split(",").map(Number)) {
  await ask({ do: "connect", url: running.url, shows: showsOf(count) });
  await sendEvents(running.url, machines, perSecond, warmUpMs);
  await ask<Told>({ do: "tell" });
  const [before, threads, began] = [usageOf(pid), threadTimesOf(pid), performance.now()];
  const sent = await sendEvents(running.url, machines, perSecond, seconds * 1_000);
  const [after, threadsAfter, took] = [usageOf(pid), threadTimesOf(pid), (performance.now() - began) / 1_000];
  const { updates, elements, bytes, latencies } = await ask<Told>({ do: "tell" });
  const cores = (after.cpu - before.cpu) / took;
  if (count === 0) alone.push(cores);
  const more =
    alone[0] === undefined
      ? ""
      : `, ${((cores - alone[0]) * 100).toFixed(0)} % more than alone (${(((cores - alone[0]) * took * 1e6) / elements).toFixed(0)} µs a machine and update)`;
  const percentOf = (of: keyof ThreadTimes): string => (((threadsAfter[of] - threads[of]) / took) * 100).toFixed(0);
  const parts = `main thread ${percentOf("main")}, V8's helpers ${percentOf("helpers")}, ClickHouse's and libuv's ${percentOf("others")}`;
  const sorted = Float64Array.from(latencies).sort();
  const at = (rank: number): string => `p${rank * 100} ${quantileOf(sorted, rank)} ms`;
  console.log(
    [
      `${count} displays, ${Math.round(sent / took)} events/s: ${(cores * 100).toFixed(0)} % of a core (${parts})${count === 0 ? "" : more}, ${after.rss.toFixed(0)} MB`,
      count === 0
        ? ""
        : `; ${(updates / took / count).toFixed(2)} updates a second and display, of ${(elements / updates).toFixed(1)} machines and ${(bytes / updates / 1_000).toFixed(1)} kB; event to display ${at(0.5)}, ${at(0.9)}, ${at(0.99)}`,
      `; load average ${loadavg()[0]?.toFixed(1)}`,
    ].join(""),
  );
}
displays.removeAllListeners();
displays.kill();
await stopOee(running);
rmSync(folder, { recursive: true, force: true });
