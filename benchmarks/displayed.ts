/**
 * The gateway's part of what displays cost, alone: processor time of a gateway in this process, from live records of all machines
 * to what is written to displays, which are another process. A round gives each machine a new record, in the pieces in which a
 * worker would, and waits until all displays have it, so that a busy machine makes it longer and not cheaper.
 *
 *     npx tsx -C @oee/source benchmarks/displayed.ts [--machines 10000] [--displays 40,300,1000] [--rounds 20] [--segments 20]
 */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { COMPONENT_NAMES } from "@oee/model";
import type { LiveRecord, LiveSource, TimelineRecord } from "@oee/protocol";
import { loadMachineId, loadPlantYaml } from "@oee/simulator";
import { openStore } from "@oee/store";
import { liveRecord, plantOf, startGateway } from "../services/gateway/test/gateway-fixture.ts";
import type { Told, ToDisplays } from "./watching.ts";

const EACH = 20;
/** Records that a worker publishes at once, and the time between (ms). */
const PIECE = 1_200;
const TICK_MS = 60;
const WARM_UP_ROUNDS = 8;
const MINUTE_MS = 60_000;

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "10000" },
    displays: { type: "string", default: "40,300,1000" },
    rounds: { type: "string", default: "20" },
    /** Of a machine's timeline. */
    segments: { type: "string", default: "20" },
  },
});
const machines = Number(values.machines);
const plant = plantOf(loadPlantYaml(machines));
const path = await mkdtemp(join(tmpdir(), "oee-displayed-"));
const store = await openStore({ embedded: { path } });
await store.migrate();
type Listener = (record: LiveRecord | TimelineRecord) => void;
const listeners = new Set<Listener>();
const live: LiveSource = {
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  show: () => undefined,
};
const gateway = await startGateway(store, { plant: () => plant, live, clock: Date.now });
const displays = fork(new URL("./watching.ts", import.meta.url));
const ask = <Answer>(message: ToDisplays): Promise<Answer> =>
  new Promise((resolve, reject) => {
    displays.removeAllListeners();
    displays.once("message", (answer: Answer) => resolve(answer));
    displays.once("exit", (code) => reject(new Error(`the displays ended with ${code}`)));
    displays.send(message);
  });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const cpuOf = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** The live record of a machine in a round, as the worker makes it of one that counts twice a second. */
function recordOf(machine: string, now: number, round: number): LiveRecord {
  const components = (minutes: number): number[] =>
    COMPONENT_NAMES.map((name) =>
      name === "runTime"
        ? minutes * MINUTE_MS - round
        : name === "unplannedStopTime"
          ? round
          : name === "goodCount"
            ? 120 * minutes + round
            : name.startsWith("ideal")
              ? 5e5 * (120 * minutes + round)
              : 0,
    );
  const windows = Object.entries({ "15m": 15, "1h": 60, "8h": 480, "24h": 1_440, shift: 200 }).map(
    ([name, minutes]) => ({
      ...{ name, from: now - minutes * MINUTE_MS, to: now, components: components(minutes) },
      plannedByTakt: [],
    }),
  );
  const latency = { eventAt: now - 60, loggedAt: now - 40, computedAt: now };
  return liveRecord(machine, now, { windows, latency, lastEventAt: now - 60, plantVersion: plant.plant.version });
}

function tell(record: LiveRecord | TimelineRecord): void {
  for (const listener of listeners) listener(record);
}

for (let i = 0; i < machines; i++) {
  const count = Number(values.segments);
  const segments = Array.from({ length: count }, (_, at) => ({
    ...{ from: Date.now() - (count - at) * MINUTE_MS, to: Date.now() - (count - at - 1) * MINUTE_MS },
    ...{ state: at % 2 === 0 ? "running" : "idle", category: at % 2 === 0 ? "production" : "unplannedStop" },
    ...{ minor: false, reason: null },
  })) as TimelineRecord["segments"];
  tell({ kind: "timeline", machine: loadMachineId(i), segments });
}
for (const count of values.displays.split(",").map(Number)) {
  const shows = Array.from({ length: count }, (_, display) => {
    const first = Math.floor((display * machines) / count);
    return Array.from({ length: EACH }, (_one, i) => loadMachineId((first + i) % machines));
  });
  await ask({ do: "connect", url: gateway.url, shows });
  const us: number[] = [];
  const updates: number[] = [];
  const elements: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < Number(values.rounds); round++) {
    await ask<Told>({ do: "tell" });
    let spent = -cpuOf();
    for (let first = 0; first < machines; first += PIECE) {
      const began = cpuOf();
      const records = Array.from({ length: Math.min(PIECE, machines - first) }, (_, i) =>
        recordOf(loadMachineId(first + i), Date.now(), round + 100),
      );
      spent -= cpuOf() - began;
      for (const record of records) tell(record);
      await pause(TICK_MS);
    }
    let told = { updates: 0, elements: 0 };
    for (let came = -1; came !== 0; ) {
      await pause(300);
      const more = await ask<Told>({ do: "tell" });
      came = more.updates;
      told = { updates: told.updates + more.updates, elements: told.elements + more.elements };
    }
    spent += cpuOf();
    if (round < 0) continue;
    us.push(spent);
    updates.push(told.updates);
    elements.push(told.elements);
  }
  const medianOf = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1] ?? Number.NaN;
  const perUpdate = us.map((spent, i) => spent / (updates[i] ?? Number.NaN)).toSorted((a, b) => a - b);
  console.log(
    [
      `${count} displays of ${EACH} machines: ${medianOf(perUpdate).toFixed(0)} µs an update (${perUpdate[0]?.toFixed(0)} to ${perUpdate.at(-1)?.toFixed(0)})`,
      `a round ${(medianOf(us) / 1e3).toFixed(0)} ms`,
      `${(medianOf(elements) / medianOf(updates)).toFixed(1)} machines an update`,
      `load average ${loadavg()[0]?.toFixed(1)}`,
    ].join("; "),
  );
}
displays.removeAllListeners();
displays.kill();
await gateway.app.close();
await store.close();
await rm(path, { recursive: true, force: true });
process.exit(0);
