/**
 * One partition of the events topic while this worker owns it: its machines' runners, what waits to be computed and to be
 * stored, and the offsets up to which events were read, computed, stored and committed. Each stage of the worker moves its
 * own offset on by a method: intake `takes` and `reaches`, storing says what is `stored`, `sound` and `committed`.
 */
import type { Machine } from "@oee/model";
import type { VersionSpan } from "@oee/store";
import { PendingChanges } from "./changes.ts";
import { metadataOf, type Stamps } from "./epoch.ts";
import { LostVersions } from "./lost-versions.ts";
import type { MachineRunner } from "./machine-runner.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { ToCompute } from "./to-compute.ts";

/** A machine is behind while what is stored of it ends more than this (ms) before now. */
const BEHIND_MS = 5 * 60_000;

export class OwnedPartition {
  readonly partition: number;
  readonly stamps: Stamps;
  readonly toCompute: ToCompute = new ToCompute();
  readonly pending: PendingChanges = new PendingChanges();
  readonly lost: LostVersions;
  /** When the store's first tables were made (seconds since 1970). */
  readonly storeMadeAt: number;
  readonly #catchingUpFrom: number;
  readonly #runners: Map<string, MachineRunner>;
  /** The same by the machine's place in its plant file; those of a plant file of before may lie there too. */
  readonly #runnersByIndex: (MachineRunner | undefined)[] = [];
  #taken: number;
  #position: number;
  #stopped: string | null = null;
  /** The end offset for a reader as the log last said it; `null`: not asked yet. */
  #end: number | null = null;
  /** The offset after the newest record; beyond `#end` where an open transaction keeps records from being read. */
  #logEnd = 0;
  /** The position when it was last checked, and since when it is that (ms, monotonic); `null`: there is nothing to read. */
  #standsAt: { readonly position: number; readonly since: number } | null = null;
  #catchingUp = false;
  #checkpointBefore = 0;
  #storedTo: number;
  #storedVersion: bigint;
  #soundTo: bigint;
  #committed: number;
  #committedAt = 0;
  /** Ids of machines that were behind when they were moved on, and whether they are no more once the write under way is done. */
  readonly #behind = new Map<string, boolean>();

  constructor(
    partition: number,
    runners: ReadonlyMap<string, MachineRunner>,
    stamps: Stamps,
    position: number,
    lost: readonly VersionSpan[],
    storeMadeAt: number = 0,
    storedVersion: bigint = 0n,
    catchingUpFrom: number = WORKER_DEFAULTS.catchingUpFrom,
  ) {
    this.partition = partition;
    this.#runners = new Map(runners);
    this.stamps = stamps;
    this.#taken = position;
    this.#position = position;
    this.#storedTo = position;
    this.#committed = position;
    this.#soundTo = stamps.last;
    this.lost = new LostVersions(lost);
    this.storeMadeAt = storeMadeAt;
    this.#storedVersion = storedVersion;
    this.#catchingUpFrom = catchingUpFrom;
    for (const runner of runners.values()) {
      this.#place(runner);
      this.toCompute.add(runner);
    }
  }

  /** By the machine's id. */
  get runners(): ReadonlyMap<string, MachineRunner> {
    return this.#runners;
  }

  /** The runner of a machine of the plant file that it computes by; found without its id, which of thousands would be searched in a table for each batch. */
  runnerOf(machine: Machine): MachineRunner | undefined {
    const runner = this.#runnersByIndex[machine.index];
    return runner?.model.machine === machine ? runner : undefined;
  }

  #place(runner: MachineRunner): void {
    const { index } = runner.model.machine;
    // An array with holes would be looked up as a table.
    while (this.#runnersByIndex.length <= index) this.#runnersByIndex.push(undefined);
    this.#runnersByIndex[index] = runner;
  }

  /** A machine that the plant file did not name before; it is to be computed. */
  addRunner(runner: MachineRunner): void {
    this.#runners.set(runner.id, runner);
    this.#place(runner);
    this.toCompute.add(runner);
  }

