/** The letters of what was refused (DI-2), read from their topic: each with the reason, the place, and the original event. */
import { TextDecoder } from "node:util";
import type { EventLog, RecordBatch } from "@oee/event-log";
import { NO_FIELDS, unknownFieldsOf } from "@oee/model";

export interface DeadLetter {
  /** When it was refused; epoch ms. */
  readonly at: number;
  readonly error: string;
  readonly detail: string;
  /** The place of the record that it came from. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Such as `2/7`, of one that is too large for one letter. */
  readonly piece?: string;
  /** The JSON value; the text where it was none; base64 in `{"base64"}` where it was no text. */
  readonly event: unknown;
  /** Names of fields of the event that mean nothing to us, where it has any: often what is misspelled. */
  readonly unknownFields?: readonly string[];
}

/** All of them, oldest first, up to now. Throws `LogError`. */
export async function readDeadLetters(
  log: EventLog,
  topic: string,
  onLetter: (letter: DeadLetter) => Promise<void> | void,
): Promise<void> {
  // One that is not there would be waited for.
  await log.partitionsOf(topic);
  await new Promise<void>((resolve, reject) => {
    const follower = log.followKeyed({
      topic,
      onBatch: async (batch) => {
        for (let i = 0; i < batch.length; i++) await onLetter(deadLetterAt(batch, i));
      },
      onCaughtUp: () => void follower.close().then(resolve, reject),
    });
  });
}

function deadLetterAt(batch: RecordBatch, i: number): DeadLetter {
  const headers = batch.headersAt(i);
  const textOf = (name: string): string => headers[name]?.toString("utf8") ?? "";
  const piece = textOf("piece");
  const event = eventIn(batch.valueAt(i));
  const unknown = typeof event === "object" && event !== null ? unknownFieldsOf(event) : NO_FIELDS;
  return {
    at: batch.timestampAt(i),
    error: textOf("error"),
    detail: textOf("detail"),
    topic: textOf("topic"),
    partition: Number(textOf("partition")),
    offset: Number(textOf("offset")),
    key: batch.keyAt(i)?.toString("utf8") ?? null,
    ...(piece === "" ? {} : { piece }),
    event,
    ...(unknown.length === 0 ? {} : { unknownFields: unknown }),
  };
}

const BRACKETS_MAX = 500;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

function eventIn(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return { base64: bytes.toString("base64") };
  }
  try {
    const value = JSON.parse(text) as unknown;
    // What is nested so deep that it cannot be written as JSON again stays a text: V8 reads deeper than it writes.
    if (isNested(text)) JSON.stringify(value);
    return value;
  } catch {
    return text;
  }
}

/** Whether a text has more brackets than a value of ordinary depth. */
function isNested(text: string): boolean {
  let brackets = 0;
  for (let i = 0; i < text.length && brackets <= BRACKETS_MAX; i++) if (text[i] === "[" || text[i] === "{") brackets++;
  return brackets > BRACKETS_MAX;
}

/**
 * How many lie in a span, by error: by the instant of their event where it can be read, else by when they were refused.
 * `concerns` judges the machine that a letter names, if any.
 */
export async function countDeadLetters(
  log: EventLog,
  topic: string,
  { from, to }: { readonly from: number; readonly to: number },
  concerns: (machine: string | null) => boolean,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  await readDeadLetters(log, topic, (letter) => {
    const when = instantOf(letter);
    // The pieces of one count once.
    if (letter.piece?.startsWith("1/") === false) return;
    if (when < from || when >= to || !concerns(machineOf(letter))) return;
    counts.set(letter.error, (counts.get(letter.error) ?? 0) + 1);
  });
  return counts;
}

function instantOf({ at, event }: DeadLetter): number {
  if (typeof event !== "object" || event === null || !("at" in event)) return at;
  const told = typeof event.at === "string" ? Date.parse(event.at) : Number(event.at);
  return Number.isFinite(told) ? told : at;
}

function machineOf({ key, event }: DeadLetter): string | null {
  const told = typeof event === "object" && event !== null && "machine" in event ? event.machine : key;
  return typeof told === "string" ? told : key;
}
