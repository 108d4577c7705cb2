/**
 * Decodes the events of one `POST /events` body one by one (DI-2). Accepted events become records for the log, by machine, in
 * their order and with the bytes that came; refused events are listed with the reason.
 */
import type { AppendRecord } from "@oee/event-log";
import {
  ArrayElements,
  arrayStart,
  type CorrectionEvent,
  type EventDecoder,
  isRefusal,
  LINE_BYTES_MAX,
  NdjsonSplitter,
  type PlantEvent,
  type Refusal,
} from "@oee/model";
import type { RefusedEvent } from "@oee/protocol";
import { GiveWay } from "@oee/pacing";
import type { GatewayLimits } from "./options.ts";
import { HttpProblem } from "./problems.ts";

/** Most bytes of events of one machine that go into one record. */
const RECORD_BYTES_MAX = 256 * 1024;

/** Most bytes of lines that are decoded before the time slice is looked at. */
const PIECE_BYTES_MAX = 16 * 1024;

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

/** The events of one body, by machine, in their order. */
export class PostedEvents {
  readonly #refusalsListedMax: number;
  readonly #eventsMax: number;
  readonly #maxPastMs: number | undefined;
  readonly #corrections: ((correction: CorrectionEvent) => Refusal | null) | null;
  /** By machine, a record of its first event. */
  readonly #records = new Map<string, { readonly key: string; readonly value: Buffer }>();
  /** All events of machines that have several. */
  readonly #several = new Map<string, Buffer[]>();
  readonly refusals: RefusedEvent[] = [];
  readonly refusedByCode: Map<string, number> = new Map();
  accepted = 0;
  refused = 0;
  /** Number of accepted events that are corrections; `correctedMachines` has the paths of their machines. */
  corrections = 0;
  readonly correctedMachines: Set<string> = new Set();

  /**
   * `maxPastMs`: how far behind the clock events may lie (DI-2); undefined: the decoder's own limit. `corrections` returns why a
   * correction is refused; `null`: all are, since where people sign in they are made by POST /corrections.
   */
  constructor(
    limits: Pick<GatewayLimits, "eventsMax" | "refusalsListedMax">,
    maxPastMs?: number,
    corrections: ((correction: CorrectionEvent) => Refusal | null) | null = () => null,
  ) {
    this.#corrections = corrections;
    this.#eventsMax = limits.eventsMax;
    this.#refusalsListedMax = limits.refusalsListedMax;
    this.#maxPastMs = maxPastMs;
  }

