/**
 * Applies a changed plant file from the minute at hand on (DI-3). Each machine gets a runner of the new plant that goes on from
 * the snapshot of the one before: in slices, between which other work has the event loop, or with the machine's next event,
 * which is of the new plant already. What uses a machine in between uses a whole one, of the plant before or of the new one.
 */
import type { Machine, Plant } from "@oee/model";
import { GiveWay, OneAtATime, type Scheduler } from "@oee/pacing";
import type { Logger } from "pino";
import type { Computing } from "./computing.ts";
import type { CurrentPlant } from "./current-plant.ts";
import type { DurableWrites } from "./durable-writes.ts";
import { MachineRunner } from "./machine-runner.ts";
import type { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import type { WorkerSettings } from "./settings.ts";
import type { Notifier } from "./notifier.ts";
import type { Storing } from "./storing.ts";

export interface PlantChangeParts {
  readonly settings: WorkerSettings;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly partitions: Partitions;
  readonly current: CurrentPlant;
  readonly computing: Computing;
  readonly storing: Storing;
  readonly writes: DurableWrites;
  readonly recomputeWanted: Notifier;
}

/** With this many rows waiting for the store, they are stored before machines are moved on any further. */
const ROWS_WAITING_MAX = 300_000;

export class PlantChange {
  readonly #parts: PlantChangeParts;
  readonly #renewing: OneAtATime;
  /** When the plant in force was taken up (epoch ms). */
  #at: number;
  #closed = false;

  constructor(parts: PlantChangeParts) {
    this.#parts = parts;
    this.#at = parts.scheduler.now();
    this.#renewing = new OneAtATime(
      () => this.#renewAll(),
      (error) => parts.logger.error({ err: error }, "machines were not renewed by a changed plant file"),
    );
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * Resolves when events are read by `plant`; its machines are renewed from then on. A plant of the same version and
   * windows changes nothing.
   */
  async to(plant: Plant): Promise<void> {
    await this.idle();
    const { current, scheduler } = this.#parts;
    const before = current.plant;
    if (this.#closed || (plant.version === before.version && windowsOf(plant) === windowsOf(before))) return;
    await this.#catchUp();
    await this.#store();
    if (this.#closed) return;
    this.#at = scheduler.now();
    current.change(plant);
    this.#renewing.request();
  }

  /** Renews the machines that are of another plant: those of a partition that was taken over while the plant changed. */
  renew(): void {
    if (!this.#closed) this.#renewing.request();
  }

  /** Resolves when all machines are of the plant in force. */
  idle(): Promise<void> {
    return this.#renewing.idle();
  }

  /** The runner, of the plant in force, of a machine of that plant; `null`: it is another partition's. */
  runnerOf(owned: OwnedPartition, machine: Machine): MachineRunner | null {
    const runner = owned.runners.get(machine.id);
    if (runner !== undefined && this.#parts.current.isOf(runner)) return runner;
    if (this.#parts.partitions.homeOf(machine.id) !== owned.partition) return null;
    return this.#renewed(owned, machine, runner);
  }

  /** Moves machines on that are far behind, so that what is left to compute when the plant changes is little. */
  async #catchUp(): Promise<void> {
    const { partitions, computing, storing, scheduler } = this.#parts;
    const giveWay = new GiveWay(scheduler);
    const to = scheduler.now();
    for (const owned of [...partitions]) {
      for (const runner of owned.runners.values()) {
        for (let reached = false; !reached; ) {
          if (this.#closed) return;
          reached = computing.moveOn(owned, runner, to);
          if (owned.pending.size > ROWS_WAITING_MAX) await storing.store(false);
          if (giveWay.due) await giveWay.now();
        }
      }
    }
  }

  /** Stores what waits, for with the new plant in force rows are stored as that plant's. A store that is away stops no change. */
  async #store(): Promise<void> {
    const { writes, storing, logger } = this.#parts;
    if (writes.failing !== null) return;
    try {
      await storing.store(false);
    } catch (error) {
      logger.error({ err: error }, "storing failed before the plant file changed");
    }
  }

  async #renewAll(): Promise<void> {
    const { partitions, current, computing, recomputeWanted, scheduler } = this.#parts;
    const { plant } = current;
    const giveWay = new GiveWay(scheduler);
    for (const machine of plant.machines) {
      const owned = partitions.get(partitions.homeOf(machine.id));
      if (owned !== undefined) this.runnerOf(owned, machine);
      if (giveWay.due) await giveWay.now();
      if (this.#closed) return;
    }
    const ids = new Set(plant.machines.map(({ id }) => id));
    for (const owned of partitions) {
      for (const runner of owned.runners.values()) if (!ids.has(runner.id)) owned.removeRunner(runner);
    }
    computing.soon();
    recomputeWanted.notify();
  }

  #renewed(owned: OwnedPartition, machine: Machine, old: MachineRunner | undefined): MachineRunner {
    const { current, computing, settings } = this.#parts;
    if (old === undefined) {
      const added = new MachineRunner(current.model.machine(machine), owned.partition, settings);
      owned.addRunner(added);
      return added;
    }
    while (!computing.moveOn(owned, old, this.#at));
    const snapshot = structuredClone(old.snapshot(owned.stamps.epoch, owned.taken));
    const model = current.model.machine(machine);
    const runner = MachineRunner.restore(model, owned.partition, settings, snapshot, this.#at);
    if (runner === null) throw new Error(`${machine.id}: a snapshot of this release is not restored`);
    runner.checkpoint.goesOn(old.checkpoint, owned.position);
    owned.replaceRunner(old, runner);
    return runner;
  }
}

function windowsOf({ windows }: Plant): string {
  return JSON.stringify(windows);
}
