/**
 * `oee recompute`: applies the plant file as it is now to a past span (DI-3): rows, stops and doubted totals are computed anew from stored
 * raw events and take the place of those stored; the audit trail says who did it, when and to what. Of a line, or what is
 * above it, those who stand for it now then stood for it in that span too.
 */
import { PlantModel } from "@oee/engine";
import { formatInstant, scopeAt } from "@oee/model";
import { type Command, Option } from "commander";
import { Failure } from "../failure.ts";
import { withAudit } from "../live/audited-command.ts";
import { expectDataFolder, loggerOf, openStoreOf } from "../live/connections.ts";
import { keepPlant } from "../live/plant-kept.ts";
import { restateMachine } from "../live/restate-machine.ts";
import { applySettingsFile, type CommonSettings } from "../live/settings.ts";
import { machinesBelow, nothingStored, type SpanSettings, spanOf, spanOptions, tellGone } from "../live/stored-span.ts";
import { storedFigures } from "../live/stored-figures.ts";
import { keepStructure } from "../live/structure-kept.ts";
import { whoRuns } from "../live/who-runs.ts";
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
  const plantFile = settings.plant ?? demoPlantFile();
  const plant = await plantFromFile(plantFile, zonesOf(settings));
  const machines = machinesBelow(plant, settings.scope);
  const span = spanOf(settings);
  const model = new PlantModel(plant);
  const { scope, note = null } = settings;
  const by = settings.by ?? whoRuns().who ?? "";
  const store = await openStoreOf(settings);
  let rowCount = 0;
  try {
    await store.migrate();
    await withAudit(settings, store, loggerOf(settings), by, async ({ log, topics, id, tell }) => {
      const asked = { from: formatInstant(span.from), to: formatInstant(span.to), plantVersion: plant.version, note };
      await tell({ kind: "recompute", scope, before: null, after: asked });
      // Rows name their plant file, which need not have been in force here.
      if ((await store.plantFile(plant.version)) === null) await keepPlant(store, plantFile, plant, Date.now());
      const before = await storedFigures(store, machines, span);
      let pieces = 0;
      for (const machine of machines) {
        for await (const rows of restateMachine(store, model, machine, span, tellGone(machine.id))) {
          rowCount += rows;
          pieces++;
        }
      }
      if (pieces === 0) throw new Failure(nothingStored(machines));
      if (scopeAt(plant, scope)?.kind !== "machine")
        await keepStructure(log, topics, plant, Date.now(), { scope, ...span, by });
      const after = { ...asked, ...(await storedFigures(store, machines, span)) };
      await tell({ kind: "recomputed", scope, before, after });
      await store.recordAudit({
        ...{ at: Date.now(), id, actor: by, action: "recompute", scope, ...span, plantVersion: plant.version },
        detail: JSON.stringify({ rows: rowCount, note }),
      });
    });
  } finally {
    await store.close();
  }
  process.stderr.write(`recomputed ${rowCount} rows of ${machines.length} machines\n`);
}
