/** `oee export` writes stored rows, newest versions only, as CSV, Arrow, Parquet or NDJSON. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { formatInstant } from "@oee/model";
import type { ExportFormat, ExportTable } from "@oee/store";
import { type Command, Option } from "commander";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { withAudit } from "../live/audited-command.ts";
import { expectDataFolder, loggerOf, openStoreOf } from "../live/connections.ts";
import { applySettingsFile, type CommonSettings } from "../live/settings.ts";
import { machinesBelow, type SpanSettings, spanOf, spanOptions } from "../live/stored-span.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";

const FORMATS: Readonly<Record<string, ExportFormat>> = {
  csv: "CSVWithNames",
  json: "JSONEachRow",
  arrow: "ArrowStream",
  parquet: "Parquet",
};

interface ExportSettings extends CommonSettings, SpanSettings {
  readonly table: ExportTable;
  readonly format: string;
  readonly output: string;
}

export function define(command: Command): void {
  spanOptions(
    command
      .description("Writes stored rows: minutes of components, segments of stops, or raw events.")
      .addOption(
        new Option("--table <table>", "what to write")
          .choices(["kpi_minutes", "stops", "events"])
          .default("kpi_minutes"),
      )
      .addOption(new Option("--format <format>", "of the rows").choices(Object.keys(FORMATS)).default("csv"))
      .option("--output <file>", "where to; - is standard output", "-"),
  ).action(async () => {
    applySettingsFile(command);
    await exportRows(command.opts<ExportSettings>());
  });
}

async function exportRows(settings: ExportSettings): Promise<void> {
  const { table, output } = settings;
  const format = FORMATS[settings.format];
  if (format === undefined) throw new UsageError(`no format ${settings.format}`);
  const binary = settings.format === "arrow" || settings.format === "parquet";
  if (binary && output === "-" && process.stdout.isTTY) {
    throw new UsageError(`--format ${settings.format} is binary and standard output is a terminal; give --output`);
  }
  expectDataFolder(settings);
  // Rows may be of machines that no plant file has any more; a scope is held to the one that is named.
  if (settings.plant !== undefined)
    machinesBelow(await plantFromFile(settings.plant, zonesOf(settings)), settings.scope);
  const store = await openStoreOf(settings);
  try {
    await store.migrate();
    const period = spanOf(settings);
    const { scope } = settings;
    const write = async (): Promise<void> => {
      const rows = await store.export({ table, machines: { under: scope }, period, format });
      await pipeline(rows, output === "-" ? process.stdout : createWriteStream(output), { end: output !== "-" });
    };
    if (table === "kpi_minutes") return await write();
    // Corrections among events say who made them, and stops who corrected them.
    await withAudit(settings, store, loggerOf(settings), undefined, async ({ tell }) => {
      const after = { table, from: formatInstant(period.from), to: formatInstant(period.to), format: settings.format };
      await tell({ kind: "personal-data-exported", scope, before: null, after });
      await write();
    });
  } catch (error) {
    throw error instanceof UsageError || error instanceof Failure
      ? error
      : new Failure(`cannot export: ${reasonOf(error)}`, { cause: error });
  } finally {
    await store.close();
  }
}
