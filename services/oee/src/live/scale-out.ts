/** Opens what a worker and a gateway in processes of their own share: the plant file, the log and the store. */
import type { Plant, ZoneDatabase } from "@oee/model";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { UsageError } from "../failure.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { zonesOf } from "../zone-folder.ts";
import { type Connections, connect, loggerOf } from "./connections.ts";
import { logMetrics } from "./log-metrics.ts";
import { newRegistry } from "./process-metrics.ts";
import type { NetworkSettings } from "./listening.ts";
import type { CommonSettings } from "./settings.ts";
import { StartWait } from "./start-wait.ts";

export interface ScaleOut {
  readonly plantFile: string;
  readonly plant: Plant;
  readonly zones: ZoneDatabase;
  readonly logger: Logger;
  readonly connections: Connections;
  /** What of the start is still to come waits here too; then it is left. */
  readonly wait: StartWait;
  readonly registry: Registry;
}

/** Throws `UsageError` where something that must be shared is missing, `Failure` where waiting does not help. */
export async function scaleOut(
  settings: CommonSettings & NetworkSettings & { readonly plant?: string; readonly readOnly?: boolean },
): Promise<ScaleOut> {
  const { plant: plantFile } = settings;
  if (plantFile === undefined) throw new UsageError("expected --plant, the plant file");
  if (settings.kafka === undefined || settings.clickhouse === undefined) {
    throw new UsageError("expected --kafka and --clickhouse; `oee start` runs on the embedded ones");
  }
  const zones = zonesOf(settings);
  const plant = await plantFromFile(plantFile, zones);
  const logger = loggerOf(settings);
  const wait = new StartWait(settings, logger);
  const connections = await wait.until(() => connect(settings, logger, Date.now, settings.readOnly === true));
  const registry = newRegistry();
  logMetrics(connections.log, registry);
  return { plantFile, plant, zones, logger, connections, wait, registry };
}
