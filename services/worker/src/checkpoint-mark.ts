/**
 * How far the newest checkpoint of one machine reaches: the first offset whose event it lacks, the epoch that it was made
 * in, and the version up to which stored rows follow from it. The offset that a partition may commit follows from these.
 */
export class CheckpointMark {
  #lacksFrom: number | null = null;
  #triedAt = 0;
  #epoch: number | null = null;
  #soundTo = 0n;

  /** The offset of the first event that it lacks; `null`: it lacks none. */
  get lacksFrom(): number | null {
    return this.#lacksFrom;
  }

  /** When one was last made, or found to be too large (ms of the monotonic clock). */
  get triedAt(): number {
    return this.#triedAt;
  }

  /** The epoch that it was made in; `null`: there is none. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** Rows of the machine that were stored up to this version follow from it. */
  get soundTo(): bigint {
    return this.#soundTo;
  }

  /** Notes that the machine changed by the event at an offset, or while everything before the offset was included. */
  lacks(offset: number): void {
    this.#lacksFrom ??= offset;
  }

  /** The machine was restored from a checkpoint of an epoch. */
  restored(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Its partition was taken over at `now` (ms of the monotonic clock): every row stored so far was an earlier owner's. */
  takenOver(now: number, soundTo: bigint): void {
    this.#triedAt = now;
    this.#soundTo = soundTo;
  }

  /** The machine goes on under a changed plant file, at an offset: its checkpoint is the one of before, and lacks that. */
  goesOn(before: CheckpointMark, offset: number): void {
    this.#lacksFrom = before.#lacksFrom ?? offset;
    this.#epoch = before.#epoch;
    this.#soundTo = before.#soundTo;
  }

  /** Another one is being made at `now` (ms of the monotonic clock); if it is too large, the one of before counts. */
  tries(now: number): void {
    this.#triedAt = now;
  }

  /** Another one was made. `lacksFrom`: as `lacksFrom` is from now on. */
  made(epoch: number, soundTo: bigint, lacksFrom: number | null): void {
    this.#epoch = epoch;
    this.#soundTo = soundTo;
    this.#lacksFrom = lacksFrom;
  }
}
