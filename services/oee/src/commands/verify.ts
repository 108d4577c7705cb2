/**
 * `oee verify`: recomputes from stored raw events and reports every stored row that differs, as NDJSON
 * `{machine, minute, product, shift, shiftDate, stored, recomputed}`. Exit code 1 when there is one.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { PlantModel } from "@oee/engine";
import { LogError, topics } from "@oee/event-log";
import { COMPONENT_NAMES, type Machine, type Plant, type Row, type StopSegment } from "@oee/model";
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { expectDataFolder, loggerOf, openLog, openStoreOf } from "../live/connections.ts";
import { countDeadLetters } from "../live/dead-letters.ts";
import { type Recomputed, recomputeMachine } from "../live/recompute-machine.ts";
import { applySettingsFile, type CommonSettings } from "../live/settings.ts";
import { machinesBelow, nothingStored, type SpanSettings, spanOf, spanOptions, tellGone } from "../live/stored-span.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";

/** Beyond this, more lines tell no more. */
const SHOWN_MAX = 10_000;

export function define(command: Command): void {
  spanOptions(
    command.description("Recomputes from stored raw events and reports every stored row or stop that differs."),
  ).action(async () => {
    applySettingsFile(command);
    await verify(command.opts<CommonSettings & SpanSettings>());
  });
}

async function verify(settings: CommonSettings & SpanSettings): Promise<void> {
  expectDataFolder(settings);
  const plant = await plantFromFile(settings.plant ?? demoPlantFile(), zonesOf(settings));
  const machines = machinesBelow(plant, settings.scope);
  const span = spanOf(settings);
  const model = new PlantModel(plant);
  const store = await openStoreOf(settings);
  let compared = 0;
  let differing = 0;
  let otherPlants = 0;
  const report = (found: Readonly<Record<string, unknown>>): void => {
    if (++differing > SHOWN_MAX) return;
    process.stdout.write(`${JSON.stringify(found)}\n`);
  };
  const compare = (recomputed: Recomputed): void => {
    const stored = new Map<string, Row>();
    const skipped = new Set<string>();
    for (const row of recomputed.stored) {
      stored.set(keyOf(row), row);
      if (row.plantVersion !== plant.version) skipped.add(keyOf(row));
    }
    otherPlants += skipped.size;
    for (const row of recomputed.rows) {
      const key = keyOf(row);
      const was = stored.get(key);
      stored.delete(key);
      compared++;
      if (skipped.has(key) || (was !== undefined && sameComponents(was, row))) continue;
      report({ ...keysOf(row), stored: was === undefined ? null : componentsOf(was), recomputed: componentsOf(row) });
    }
    for (const [key, was] of stored) {
      compared++;
      if (!skipped.has(key)) report({ ...keysOf(was), stored: componentsOf(was), recomputed: null });
    }
    if (skipped.size > 0) return;
    const segments = new Map(recomputed.storedStops.map((stop) => [stop.from, stop]));
    for (const stop of recomputed.stops) {
      const was = segments.get(stop.from);
      segments.delete(stop.from);
      if (was === undefined || !sameStop(was, stop))
        report({ machine: stop.machine, stored: was ?? null, recomputed: stop });
    }
    for (const was of segments.values()) report({ machine: was.machine, stored: was, recomputed: null });
  };
  try {
    await store.migrate();
    for (const machine of machines) {
      for await (const piece of recomputeMachine(store, model, machine, span, tellGone(machine.id))) compare(piece);
    }
  } finally {
    await store.close();
  }
  if (differing > SHOWN_MAX) process.stderr.write(`the first ${SHOWN_MAX} of ${differing} differences are shown\n`);
  process.stderr.write(`compared ${compared} rows, ${differing} differ\n`);
  if (otherPlants > 0) {
    process.stderr.write(`${otherPlants} rows were computed with another plant file, and not compared (DI-3)\n`);
  }
  await tellDeadLetters(settings, plant, machines, span);
  if (compared === 0) throw new Failure(nothingStored(machines));
  if (differing > 0) throw new Failure("stored rows differ from what their events say");
}

/** What was refused is in no number, stored or recomputed: both agree without it. */
async function tellDeadLetters(
  settings: CommonSettings,
  plant: Plant,
  machines: readonly Machine[],
  span: { readonly from: number; readonly to: number },
): Promise<void> {
  const asked = new Set(machines.map(({ id }) => id));
  const concerns = (machine: string | null): boolean =>
    machine === null || asked.has(machine) || !plant.machineById.has(machine);
  const data = resolve(settings.data);
  // Opened to be looked at, an embedded log that is not there would be made.
  if (settings.kafka === undefined && (settings.clickhouse !== undefined || !existsSync(join(data, "log")))) {
    process.stderr.write("dead letters are not counted: --kafka, or --data, names the log that has them\n");
    return;
  }
  const log = await openLog(settings, data, loggerOf(settings), Date.now);
  try {
    const counts = await countDeadLetters(log, topics(settings.topicPrefix).deadLetters.name, span, concerns);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const by = [...counts].map(([error, count]) => `${count} ${error}`).join(", ");
    const what = total === 0 ? "" : ` (${by}): they are in no number; oee dead-letters lists them`;
    process.stderr.write(`${total} dead letters of this span${what}\n`);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    process.stderr.write(`dead letters are not counted: ${error.code}: ${error.message}\n`);
  } finally {
    await log.close();
  }
}

function keysOf({ machine, from, product, shift, shiftDate }: Row): Readonly<Record<string, unknown>> {
  return { machine, minute: new Date(from).toISOString(), product, shift, shiftDate };
}

function keyOf(row: Row): string {
  return JSON.stringify(keysOf(row));
}

function componentsOf(row: Row): Readonly<Record<string, number>> {
  return Object.fromEntries(COMPONENT_NAMES.map((name) => [name, row[name]]));
}

function sameComponents(a: Row, b: Row): boolean {
  return (
    a.taktUs === b.taktUs && a.costPerHour === b.costPerHour && COMPONENT_NAMES.every((name) => a[name] === b[name])
  );
}

function sameStop(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
