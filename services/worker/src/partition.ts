/** One partition of the events topic while this worker owns it. */
import { EventBatch } from "@oee/store";
import { PendingChanges } from "./changes.ts";
import type { Stamps } from "./epoch.ts";
import type { MachineRunner } from "./machine-runner.ts";

export class OwnedPartition {
  readonly partition: number;
  readonly runners: Map<string, MachineRunner>;
  readonly stamps: Stamps;
  readonly pending: PendingChanges = new PendingChanges();
  /** Machines that have to be computed, since events came for them or something else changed. */
  readonly touched: Set<MachineRunner> = new Set();
  /** Those of them that are on a screen, or that somebody waits for: they come first. */
  readonly urgent: Set<MachineRunner> = new Set();
  /** Raw events that wait for the store. */
  readonly events: EventBatch = new EventBatch();
  /** Everything before this offset has been given to the machines. */
  taken: number;
  /** Everything before this offset is done with, dead letters too. */
  position: number;
  /** Everything before this offset is in the store. */
  storedTo: number;
  /** What the group has committed. */
  committed: number;
  /** Why it does not go on; `null`: it does. */
  stopped: string | null = null;
  /** Where the log ended when it was last read; `null`: not known yet. */
  end: number | null = null;
  /** Rows that the owner before may have written from knowledge that was lost with it are still to be looked for. */
  reconcile: boolean;

  constructor(
    partition: number,
    runners: Map<string, MachineRunner>,
    stamps: Stamps,
    position: number,
    reconcile: boolean,
  ) {
    this.partition = partition;
    this.runners = runners;
    this.stamps = stamps;
    this.taken = position;
    this.position = position;
    this.storedTo = position;
    this.committed = position;
    this.reconcile = reconcile;
  }

  get caughtUp(): boolean {
    return this.end !== null && this.position >= this.end;
  }

  /** Records not read yet, as far as known. */
  get lag(): number {
    return Math.max(0, (this.end ?? this.position) - this.position);
  }

  /** The oldest offset that a restart must read again, if everything so far is in the store. */
  get committable(): number {
    let offset = this.position;
    for (const { changedSince } of this.runners.values()) {
      if (changedSince !== null && changedSince < offset) offset = changedSince;
    }
    return offset;
  }
}
