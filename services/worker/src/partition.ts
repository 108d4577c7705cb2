/**
 * One partition of the events topic while this worker owns it: its machines' runners, what waits to be stored, and the
 * offsets up to which events were read, computed, stored and committed. Worker, Computing, Storing and ColdPath share it.
 */
import type { VersionSpan } from "@oee/store";
import { PendingChanges } from "./changes.ts";
import { metadataOf, type Stamps } from "./epoch.ts";
import type { MachineRunner } from "./machine-runner.ts";
import { WORKER_DEFAULTS } from "./settings.ts";

export class OwnedPartition {
  readonly partition: number;
  readonly runners: Map<string, MachineRunner>;
  readonly stamps: Stamps;
  readonly pending: PendingChanges = new PendingChanges();
  /** Machines that must be computed, because events came for them or something else of them changed. */
  readonly touched: Set<MachineRunner> = new Set();
  /** Those of `touched` that a screen shows or somebody waits for; they are computed first. */
  readonly urgent: Set<MachineRunner> = new Set();
  /** Everything before this offset has been given to the machines. */
  taken: number;
  /** Everything before this offset is done with, dead letters too. */
  position: number;
  /** Everything before this offset is in the store. */
  storedTo: number;
  /** What the group has committed. */
  committed: number;
  /** Why reading stopped at an unreadable batch, in a sentence; `null`: it did not. */
  stopped: string | null = null;
  /** The end offset for a reader as the log last said it; `null`: not asked yet. */
  #end: number | null = null;
  /** The offset after the newest record; beyond `#end` where an open transaction keeps records from being read. */
  #logEnd = 0;
  /** The position when it was last checked, and since when it is that (ms, monotonic); `null`: there is nothing to read. */
  #standsAt: { readonly position: number; readonly since: number } | null = null;
  /** The version up to which every stored row follows from checkpoints, as last committed with the offset. */
  soundTo: bigint;
  /** When the store's first tables were made (seconds since 1970). */
  readonly storeMadeAt: number;
  /** The greatest version that the store has acknowledged rows under. */
  storedVersion: bigint;
  /** Whether it is so far behind that nobody looks at what it computes; then work is done less often and in larger pieces. */
  #catchingUp = false;
  readonly #catchingUpFrom: number;
  /** Machines that lack a checkpoint of an event before this offset get one at once, for the partition has caught up there. */
  checkpointBefore = 0;
  /** When an offset was last committed (ms of the monotonic clock). */
  committedAt = 0;
  /** Lost versions: rows that earlier owners wrote after their last checkpoint, and that may not follow from it (`epoch.ts`). */
  lost: readonly VersionSpan[];
  /** Searches for lost versions since one last found some, and when the next is due (ms of the monotonic clock). */
  lookedForLost = 0;
  lookForLostAt = 0;
  /** By machine, from which instant (epoch ms) it was recomputed because of lost versions. */
  readonly recomputedForLost: Map<string, number> = new Map();

  constructor(
    partition: number,
    runners: Map<string, MachineRunner>,
    stamps: Stamps,
    position: number,
    lost: readonly VersionSpan[],
    storeMadeAt: number = 0,
    storedVersion: bigint = 0n,
    catchingUpFrom: number = WORKER_DEFAULTS.catchingUpFrom,
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
    this.storeMadeAt = storeMadeAt;
    this.storedVersion = storedVersion;
    this.#catchingUpFrom = catchingUpFrom;
  }

  /** Notes where the partition ends, as the log says: for a reader, and including records that cannot be read yet. Offsets. */
  ends(readableEnd: number, logEnd: number): void {
    this.#end = Math.max(this.#end ?? 0, readableEnd);
    this.#logEnd = Math.max(this.#logEnd, logEnd);
    this.#noteLag();
  }

  /** Moves on to `position`: everything before it was delivered, or held no records. */
  passed(position: number): void {
    if (position <= this.position) return;
    this.taken = Math.max(this.taken, position);
    this.position = position;
    this.#noteLag();
  }

  #noteLag(): void {
    if (this.caughtUp) {
      if (!this.#catchingUp) return;
      this.#catchingUp = false;
      // A crash would have all of it read again.
      this.checkpointBefore = this.position;
      for (const runner of this.touched) this.urgent.add(runner);
    } else if (this.lag >= this.#catchingUpFrom) this.#catchingUp = true;
  }

  get catchingUp(): boolean {
    return this.#catchingUp;
  }

  get caughtUp(): boolean {
    return this.#end !== null && this.position >= this.#end;
  }

  /** Number of records not read yet, as last known, including those behind an open transaction. */
  get lag(): number {
    return Math.max(0, this.#logEnd - this.position);
  }

  /** Whether everything readable was read while records wait behind a producer's open transaction. */
  get blocked(): boolean {
    return this.caughtUp && this.lag > 0;
  }

  /** For how long (ms) the position has not moved while there were records to read; `now` is of a monotonic clock. */
  stoodStillMs(now: number): number {
    if (this.lag === 0) this.#standsAt = null;
    else if (this.#standsAt?.position !== this.position) this.#standsAt = { position: this.position, since: now };
    return this.#standsAt === null ? 0 : now - this.#standsAt.since;
  }

  /** The offset to commit once everything so far is stored: that of the oldest event that no checkpoint includes. */
  get committable(): number {
    let offset = this.position;
    for (const { changedSince } of this.runners.values()) {
      if (changedSince !== null && changedSince < offset) offset = changedSince;
    }
    return offset;
  }

  /** The version up to which every stored row follows from checkpoints, once those made so far are in the log. */
  soundBelow(version: bigint): bigint {
    // While a checkpoint of an earlier epoch counts, an earlier owner's may still overwrite a newer one.
    if (this.checkpoints < this.stamps.epoch) return this.soundTo;
    let sound = version;
    for (const { changedSince, soundTo } of this.runners.values()) {
      if (changedSince !== null && soundTo < sound) sound = soundTo;
    }
    return sound > this.soundTo ? sound : this.soundTo;
  }

  /** What is committed with its offset. `clean`: all before the offset is stored and checkpointed. */
  metadata(clean: boolean): string {
    const { soundTo, lost, checkpoints, storeMadeAt, storedVersion: stored } = this;
    return metadataOf({ epoch: this.stamps.epoch, clean, soundTo, lost, checkpoints, storeMadeAt, stored });
  }

  /** The epoch of the oldest checkpoint of its machines; this epoch where there is none. */
  get checkpoints(): number {
    let oldest = this.stamps.epoch;
    for (const { checkpointEpoch } of this.runners.values()) oldest = Math.min(oldest, checkpointEpoch ?? oldest);
    return oldest;
  }
}
