/** What a worker and a gateway in processes of their own begin with: one plant file, one log, one store, shared by all. */
import type { Plant, ZoneDatabase } from "@oee/model";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { UsageError } from "../failure.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";
import { type Connections, connect, loggerOf } from "./connections.ts";
import { newRegistry } from "./process-metrics.ts";
import type { CommonSettings } from "./settings.ts";

export interface ScaleOut {
  readonly plantFile: string;
  readonly plant: Plant;
  readonly zones: ZoneDatabase;
  readonly logger: Logger;
  readonly connections: Connections;
  readonly registry: Registry;
}

/** Throws `UsageError` where something that must be shared is missing, `Failure` where it does not answer. */
export async function scaleOut(settings: CommonSettings & { readonly plant?: string }): Promise<ScaleOut> {
  const { plant: plantFile } = settings;
  if (plantFile === undefined) throw new UsageError("expected --plant, the plant file");
  if (settings.kafka === undefined || settings.clickhouse === undefined) {
    throw new UsageError("expected --kafka and --clickhouse; `oee start` runs on the embedded ones");
  }
  const zones = zonesOf(settings);
  const plant = await plantFromFile(plantFile, zones);
  const logger = loggerOf(settings);
  const connections = await connect(settings, logger, Date.now);
  return { plantFile, plant, zones, logger, connections, registry: newRegistry() };
}
