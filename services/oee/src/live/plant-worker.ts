/**
 * The worker of a process, `oee start` or `oee worker`, with what goes on beside it: the plant file is taken up and watched,
 * closed time is followed, and the audit is told.
 */
import { AuditLog, type ReadinessCheck } from "@oee/gateway";
import type { Plant, ZoneDatabase } from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import type { LiveSink } from "@oee/protocol";
import { Worker, type WorkerMetrics, workerMetrics } from "@oee/worker";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { AuditChanges } from "./audit-changes.ts";
import { ClosedTime } from "./closed-time.ts";
import { plantOfText } from "../plant-reader/read-plant.ts";
import type { Connections } from "./connections.ts";
import type { FileWatch } from "./file-watch.ts";
import { PlantTakenUp } from "./plant-taken-up.ts";
import { watchPlant } from "./plant-watch.ts";
import type { Ending, EndSettings } from "./running.ts";
import { type IntakeSettings, workerSettings } from "./settings.ts";
import type { StartWait } from "./start-wait.ts";

export interface PlantWorkerOptions {
  /** What the audit calls the process. */
  readonly command: "start" | "worker";
  readonly settings: IntakeSettings & EndSettings;
  readonly plantFile: string;
  readonly plant: Plant;
  readonly zones: ZoneDatabase;
  readonly connections: Connections;
  readonly live: LiveSink;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly logger: Logger;
  readonly registry: Registry;
}

export class PlantWorker {
  readonly worker: Worker;
  readonly audit: AuditLog;
  readonly changes: AuditChanges;
  readonly #options: Pick<PlantWorkerOptions, "plantFile" | "zones" | "logger">;
  readonly #metrics: WorkerMetrics;
  readonly #takenUp: PlantTakenUp;
  readonly #closedTime: ClosedTime;
  #plant: Plant;
  #watch: FileWatch | null = null;

  /** Reads closed time and the audit, and tells the audit what this process runs with; events are read from `start` on. */
  constructor(options: PlantWorkerOptions) {
    const { command, settings, plantFile, plant, zones, connections, live, clock, logger, registry } = options;
    const { log, topics, store } = connections;
    // Not the plant, which would be kept when it is another one.
    this.#options = { plantFile, zones, logger };
    this.#plant = plant;
    this.#metrics = workerMetrics(registry);
    this.#closedTime = new ClosedTime(log, topics, () => this.#plant);
    this.worker = new Worker({
      refusalOfClosed: (correction) => this.#closedTime.refusalOf(correction),
      ...{ log, topics, store, plant, live, logger },
      parsePlant: (text) => plantOfText(text, zones),
      scheduler: systemScheduler(clock),
      metrics: this.#metrics,
      settings: workerSettings(settings),
    });
    this.audit = new AuditLog({ log, topic: topics.audit.name, store, clock, logger });
    this.audit.start();
    this.changes = new AuditChanges(this.audit, logger);
    this.changes.settings(command, { ...settings });
    this.changes.schema(connections.schema);
    const { changes } = this;
    this.#takenUp = new PlantTakenUp({ file: plantFile, log, topics, store, clock, logger, registry, changes });
  }

  /** Waits for the log and the store. Throws what waiting does not mend. */
  async start(wait: StartWait): Promise<void> {
    await this.#takenUp.take(this.#plant);
    await wait.until(() => this.#closedTime.ready());
    await wait.until(() => this.worker.start());
  }

  /** Takes up a plant file that changes from now on; `onPlant` is called when the worker has. */
  watch(onPlant: (plant: Plant) => void = () => undefined): void {
    const { plantFile, zones, logger } = this.#options;
    const take = async (plant: Plant): Promise<void> => {
      await this.worker.setPlant(plant);
      this.#plant = plant;
      onPlant(plant);
      void this.#takenUp.take(plant);
    };
    this.#watch = watchPlant(plantFile, zones, logger, take, () => this.#metrics.plantRefused.inc());
  }

  checks(): readonly ReadinessCheck[] {
    const { ready, reason, machines, setAside, machinesSetAside, notes, toRecompute } = this.worker.status();
    const detail = ready ? [`${machines} machines`, ...notes].join("; ") : reason;
    const named = machinesSetAside === 0 ? "nothing" : `${machinesSetAside} machines: ${setAside.join("; ")}`;
    return [
      {
        ...{ name: "worker", ok: ready, detail },
        ...(toRecompute === 0 ? {} : { computing: true, progress: { code: "recomputing", count: toRecompute } }),
      },
      // All else goes on: no reason to take the process out of service.
      { name: "set aside", ok: true, detail: named },
      this.#takenUp.check(),
    ];
  }

  /** How it ends, one step after the other. */
  get ending(): readonly Ending[] {
    return [
      ["the look at the plant file", () => this.#watch?.stop()],
      ["the change of the plant", () => this.#takenUp.close()],
      ["the audit of settings", () => this.changes.close()],
      ["the audit", () => this.audit.close()],
      ["the worker", () => this.worker.close()],
      ["closed time", () => this.#closedTime.close()],
    ];
  }
}
