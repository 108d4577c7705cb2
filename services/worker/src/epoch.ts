/**
 * Versions of stored rows: the ownership of a partition in the upper bits, a counter below. Who takes a partition over
 * goes one epoch on, so what a worker that lost it still writes never wins, whatever its clock or counter says.
 *
 * What an owner writes between its last checkpoint and a crash may follow from events in an order, or at a moment, that
 * does not come again. The text that is kept with the committed offset therefore says up to which version everything
 * written follows from checkpoints; the versions between that and the next epoch are `lost`, and `reconcile` looks at them.
 */
import type { Stamp, VersionSpan } from "@oee/store";

const COUNTER_BITS = 40n;
const COUNTER_MASK = (1n << COUNTER_BITS) - 1n;
/** The text is limited; more than these are only there when owners crash again and again before they have caught up. */
const LOST_MAX = 8;

/** What is kept with a committed offset. */
export interface Ownership {
  readonly epoch: number;
  /** Whether everything before the offset was stored and checkpointed when it was committed at the end. */
  readonly clean: boolean;
  /** What was written up to this version follows from the machines' checkpoints, or is in a span that they say is to be recomputed. */
  readonly soundTo: bigint;
  /** Versions of earlier epochs that did not, and may still be in force. By version. */
  readonly lost: readonly VersionSpan[];
  /** No checkpoint that counts is of an earlier epoch than this: one that is was written by an owner that had lost the partition. */
  readonly checkpoints: number;
}

const NUMBER = String.raw`\d{1,7}\.\d{1,13}`;
const TEXT = new RegExp(
  `^epoch=(\\d{1,7})(?:;sound=(${NUMBER}))?(?:;lost=(${NUMBER}-${NUMBER}(?:,${NUMBER}-${NUMBER})*))?(?:;checkpoints=(\\d{1,7}))?(;clean)?$`,
);

/** Of what was committed; of nothing, what a new partition begins with. */
export function ownershipOf(metadata: string | undefined): Ownership {
  const match = TEXT.exec(metadata ?? "");
  if (match === null) return { epoch: 0, clean: false, soundTo: 0n, lost: [], checkpoints: 0 };
  const epoch = Number(match[1]);
  return {
    epoch,
    clean: match[5] !== undefined,
    // Without it, nothing is known of what that owner wrote.
    soundTo: match[2] === undefined ? firstVersion(epoch) : versionOf(match[2]),
    lost: (match[3]?.split(",") ?? []).map((span) => {
      const [after = "", before = ""] = span.split("-");
      return { after: versionOf(after), before: versionOf(before) };
    }),
    checkpoints: Number(match[4] ?? 0),
  };
}

export function metadataOf({ epoch, clean, soundTo, lost, checkpoints }: Ownership): string {
  const spans = lost.map(({ after, before }) => `${textOf(after)}-${textOf(before)}`);
  return (
    `epoch=${epoch};sound=${textOf(soundTo)}${spans.length === 0 ? "" : `;lost=${spans.join(",")}`}` +
    `;checkpoints=${checkpoints}${clean ? ";clean" : ""}`
  );
}

/** What the next owner has to look at: what was lost before, and what was lost with the last owner, if it ended without a word. */
export function lostWith({ epoch, clean, soundTo, lost }: Ownership): readonly VersionSpan[] {
  if (clean || epoch === 0) return lost;
  const all = [...lost, { after: soundTo, before: firstVersion(epoch + 1) }];
  while (all.length > LOST_MAX) {
    const [first, second] = all.splice(0, 2) as [VersionSpan, VersionSpan];
    all.unshift({ after: first.after, before: second.before });
  }
  return all;
}

/** Stamps of one epoch, each greater than the one before. */
export class Stamps {
  readonly epoch: number;
  #last: bigint;

  constructor(epoch: number) {
    this.epoch = epoch;
    this.#last = firstVersion(epoch);
  }

  /** The version of the last stamp; before the first, one that is less than all of this epoch. */
  get last(): bigint {
    return this.#last;
  }

  next(plantVersion: string): Stamp {
    return { version: ++this.#last, plantVersion };
  }
}

/** The metadata of a commit after which rows win over one of a version: of a log that is gone, with its commits. */
export function metadataAfter(version: bigint): string {
  return metadataOf({ epoch: epochOf(version), clean: true, soundTo: 0n, lost: [], checkpoints: 0 });
}

/** The epoch in which a stored version was written. */
function epochOf(version: bigint): number {
  return Number(version >> COUNTER_BITS);
}

/** Not given to any row: those of the epoch are greater. */
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
