/**
 * Versions of stored rows: the ownership of a partition in the upper bits, a counter below. Who takes a partition over
 * goes one epoch on, so what a worker that lost it still writes never wins, whatever its clock or counter says.
 */
import type { Stamp } from "@oee/store";

const COUNTER_BITS = 40n;

/** What is kept with a committed offset. */
export interface Ownership {
  readonly epoch: number;
  /** Whether everything before the offset was stored and checkpointed when it was committed at the end. */
  readonly clean: boolean;
}

export function ownershipOf(metadata: string | undefined): Ownership {
  const match = /^epoch=(\d{1,7})(;clean)?$/.exec(metadata ?? "");
  return match === null ? { epoch: 0, clean: false } : { epoch: Number(match[1]), clean: match[2] !== undefined };
}

export function metadataOf({ epoch, clean }: Ownership): string {
  return `epoch=${epoch}${clean ? ";clean" : ""}`;
}

/** Stamps of one epoch, each greater than the one before. */
export class Stamps {
  readonly epoch: number;
  #counter = 0n;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  next(plantVersion: string): Stamp {
    return { version: (BigInt(this.epoch) << COUNTER_BITS) + ++this.#counter, plantVersion };
  }
}

/** The metadata of a commit after which rows win over one of a version: of a log that is gone, with its commits. */
export function metadataAfter(version: bigint): string {
  return metadataOf({ epoch: epochOf(version), clean: true });
}

/** The epoch in which a stored version was written. */
export function epochOf(version: bigint): number {
  return Number(version >> COUNTER_BITS);
}
