/** A plant whose history lies in the embedded ClickHouse of a folder, and a gateway before it: what the benchmarks of stored rows ask. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlantModel } from "@oee/engine";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import type { Plant } from "@oee/model";
import { openStore, type Store } from "@oee/store";
import { pino } from "pino";
import { Registry } from "prom-client";
import { connectEmbedded } from "../packages/store/src/embedded-transport.ts";
import type { Transport } from "../packages/store/src/transport.ts";
import { putBack } from "../services/gateway/src/audit/restore-audit.ts";
import { buildGateway, listen } from "../services/gateway/src/index.ts";
import { TestLive } from "../services/gateway/test/gateway-fixture.ts";
import { plantFrom } from "../tests/support/plant.ts";

export interface StoredPlant {
  readonly plant: Plant;
  readonly store: Store;
  /** Where ClickHouse has its files. */
  readonly clickhouse: string;
  /** Whether its rows were there already. */
  readonly isFilled: boolean;
  /** Where the gateway's routes begin. */
  readonly base: string;
  readonly close: () => Promise<void>;
}

interface StoredPlantOptions {
  readonly plantText: string;
  /** Without one the rows go into a folder of their own, and are gone at the end. */
  readonly folder: string | undefined;
  /** What the gateway's clock says (epoch ms). */
  readonly now: number;
  /** Writes the rows, so many. */
  readonly rows: number;
  readonly fill: (transport: Transport) => Promise<void>;
}

export async function openStoredPlant({
  plantText,
  folder: kept,
  now,
  rows,
  fill,
}: StoredPlantOptions): Promise<StoredPlant> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), "oee-benchmark-"));
  const clickhouse = join(folder, "clickhouse");
  const isFilled = existsSync(clickhouse);
  const plant = plantFrom(plantText);
  const model = new PlantModel(plant);
  if (!isFilled) {
    const began = performance.now();
    const made = await openStore({ embedded: { path: folder } });
    await made.migrate();
    await made.close();
    const transport = await connectEmbedded({ path: folder });
    await fill(transport);
    await transport.close();
    console.log(`wrote ${rows} rows in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  const store = await openStore({ embedded: { path: folder } });
  await store.migrate();
  const log = openMemoryLog();
  const all = topics("oee.", 2);
  await log.ensureTopics(allTopics(all));
  // The log is new: where the store is used again, its lines of the audit are put back on the log.
  await putBack(log, all.audit.name, store);
  const app = await buildGateway({
    plant: () => ({ plant, model }),
    store,
    log,
    topics: all,
    live: new TestLive(),
    clock: () => now,
    logger: pino({ level: "warn" }),
    metrics: new Registry(),
    version: "0.0.0",
  });
  await listen(app, { port: 0 });
  return {
    ...{ plant, store, clickhouse, isFilled },
    base: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1`,
    close: async () => {
      await app.close();
      await log.close();
      await store.close();
      if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sums the days of machines, as the gateway does in the background; answers how many. */
export async function sumAllDays(store: Store, machines: readonly string[], days: readonly number[]): Promise<number> {
  let summed = 0;
  for (let some = 1; some > 0; summed += some) some = await store.sumDays({ machines, days }, 2_000);
  return summed;
}
