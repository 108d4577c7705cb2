/**
 * The topics of the product and their settings. `events`, `live` and `checkpoints` have as many partitions as one
 * another: the same key is in the same partition of each, so that the owner of a partition of events restores from, and
 * writes to, one partition of checkpoints. Settings hold when a topic is created; later they are the operator's.
 */
import type { TopicSpec } from "./port.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const MIB = 1024 * 1024;

export interface Topics {
  /** One event, an array of events or an Arrow stream of them; key = machine. */
  readonly events: TopicSpec;
  /** Dead letters: events that were refused, with the reason, their original key and bytes. */
  readonly deadLetters: TopicSpec;
  /** The newest live snapshot of each machine. */
  readonly live: TopicSpec;
  /** Which machines the screens of each gateway show, for workers. */
  readonly shown: TopicSpec;
  /** The newest checkpoint of each machine. */
  readonly checkpoints: TopicSpec;
  /** Over how many partitions machines are dealt; one small record. */
  readonly layout: TopicSpec;
  /** What people put in for the review (RE-1), key = `type/id`: one partition, so one order; kept for ever. */
  readonly entries: TopicSpec;
  /** Sessions, tokens, displays and names of people: the newest of each, for any number of gateways. */
  readonly access: TopicSpec;
  /** Who did what; one partition, so one order; kept for ever. */
  readonly audit: TopicSpec;
  /** What was sent about alerts, or not and why; key = ticket, step and kind: one partition, kept for ever. */
  readonly messages: TopicSpec;
}

/** Whether figures are right and on time only where a topic is read: all but the one that tells workers what screens show. */
export function isNeeded({ shown }: Topics, topic: string): boolean {
  return topic !== shown.name;
}

/**
 * The topics under a prefix such as `oee.`, with `partitions` partitions where the key is a machine. Events and dead
 * letters are kept for `retentionMs`, `null` for ever.
 */
export function topics(prefix = "oee.", partitions = 8, retentionMs: number | null = 30 * DAY_MS): Topics {
  const kept = { cleanup: "delete", retentionBytes: null, recordBytesMax: MIB } as const;
  const keyed = { cleanup: "compact", retentionMs: null, retentionBytes: null } as const;
  return {
    events: { ...kept, name: `${prefix}events`, partitions, retentionMs },
    // room for the headers that say why, around the largest event
    deadLetters: {
      ...kept,
      name: `${prefix}dead-letters`,
      partitions: 1,
      retentionMs,
      recordBytesMax: MIB + 64 * 1024,
    },
    live: { ...keyed, name: `${prefix}live`, partitions, recordBytesMax: MIB },
    shown: { ...keyed, name: `${prefix}shown`, partitions: 1, recordBytesMax: MIB },
    checkpoints: { ...keyed, name: `${prefix}checkpoints`, partitions, recordBytesMax: 8 * MIB },
    layout: { ...keyed, name: `${prefix}layout`, partitions: 1, recordBytesMax: MIB },
    // a presented review holds its whole document
    entries: { ...kept, name: `${prefix}entries`, partitions: 1, retentionMs: null, recordBytesMax: 8 * MIB },
    access: { ...keyed, name: `${prefix}access`, partitions: 1, recordBytesMax: MIB },
    audit: { ...kept, name: `${prefix}audit`, partitions: 1, retentionMs: null, recordBytesMax: MIB },
    messages: { ...kept, name: `${prefix}messages`, partitions: 1, retentionMs: null, recordBytesMax: MIB },
  };
}

/** All topics, for `ensureTopics`. */
export function allTopics(of: Topics): readonly TopicSpec[] {
  const { events, deadLetters, live, shown, checkpoints, layout, entries, access, audit, messages } = of;
  return [events, deadLetters, live, shown, checkpoints, layout, entries, access, audit, messages];
}