  /** Keeps an event; the bytes of `raw` must not change until `records` is called. */
  #accept(event: PlantEvent, raw: Buffer, line?: number): void {
    const { machine } = event;
    if (event.type === "correction") {
      const refusal = this.#corrections === null ? NO_CORRECTIONS : this.#corrections(event);
      if (refusal !== null) return this.#refuse(refusal, line);
      this.corrections++;
      this.correctedMachines.add(machine.path);
    }
    this.#checkCount();
    this.accepted++;
    const key = machine.id;
    const first = this.#records.get(key);
    if (first === undefined) {
      this.#records.set(key, { key, value: raw });
      return;
    }
    const events = this.#several.get(key);
    if (events !== undefined) events.push(raw);
    else this.#several.set(key, [first.value, raw]);
  }

  #refuse({ code, detail }: Refusal, line?: number): void {
    this.#checkCount();
    const index = this.accepted + this.refused++;
    this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
    if (this.refusals.length >= this.#refusalsListedMax) return;
    this.refusals.push({ index, ...(line === undefined ? {} : { line }), code, detail });
  }

  /**
   * Takes a body of one event or an array of events. Throws `HttpProblem` where the body as a whole is no JSON, or has too many
   * events. Elements are counted as they are found, and an element that is longer than an event may be is not parsed.
   */
  async takeJson(decoder: EventDecoder, body: Buffer, now: number): Promise<void> {
    const start = arrayStart(body);
    if (start < 0) {
      if (body.length > LINE_BYTES_MAX) throw tooLarge();
      const refuse = (refusal: Refusal): void => {
        if (refusal.code === "malformed") throw new HttpProblem("OEE_HTTP_INVALID_BODY", refusal.detail);
        this.#refuse(refusal);
      };
      const accept = (event: PlantEvent): void => this.#accept(event, body);
      return decoder.decodeRecord(body, now, accept, refuse, 0, body.length, this.#maxPastMs);
    }
    const giveWay = new GiveWay();
    const elements = new ArrayElements(body, start, body.length, LINE_BYTES_MAX);
    for (let step = elements.next(); step !== "end"; step = elements.next()) {
      if (step === "too-large") throw tooLarge();
      const decoded =
        step === "malformed" ? NO_ARRAY : decoder.decode(body, elements.start, elements.end, now, this.#maxPastMs);
      const raw = body.subarray(elements.start, elements.end);
      if (!isRefusal(decoded)) this.#accept(decoded, raw);
      else if (step === "malformed" || (decoded.code === "malformed" && !isJson(raw))) {
        const after = this.accepted + this.refused;
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", `${decoded.detail}, after ${after} elements of the array`);
      } else this.#refuse(decoded);
      if (giveWay.due) await giveWay.now();
    }
  }

  /** Takes a body of NDJSON lines; its pieces may end anywhere in a line. */
  async takeLines(decoder: EventDecoder, pieces: readonly Buffer[], now: number): Promise<void> {
    const giveWay = new GiveWay();
    let piece: Buffer | null = null;
    const lines = new NdjsonSplitter(
      (bytes, start, end, line) => {
        const decoded = decoder.decode(bytes, start, end, now, this.#maxPastMs);
        if (isRefusal(decoded)) this.#refuse(decoded, line);
        // A line that spans pieces stands in the splitter's buffer, which is used again, so that it must be copied.
        else
          this.#accept(
            decoded,
            bytes === piece ? piece.subarray(start, end) : Buffer.from(bytes.subarray(start, end)),
            line,
          );
      },
      (refusal, line) => this.#refuse(refusal, line),
    );
    for (const whole of pieces) {
      for (let at = 0; at < whole.length; at += PIECE_BYTES_MAX) {
        lines.push((piece = whole.subarray(at, at + PIECE_BYTES_MAX)));
        if (giveWay.due) await giveWay.now();
      }
    }
    lines.finish();
  }

  /** The accepted events as records for the log, each of one event or of an array of events of one machine. */
  async records(headers?: Readonly<Record<string, string>>): Promise<readonly AppendRecord[]> {
    if (this.#several.size === 0 && headers === undefined) return [...this.#records.values()];
    const giveWay = new GiveWay();
    const records: AppendRecord[] = [];
    const add = (key: string, value: Buffer): void =>
      void records.push(headers === undefined ? { key, value } : { key, value, headers });
    for (const { key, value } of this.#records.values()) {
      if (giveWay.due) await giveWay.now();
      const events = this.#several.get(key);
      if (events === undefined) {
        add(key, value);
        continue;
      }
      let first = 0;
      let bytes = 0;
      events.forEach((event, i) => {
        if (i > first && bytes + event.length > RECORD_BYTES_MAX) {
          add(key, valueOf(events.slice(first, i)));
          first = i;
          bytes = 0;
        }
        bytes += event.length + 1;
      });
      add(key, valueOf(events.slice(first)));
    }
    return records;
  }

  #checkCount(): void {
    if (this.accepted + this.refused < this.#eventsMax) return;
    throw new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", `expected at most ${this.#eventsMax} events in one body`);
  }
}

const NO_CORRECTIONS: Refusal = {
  code: "invalid",
  detail:
    "found a correction, expected state, count or job: a person who is signed in makes corrections by POST /corrections",
};
const NO_ARRAY: Refusal = { code: "malformed", detail: "expected a JSON array of events" };

function tooLarge(): HttpProblem {
  return new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", `expected events of at most ${LINE_BYTES_MAX} bytes`);
}

/** Whether bytes are JSON of any kind. */
function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function valueOf(events: readonly Buffer[]): Buffer {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return first;
  const parts = events.flatMap((event) => [COMMA, event]);
  return Buffer.concat([OPEN, ...parts.slice(1), CLOSE]);
}
