/**
 * `oee recompute`: applies the plant file as it is now to a past span (DI-3): rows and stops are computed anew from stored
 * raw events and take the place of those stored; the audit trail says who did it, when and to what. Of a line, or what is
 * above it, those who stand for it now then stood for it in that span too.
 */
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { PlantModel } from "@oee/engine";
import { type Plant, scopeAt } from "@oee/model";
import type { Period } from "@oee/store";
import { type Command, Option } from "commander";
import { Failure } from "../failure.ts";
import { expectDataFolder, loggerOf, openLogOf, openStoreOf } from "../live/connections.ts";
import { recomputeMachine } from "../live/recompute-machine.ts";
import { applySettingsFile, type CommonSettings } from "../live/settings.ts";
import { machinesBelow, nothingStored, type SpanSettings, spanOf, spanOptions, tellGone } from "../live/stored-span.ts";
import { keepStructure } from "../live/structure-kept.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";

interface RecomputeSettings extends CommonSettings, SpanSettings {
  readonly by?: string;
  readonly note?: string;
}

export function define(command: Command): void {
  spanOptions(
    command
      .description("Rebuilds a past span with the plant file as it is now, from stored raw events.")
      .addOption(new Option("--by <name>", "who does it, for the audit trail (default: the user's name)"))
      .option("--note <text>", "why, for the audit trail"),
  ).action(async () => {
    applySettingsFile(command);
    await recompute(command.opts<RecomputeSettings>());
  });
}

async function recompute(settings: RecomputeSettings): Promise<void> {
  expectDataFolder(settings);
  const plant = await plantFromFile(settings.plant ?? demoPlantFile(), zonesOf(settings));
  const machines = machinesBelow(plant, settings.scope);
  const span = spanOf(settings);
  const model = new PlantModel(plant);
  const store = await openStoreOf(settings);
  let rowCount = 0;
  let pieces = 0;
  try {
    await store.migrate();
    for (const machine of machines) {
      for await (const piece of recomputeMachine(store, model, machine, span, tellGone(machine.id))) {
        const { rows, stops, from, to, newestVersion } = piece;
        const stamp = { version: newestVersion + 1n, plantVersion: plant.version };
        await store.insertRows(rows, stamp);
        await store.retractRows({ machine: machine.id, from, to }, stamp);
        await store.insertStops(stops, stamp);
        await store.retractStops({ machine: machine.id, from, to }, stamp);
        rowCount += rows.length;
        pieces++;
      }
    }
    if (pieces === 0) throw new Failure(nothingStored(machines));
    if (scopeAt(plant, settings.scope)?.kind !== "machine") await restate(settings, plant, span);
    await store.recordAudit({
      at: Date.now(),
      id: randomUUID(),
      actor: settings.by ?? userInfo().username,
      action: "recompute",
      scope: settings.scope,
      from: span.from,
      to: span.to,
      plantVersion: plant.version,
      detail: JSON.stringify({ rows: rowCount, note: settings.note ?? null }),
    });
  } finally {
    await store.close();
  }
  process.stderr.write(`recomputed ${rowCount} rows of ${machines.length} machines\n`);
}

/** Throws `LogError` where the log does not take it. */
async function restate(settings: RecomputeSettings, plant: Plant, span: Period): Promise<void> {
  if (settings.kafka === undefined && settings.clickhouse !== undefined) {
    process.stderr.write("who stood for its lines stays as it was: expected --kafka, whose log keeps that\n");
    return;
  }
  const { log, topics } = await openLogOf(settings, loggerOf(settings));
  try {
    const by = settings.by ?? userInfo().username;
    await keepStructure(log, topics, plant, Date.now(), { scope: settings.scope, ...span, by });
  } finally {
    await log.close();
  }
}
