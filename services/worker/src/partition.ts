/** One partition of the events topic while this worker owns it. */
import { EventBatch, type VersionSpan } from "@oee/store";
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
  /** Up to where it could be read when that was last known; `null`: not known yet. */
  #end: number | null = null;
  /** One past the newest record, which an open transaction may keep from being read. */
  #logEnd = 0;
  /** Where the position was when it was last looked at, and since when (monotonic, ms); `null`: nothing is to be read. */
  #standsAt: { readonly position: number; readonly since: number } | null = null;
  /** The version up to which everything written follows from checkpoints, as committed last. */
  soundTo: bigint;
  /** When something was last committed (ms of `performance.now`). */
  committedAt = 0;
  /** Versions of rows that owners before may have written from knowledge that was lost with them. */
  lost: readonly VersionSpan[];
  /** How often they were looked for since some were found, and when they are looked for next (ms of `performance.now`). */
  lookedForLost = 0;
  lookForLostAt = 0;
  /** From where machines were computed again for them. */
  readonly recomputedForLost: Map<string, number> = new Map();

  constructor(
    partition: number,
    runners: Map<string, MachineRunner>,
    stamps: Stamps,
    position: number,
    lost: readonly VersionSpan[],
  ) {
    this.partition = partition;
    this.runners = runners;
    this.stamps = stamps;
    this.taken = position;
    this.position = position;
    this.storedTo = position;
    this.committed = position;
    this.soundTo = stamps.last;
    this.lost = lost;
  }

  /** The log says where it ends: for a reader, and with what cannot be read yet. */
  ends(readableEnd: number, logEnd: number): void {
    this.#end = Math.max(this.#end ?? 0, readableEnd);
    this.#logEnd = Math.max(this.#logEnd, logEnd);
  }

  /** Everything before `position` was handed over or held no records. */
  passed(position: number): void {
    if (position <= this.position) return;
    this.taken = Math.max(this.taken, position);
    this.position = position;
  }

  get caughtUp(): boolean {
    return this.#end !== null && this.position >= this.#end;
  }

  /** Records not read yet, as far as known; those that cannot be read yet are among them. */
  get lag(): number {
    return Math.max(0, this.#logEnd - this.position);
  }

  /** All that can be read is, but there is more: a producer's transaction is open. */
  get blocked(): boolean {
    return this.caughtUp && this.lag > 0;
  }

  /** For how long (ms) there have been records while the position stayed where it is, by looks at a monotonic clock. */
  stoodStillMs(now: number): number {
    if (this.lag === 0) this.#standsAt = null;
    else if (this.#standsAt?.position !== this.position) this.#standsAt = { position: this.position, since: now };
    return this.#standsAt === null ? 0 : now - this.#standsAt.since;
  }

  /** The oldest offset that a restart must read again, if everything so far is in the store. */
  get committable(): number {
    let offset = this.position;
    for (const { changedSince } of this.runners.values()) {
      if (changedSince !== null && changedSince < offset) offset = changedSince;
    }
    return offset;
  }

  /** Up to which version everything written follows from checkpoints, once those that were made are in the log. */
  soundBelow(version: bigint): bigint {
    // One of an owner of before may still take the place of a newer one.
    if (this.checkpoints < this.stamps.epoch) return this.soundTo;
    let sound = version;
    for (const { changedSince, soundTo } of this.runners.values()) {
      if (changedSince !== null && soundTo < sound) sound = soundTo;
    }
    return sound > this.soundTo ? sound : this.soundTo;
  }

  /** The epoch of the oldest checkpoint that counts; this epoch where there is none. */
  get checkpoints(): number {
    let oldest = this.stamps.epoch;
    for (const { checkpointEpoch } of this.runners.values()) oldest = Math.min(oldest, checkpointEpoch ?? oldest);
    return oldest;
  }
}
