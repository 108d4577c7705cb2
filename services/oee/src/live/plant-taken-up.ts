/**
 * What is done once with each plant file that is taken up, at the start and when it changed (DI-3): its text and its
 * structure are kept, and machines that it drops though they have history are logged.
 */
import type { EventLog, Topics } from "@oee/event-log";
import type { ReadinessCheck } from "@oee/gateway";
import type { Plant } from "@oee/model";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import { Gauge, type Registry } from "prom-client";
import type { AuditChanges } from "./audit-changes.ts";
import { type GoneMachine, goneMachines, goneMachinesText } from "./gone-machines.ts";
import { keepPlant } from "./plant-kept.ts";
import { keepStructure } from "./structure-kept.ts";

export interface PlantTakenUpParts {
  readonly file: string;
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly clock: () => number;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Writes to the audit that another plant file is in force. */
  readonly changes: AuditChanges;
}

const AGAIN_MS = 30_000;

export class PlantTakenUp {
  readonly #parts: PlantTakenUpParts;
  readonly #gauge: Gauge;
  #gone: readonly GoneMachine[] = [];
  #plant: Plant | null = null;
  #work: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: PlantTakenUpParts) {
    this.#parts = parts;
    this.#gauge = new Gauge({
      name: "oee_plant_machines_gone",
      help: "Machines with history that the plant file does not name.",
      registers: [parts.registry],
    });
  }

  /** One plant after the other; never rejects. */
  take(plant: Plant): Promise<void> {
    this.#plant = plant;
    const at = this.#parts.clock();
    this.#work = this.#work.then(() => this.#take(plant, at));
    return this.#work;
  }

  /** A check of readiness that lists machines with history that the plant file lacks; it never makes the process unready. */
  check(): ReadinessCheck {
    const plant = this.#plant;
    const detail = plant === null || this.#gone.length === 0 ? "nothing is gone" : goneMachinesText(this.#gone, plant);
    return { name: "plant file", ok: true, detail };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    await this.#work;
  }

  async #take(plant: Plant, at: number): Promise<void> {
    if (this.#closed) return;
    const { file, store, logger, changes } = this.#parts;
    await keepPlant(store, file, plant, at);
    changes.plant(plant, file);
    await this.#keepStructure(plant, at);
    try {
      this.#gone = await goneMachines(store, plant);
      this.#gauge.set(this.#gone.length);
      if (this.#gone.length > 0)
        logger.warn({ code: "OEE_PLANT_MACHINES_GONE", file }, goneMachinesText(this.#gone, plant));
    } catch (error) {
      logger.warn({ file, why: messageOf(error) }, "whether the plant file drops machines with history is not known");
    }
  }

  async #keepStructure(plant: Plant, at: number): Promise<void> {
    const { log, topics, logger, file } = this.#parts;
    try {
      if (await keepStructure(log, topics, plant, at)) logger.info({ file }, "the structure of the plant is kept");
    } catch (error) {
      if (this.#closed) return;
      logger.error(
        { code: "OEE_PLANT_STRUCTURE_NOT_KEPT", file, why: messageOf(error) },
        "the structure of the plant is not kept yet; the one before counts meanwhile",
      );
      this.#again = setTimeout(() => {
        // A newer plant file has its own turn.
        if (this.#plant === plant) this.#work = this.#work.then(() => this.#keepStructure(plant, at));
      }, AGAIN_MS);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
