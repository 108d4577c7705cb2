/** Refused events (DI-2), read from the topic of dead letters: the instant, code and machine of each, which a review needs. */
import type { EventLog, Follower, RecordBatch, Topics } from "@oee/event-log";
import { instantIn, REFUSAL_CODES, type RefusalCode } from "@oee/model";
import { RecordedRefusals, type RefusedAt } from "@oee/review";

/** Most refused events that are kept, of the newest. */
const REFUSED_MAX = 200_000;

export class RefusedEvents {
  readonly refusals: RecordedRefusals = new RecordedRefusals(REFUSED_MAX);
  readonly #log: EventLog;
  readonly #topic: string;
  #follower: Follower | null = null;

  constructor(log: EventLog, topics: Topics) {
    this.#log = log;
    this.#topic = topics.deadLetters.name;
  }

  start(): void {
    this.#follower = this.#log.followKeyed({ topic: this.#topic, onBatch: (batch) => this.#take(batch) });
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  #take(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const refused = refusedIn(batch, i);
      if (refused !== null) this.refusals.add(refused.code, refused.at, refused.machine, placeIn(batch, i));
    }
  }
}

/** The partition and offset of the refused event in `oee.events`; `null`: the letter does not name them. */
function placeIn(batch: RecordBatch, record: number): RefusedAt | null {
  const { partition, offset } = batch.headersAt(record);
  if (partition === undefined || offset === undefined) return null;
  return { partition: partition.toString("utf8"), offset: Number(offset.toString("utf8")) };
}

export interface RefusedEvent {
  readonly code: RefusalCode;
  /** Epoch ms; `null`: it cannot be read. */
  readonly at: number | null;
  /** The machine as the event names it, or else the record's key. */
  readonly machine: string | null;
}

/** The refused event of a dead letter; `null`: the letter is of something else. */
export function refusedIn(batch: RecordBatch, record: number): RefusedEvent | null {
  const error = batch.headersAt(record)["error"]?.toString("utf8");
  const code = REFUSAL_CODES.find((known) => known === error);
  if (code === undefined) return null;
  const { at, machine } = fieldsOf(batch.valueAt(record));
  const named = typeof machine === "string" ? machine : (batch.keyAt(record)?.toString("utf8") ?? null);
  return { code, at: instantIn(at), machine: named };
}

interface Original {
  readonly at?: unknown;
  readonly machine?: unknown;
}

function fieldsOf(value: Buffer | null): Original {
  try {
    const parsed: unknown = value === null ? null : JSON.parse(value.toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
