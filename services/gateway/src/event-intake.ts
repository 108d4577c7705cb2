/**
 * The events of one body, judged one by one (DI-2): which are accepted, as they came and in the order of each machine, and
 * which are refused, with why.
 */
import type { AppendRecord } from "@oee/event-log";
import { type EventDecoder, isRefusal, NdjsonSplitter, type PlantEvent, type Refusal } from "@oee/model";
import type { GatewayLimits } from "./options.ts";
import { HttpProblem } from "./problems.ts";

/** Events of one machine go into one record up to this. */
const RECORD_BYTES_MAX = 256 * 1024;

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

interface ListedRefusal extends Refusal {
  readonly index: number;
  readonly line?: number;
}

/** The events of one body, by machine, in their order. */
export class EventIntake {
  readonly #refusalsListedMax: number;
  readonly #eventsMax: number;
  readonly #maxPastMs: number | undefined;
  readonly #byMachine = new Map<string, Buffer | Buffer[]>();
  readonly refusals: ListedRefusal[] = [];
  readonly refusedByCode: Map<string, number> = new Map();
  accepted = 0;
  refused = 0;

  /** `maxPastMs`: how far behind the clock events may lie, where it is not the decoder's to say (DI-2). */
  constructor(limits: Pick<GatewayLimits, "eventsMax" | "refusalsListedMax">, maxPastMs?: number) {
    this.#eventsMax = limits.eventsMax;
    this.#refusalsListedMax = limits.refusalsListedMax;
    this.#maxPastMs = maxPastMs;
  }

  /** `raw` has to stay as it is. */
  #accept({ machine }: PlantEvent, raw: Buffer): void {
    this.#checkCount();
    this.accepted++;
    const events = this.#byMachine.get(machine.id);
    if (events === undefined) this.#byMachine.set(machine.id, raw);
    else if (Array.isArray(events)) events.push(raw);
    else this.#byMachine.set(machine.id, [events, raw]);
  }

  #refuse({ code, detail }: Refusal, line?: number): void {
    this.#checkCount();
    const index = this.accepted + this.refused++;
    this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
    if (this.refusals.length >= this.#refusalsListedMax) return;
    this.refusals.push({ index, ...(line === undefined ? {} : { line }), code, detail });
  }

  /** One event or an array of them. Throws `HttpProblem` where the body as a whole is no JSON. */
  takeJson(decoder: EventDecoder, body: Buffer, now: number): void {
    decoder.decodeRecord(
      body,
      now,
      (event, start, end) => this.#accept(event, body.subarray(start, end)),
      (refusal, start, end) => {
        if (refusal.code === "malformed" && start === 0 && end === body.length) {
          throw new HttpProblem("OEE_HTTP_INVALID_BODY", refusal.detail);
        }
        this.#refuse(refusal);
      },
      0,
      body.length,
      this.#maxPastMs,
    );
  }

  /** Lines, however they are cut into pieces. */
  takeLines(decoder: EventDecoder, pieces: readonly Buffer[], now: number): void {
    let piece: Buffer | null = null;
    const lines = new NdjsonSplitter(
      (bytes, start, end, line) => {
        const decoded = decoder.decode(bytes, start, end, now, this.#maxPastMs);
        if (isRefusal(decoded)) this.#refuse(decoded, line);
        // A line may stand in a buffer of the splitter's, which is used again.
        else
          this.#accept(decoded, bytes === piece ? piece.subarray(start, end) : Buffer.from(bytes.subarray(start, end)));
      },
      (refusal, line) => this.#refuse(refusal, line),
    );
    for (piece of pieces) lines.push(piece);
    lines.finish();
  }

  /** Records of one event, or of an array of events. */
  records(headers: Readonly<Record<string, string>> = {}): AppendRecord[] {
    const records: AppendRecord[] = [];
    this.#byMachine.forEach((events, key) => {
      if (!Array.isArray(events)) {
        records.push({ key, value: events, headers });
        return;
      }
      let first = 0;
      let bytes = 0;
      events.forEach((event, i) => {
        if (i > first && bytes + event.length > RECORD_BYTES_MAX) {
          records.push({ key, value: valueOf(events.slice(first, i)), headers });
          first = i;
          bytes = 0;
        }
        bytes += event.length + 1;
      });
      records.push({ key, value: valueOf(events.slice(first)), headers });
    });
    return records;
  }

  #checkCount(): void {
    if (this.accepted + this.refused < this.#eventsMax) return;
    throw new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", `expected at most ${this.#eventsMax} events in one body`);
  }
}

function valueOf(events: readonly Buffer[]): Buffer {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return first;
  const parts = events.flatMap((event) => [COMMA, event]);
  return Buffer.concat([OPEN, ...parts.slice(1), CLOSE]);
}
