/**
 * Versions of stored rows: 64 bits, the epoch of the partition's ownership in the upper 24, a counter in the lower 40. A
 * worker that takes a partition over raises the epoch by one, so rows written by a worker that lost it never win, whatever
 * its clock or counter says.
 *
 * Rows that an owner writes between its last checkpoint and a crash may follow from events in an order, or at a moment,
 * that does not come again. The metadata of the committed offset therefore says up to which version every row follows
 * from checkpoints. The versions between that and the next epoch are `lost`; `reconcile.ts` looks for rows under them.
 */
import type { Stamp, VersionSpan } from "@oee/store";

const COUNTER_BITS = 40n;
const COUNTER_MASK = (1n << COUNTER_BITS) - 1n;
/** Spans of lost versions kept, because metadata is limited in length; more arise only when owners crash repeatedly before they catch up. */
const LOST_MAX = 8;

/** What the metadata of a committed offset says of the partition's owner. */
export interface Ownership {
  readonly epoch: number;
  /** Whether the owner ended in order: everything before the offset was stored and checkpointed. */
  readonly clean: boolean;
  /** Rows up to this version follow from the machines' checkpoints, or lie in a span that these say is to be recomputed. */
  readonly soundTo: bigint;
  /** Spans of lost versions of earlier epochs, whose rows may still be in force; ascending. */
  readonly lost: readonly VersionSpan[];
  /** The epoch of the oldest checkpoint that counts: one of an earlier epoch was written by an owner that had lost the partition. */
  readonly checkpoints: number;
  /** When the store's first tables were made (seconds since 1970); 0: an earlier release did not note it. */
  readonly storeMadeAt: number;
  /** The greatest version that the store has acknowledged rows under; 0: it has none, or an earlier release did not note it. */
  readonly stored: bigint;
}

const NOBODY: Ownership = {
  ...{ epoch: 0, clean: false, soundTo: 0n, lost: [], checkpoints: 0 },
  ...{ storeMadeAt: 0, stored: 0n },
};

const NUMBER = String.raw`\d{1,7}\.\d{1,13}`;
const TEXT = new RegExp(
  `^epoch=(\\d{1,7})(?:;sound=(${NUMBER}))?(?:;lost=(${NUMBER}-${NUMBER}(?:,${NUMBER}-${NUMBER})*))?(?:;checkpoints=(\\d{1,7}))?(?:;store=(\\d{1,10}):(${NUMBER}))?(;clean)?$`,
);

/** Reads the metadata of a committed offset; of a partition without one, epoch 0. */
export function ownershipOf(metadata: string | undefined): Ownership {
  const match = TEXT.exec(metadata ?? "");
  if (match === null) return NOBODY;
  const epoch = Number(match[1]);
  return {
    epoch,
    clean: match[7] !== undefined,
    // Metadata of 0.1.0 does not say it: every version of that epoch counts as lost.
    soundTo: match[2] === undefined ? firstVersion(epoch) : versionOf(match[2]),
    lost: (match[3]?.split(",") ?? []).map((span) => {
      const [after = "", before = ""] = span.split("-");
      return { after: versionOf(after), before: versionOf(before) };
    }),
    checkpoints: Number(match[4] ?? 0),
    storeMadeAt: Number(match[5] ?? 0),
    stored: match[6] === undefined ? 0n : versionOf(match[6]),
  };
}

export function metadataOf(ownership: Ownership): string {
  const { epoch, clean, soundTo, lost, checkpoints, storeMadeAt, stored } = ownership;
  const spans = lost.map(({ after, before }) => `${textOf(after)}-${textOf(before)}`);
  return (
    `epoch=${epoch};sound=${textOf(soundTo)}${spans.length === 0 ? "" : `;lost=${spans.join(",")}`}` +
    `;checkpoints=${checkpoints};store=${storeMadeAt}:${textOf(stored)}${clean ? ";clean" : ""}`
  );
}

/** The lost versions that the next owner must look for: those of before, and the last owner's unless it ended in order. */
export function lostWith({ epoch, clean, soundTo, lost }: Ownership): readonly VersionSpan[] {
  if (clean || epoch === 0) return lost;
  const all = [...lost, { after: soundTo, before: firstVersion(epoch + 1) }];
  while (all.length > LOST_MAX) {
    const [first, second] = all.splice(0, 2) as [VersionSpan, VersionSpan];
    all.unshift({ after: first.after, before: second.before });
  }
  return all;
}

/** Counts up the versions of one epoch. */
export class Stamps {
  readonly epoch: number;
  #last: bigint;

  constructor(epoch: number) {
    this.epoch = epoch;
    this.#last = firstVersion(epoch);
  }

  /** The version of the last stamp; before the first stamp, a version below all of this epoch. */
  get last(): bigint {
    return this.#last;
  }

  next(plantVersion: string): Stamp {
    return { version: ++this.#last, plantVersion };
  }
}

/** Metadata for a log that begins anew: with it, new rows win over all that were stored up to `version`. */
export function metadataAfter(version: bigint): string {
  return metadataOf({ ...NOBODY, epoch: epochOf(version), clean: true });
}

/** The epoch in which a stored version was written. */
export function epochOf(version: bigint): number {
  return Number(version >> COUNTER_BITS);
}

/** The version below all versions of an epoch; no row has it. */
function firstVersion(epoch: number): bigint {
  return BigInt(epoch) << COUNTER_BITS;
}

function textOf(version: bigint): string {
  return `${version >> COUNTER_BITS}.${version & COUNTER_MASK}`;
}

function versionOf(text: string): bigint {
  const [epoch = "0", counter = "0"] = text.split(".");
  return (BigInt(epoch) << COUNTER_BITS) + BigInt(counter);
}