  /** Puts another runner in place of that of before, because the plant file changed; it is to be computed. */
  replaceRunner(before: MachineRunner, runner: MachineRunner): void {
    const urgent = this.toCompute.urgent.has(before);
    this.toCompute.done(before);
    this.addRunner(runner);
    if (urgent) this.toCompute.addUrgent(runner);
  }

  /** The plant file names the machine no more. */
  removeRunner(runner: MachineRunner): void {
    this.#runners.delete(runner.id);
    const { index } = runner.model.machine;
    if (this.#runnersByIndex[index] === runner) this.#runnersByIndex[index] = undefined;
    this.toCompute.done(runner);
  }

  /** Whether a runner is the one of its machine, and not one of before. */
  has(runner: MachineRunner): boolean {
    return this.#runners.get(runner.id) === runner;
  }

  // ── read ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Everything before this offset has been given to the machines. */
  get taken(): number {
    return this.#taken;
  }

  /** Everything before this offset is done with, dead letters too. */
  get position(): number {
    return this.#position;
  }

  /** Everything before `offset` has been given to the machines. */
  takes(offset: number): void {
    this.#taken = offset;
  }

  /** Everything before `position` is done with; the log ends where `ends` says. */
  reaches(position: number, readableEnd: number, logEnd: number): void {
    this.#position = position;
    this.ends(readableEnd, logEnd);
  }

  /** Moves on to `position`: everything before it was delivered, or held no records. */
  passed(position: number): void {
    if (position <= this.#position) return;
    this.#taken = Math.max(this.#taken, position);
    this.#position = position;
    this.#noteLag();
  }

  /** Notes where the partition ends, as the log says: for a reader, and including records that cannot be read yet. Offsets. */
  ends(readableEnd: number, logEnd: number): void {
    this.#end = Math.max(this.#end ?? 0, readableEnd);
    this.#logEnd = Math.max(this.#logEnd, logEnd);
    this.#noteLag();
  }

  /** Why reading stopped at an unreadable batch, in a sentence; `null`: it did not. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** Reading stopped at an unreadable batch; `why` is a sentence. */
  stops(why: string): void {
    this.#stopped = why;
  }

  #noteLag(): void {
    if (this.caughtUp) {
      if (!this.#catchingUp) return;
      this.#catchingUp = false;
      // A crash would have all of it read again.
      this.#checkpointBefore = this.#position;
      this.toCompute.makeAllUrgent();
    } else if (this.lag >= this.#catchingUpFrom) this.#catchingUp = true;
  }

  /**
   * Whether it has 10,000 records or more to read (catching up): it is then computed less often and in larger pieces,
   * since what it shows is long past.
   */
  get catchingUp(): boolean {
    return this.#catchingUp;
  }

  get caughtUp(): boolean {
    return this.#end !== null && this.#position >= this.#end;
  }

  /** Number of records not read yet, as last known, including those behind an open transaction. */
  get lag(): number {
    return Math.max(0, this.#logEnd - this.#position);
  }

  /** Whether everything readable was read while records wait behind a producer's open transaction. */
  get blocked(): boolean {
    return this.caughtUp && this.lag > 0;
  }

  /** For how long (ms) the position has not moved while there were records to read; `now` is of a monotonic clock. */
  stoodStillMs(now: number): number {
    if (this.lag === 0) this.#standsAt = null;
    else if (this.#standsAt?.position !== this.#position) this.#standsAt = { position: this.#position, since: now };
    return this.#standsAt === null ? 0 : now - this.#standsAt.since;
  }

  // ── computed ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A machine is moved on to `now` (epoch ms). */
  movesOn({ id, reached }: MachineRunner, now: number): void {
    if (now - reached > BEHIND_MS) this.#behind.set(id, false);
  }

  /** Whether time up to `now` (epoch ms) of a machine is not computed yet, or not stored: because of an import, or an absence of the worker. */
  isBehind(runner: MachineRunner, now: number): boolean {
    return this.#behind.has(runner.id) || (this.toCompute.all.has(runner) && now - runner.reached > BEHIND_MS);
  }

  /** A write begins, with all rows that wait. */
  stores(now: number): void {
    for (const id of this.#behind.keys()) {
      const runner = this.#runners.get(id);
      this.#behind.set(id, runner === undefined || now - runner.reached <= BEHIND_MS);
    }
  }

  // ── stored, checkpointed, committed ───────────────────────────────────────────────────────────────────────────────

  /** Machines that lack a checkpoint of an event before this offset get one at once, for the partition has caught up there. */
  get checkpointBefore(): number {
    return this.#checkpointBefore;
  }

  /** All of them have theirs. */
  checkpointed(): void {
    this.#checkpointBefore = 0;
  }

  /** Everything before this offset is in the store. */
  get storedTo(): number {
    return this.#storedTo;
  }

  /** Everything before an offset is in the store. `version`: that of the rows and stops stored with it; `null`: there were none. */
  stored(to: number, version: bigint | null): void {
    this.#storedTo = to;
    if (version !== null) this.#storedVersion = version;
    for (const [id, isOver] of this.#behind) if (isOver) this.#behind.delete(id);
  }

  /** The version up to which every stored row follows from checkpoints, as last committed with the offset. */
  get soundTo(): bigint {
    return this.#soundTo;
  }

  /** Every row stored up to a version follows from checkpoints that are in the log. */
  sound(to: bigint): void {
    this.#soundTo = to;
  }

  /** What the group has committed. */
  get committed(): number {
    return this.#committed;
  }

  /** When an offset was last committed (ms of the monotonic clock). */
  get committedAt(): number {
    return this.#committedAt;
  }

  /** An offset was committed at `now` (ms of the monotonic clock). */
  commits(offset: number, now: number): void {
    this.#committed = offset;
    this.#committedAt = now;
  }

  /** The offset to commit once everything so far is stored: that of the oldest event that no checkpoint includes. */
  get committable(): number {
    let offset = this.#position;
    for (const { checkpoint } of this.#runners.values()) {
      const { lacksFrom } = checkpoint;
      if (lacksFrom !== null && lacksFrom < offset) offset = lacksFrom;
    }
    return offset;
  }

  /** Whether a machine of it changed since its newest checkpoint. */
  get lacksCheckpoints(): boolean {
    for (const { checkpoint } of this.#runners.values()) if (checkpoint.lacksFrom !== null) return true;
    return false;
  }

  /** The version up to which every stored row follows from checkpoints, once those made so far are in the log. */
  soundBelow(version: bigint): bigint {
    // While a checkpoint of an earlier epoch counts, an earlier owner's may still overwrite a newer one.
    if (this.checkpoints < this.stamps.epoch) return this.#soundTo;
    let sound = version;
    for (const { checkpoint } of this.#runners.values()) {
      if (checkpoint.lacksFrom !== null && checkpoint.soundTo < sound) sound = checkpoint.soundTo;
    }
    return sound > this.#soundTo ? sound : this.#soundTo;
  }

  /** The epoch of the oldest checkpoint of its machines; this epoch where there is none. */
  get checkpoints(): number {
    let oldest = this.stamps.epoch;
    for (const { checkpoint } of this.#runners.values()) oldest = Math.min(oldest, checkpoint.epoch ?? oldest);
    return oldest;
  }

  /** What is committed with its offset. `clean`: all before the offset is stored and checkpointed. */
  metadata(clean: boolean): string {
    const { checkpoints, storeMadeAt } = this;
    const { epoch } = this.stamps;
    return metadataOf({
      ...{ epoch, clean, soundTo: this.#soundTo, lost: this.lost.spans, checkpoints, storeMadeAt },
      stored: this.#storedVersion,
    });
  }
}
