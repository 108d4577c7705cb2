/**
 * The kinds of damage that `oee verify` finds, and what `--repair` mends. Rows and stops of a whole history are stored and then
 * damaged.
 */
import { writeFileSync } from "node:fs";
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Row } from "@oee/model";
import { type EventRecord, openStore } from "@oee/store";
import { expect, onTestFinished, test } from "vitest";
import { newFolder, runOee } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const END = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
const START = END - 180 * MINUTE_MS;
const MACHINE = "s/a/l/m";
const PLANT = `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 30 }, silent: { idealCycleSeconds: 30 } } } } } } } }
`;

/** A line of the command's output. */
interface Found {
  readonly machine: string;
  readonly found?: string;
  readonly minute?: string;
  readonly plantVersion?: string;
  readonly stored?: unknown;
  readonly recomputed?: unknown;
}

test("verify finds each kind of damage and survives machines without raw events; --repair mends what it can", async () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  writeFileSync(folder.path("plant.yaml"), PLANT);
  const plant = plantFrom(PLANT);
  const machine = plant.machineById.get(MACHINE);
  if (machine === undefined) throw new Error("a machine was expected");
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const history = new MachineHistory(new PlantModel(plant), machine);
  const records = Array.from({ length: 18 }, (_, i): EventRecord => {
    const at = START + i * 10 * MINUTE_MS;
    const raw = JSON.stringify({ type: "state", machine: MACHINE, at, state: i % 2 === 0 ? "running" : "down" });
    const bytes = Buffer.from(raw);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    history.accept(event);
    const place = { topic: "oee.events", partition: 0, offset: i, index: 0 };
    return { machine: MACHINE, type: "state", at, ...place, receivedAt: at, id: null, repeat: false, raw };
  });
  const { rows, stops } = history.evaluate({ from: START, to: END, now: END, cuts: "minutes" });
  const [row] = rows;
  const [stop] = stops;
  if (row === undefined || stop === undefined) throw new Error("rows and stops were expected");

  const open = async (): ReturnType<typeof openStore> => {
    const store = await openStore({ embedded: { path: folder.path("data/store") } });
    await store.migrate();
    return store;
  };
  const stamp = { version: 7n, plantVersion: plant.version };
  const at = (minutes: number, of: Partial<Row> = {}): Row => ({ ...row, from: START + minutes * MINUTE_MS, ...of });
  const store = await open();
  await store.insertEvents(records);
  await store.insertRows(
    rows.filter(({ from }) => from !== START + 20 * MINUTE_MS),
    stamp,
  );
  await store.insertStops(stops, stamp);
  await store.savePlant({ version: plant.version, loadedAt: START, text: PLANT });
  // One of the keys was retracted under the greatest version.
  await store.retractRows({ machine: MACHINE, from: START + 20 * MINUTE_MS, to: START + 21 * MINUTE_MS }, stamp);
  await store.insertRows([at(30, { product: "left over" })], stamp);
  await store.insertRows([at(40, { goodCount: 99 })], { ...stamp, version: 8n });
  await store.insertRows([at(60)], { version: 8n, plantVersion: "nobody's" });
  await store.insertRows([at(3 * 24 * 60)], stamp);
  await store.insertStops([{ ...stop, from: stop.from + 90_000 }], stamp);
  await store.insertRows([{ ...row, machine: "s/a/l/silent" }], stamp);
  await store.insertRows([{ ...row, machine: "s/a/l/nowhere" }], stamp);
  await store.close();

  const common = ["--plant", folder.path("plant.yaml"), "--data", folder.path("data")];
  const verify = async (...more: string[]): Promise<{ code: number | null; found: string[]; stderr: string }> => {
    const { code, stdout, stderr } = await runOee(["verify", ...common, ...more]).ended;
    const found = stdout
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Found)
      .map((one) => {
        if (one.found !== undefined) return `${one.machine}: ${one.found}`;
        if (one.minute === undefined) return `stop: ${one.recomputed === null ? "too much" : "differs"}`;
        const minute = (Date.parse(one.minute) - START) / MINUTE_MS;
        const what = one.stored === null ? "missing" : one.recomputed === null ? "too much" : "differs";
        return `minute ${minute}: ${what}${one.plantVersion === undefined ? "" : " plant"}`;
      });
    return { code, found: found.toSorted(), stderr };
  };
  const beyond = ["s/a/l/nowhere: unknown machine", "s/a/l/silent: no raw events"];
  const damages = [
    "minute 20: missing",
    "minute 30: too much",
    "minute 40: differs",
    "minute 60: differs plant",
    `${MACHINE}: later than now`,
    ...beyond,
    "stop: too much",
  ].toSorted();
  const before = await verify();
  expect(before.found, before.stderr).toEqual(damages);
  expect(before.code).toBe(1);
  const repaired = await verify("--repair", "--by", "anna", "--note", "after a crash");
  expect(repaired.found).toEqual(damages);
  expect(repaired.stderr).toContain("6 mended");
  const after = await verify();
  expect(after.found, after.stderr).toEqual(beyond);

  const again = await open();
  const [entry] = await again.auditTrail(1);
  await again.close();
  expect(entry).toMatchObject({ actor: "anna", action: "repair", scope: "*", plantVersion: plant.version });
  expect(JSON.parse(entry?.detail ?? "")).toMatchObject({ mended: 6, note: "after a crash" });
});
