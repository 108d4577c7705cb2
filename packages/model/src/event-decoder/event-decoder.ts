/**
 * Makes typed events of bytes or parsed JSON values, checked against one plant; what is no event is refused with a code (DI-2).
 * The fast path (`event-scanner.ts`) reads well-formed events, the careful path (`read-event.ts`) all others; both give the
 * same answer. A decoder never throws on input. It keeps a bounded cache of texts and the layouts that it learned, and no
 * other state. A record is decoded whole before the first callback.
 */
import type { PlantEvent } from "../event.ts";
import type { Plant } from "../plant.ts";
import { EventScanner } from "./event-scanner.ts";
import { INSTANT_MIN } from "./fields.ts";
import { skipValue, skipWhitespace } from "./json-span.ts";
import { readEvent } from "./read-event.ts";
import { isRefusal, type Refusal, shortened } from "./refusal.ts";
import { NO_FIELDS, unknownFieldsOf } from "./unknown-fields.ts";
import { decodeUtf8 } from "./utf8.ts";
import { Vocabulary } from "./vocabulary.ts";
import { mayLoseDigits } from "./whole-number.ts";

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const LF = 0x0a;

export interface EventDecoderOptions {
  /** How far ahead of the receiver's clock an event may lie (DI-2 `future`), mostly `MAX_FUTURE_MS_DEFAULT`. */
  readonly maxFutureMs: number;
  /** How far behind it (DI-2 `past`); default `MAX_PAST_MS_DEFAULT`. */
  readonly maxPastMs?: number;
}

/** 5 minutes (DI-2). */
export const MAX_FUTURE_MS_DEFAULT: number = 5 * 60_000;

/** 400 days: a controller whose clock was reset lies further behind (DI-2). */
export const MAX_PAST_MS_DEFAULT: number = 400 * 24 * 3_600_000;

/** Called with each event, and with each refusal, and the bytes `[start, end)` that it was made of. */
export type OnEvent = (event: PlantEvent, start: number, end: number) => void;
export type OnRefused = (refusal: Refusal, start: number, end: number) => void;

export class EventDecoder {
  readonly #vocabulary: Vocabulary;
  readonly #scanner: EventScanner;
  readonly #maxFutureMs: number;
  readonly #maxPastMs: number;
  #unknown: readonly string[] = NO_FIELDS;

  constructor(plant: Plant, options: EventDecoderOptions) {
    this.#vocabulary = new Vocabulary(plant);
    this.#scanner = new EventScanner(plant, this.#vocabulary);
    this.#maxFutureMs = options.maxFutureMs;
    this.#maxPastMs = options.maxPastMs ?? MAX_PAST_MS_DEFAULT;
  }

  /**
   * Names of the fields of the newest event that have no meaning for its type; within `OnEvent` that is the event of the call.
   * Lists are shared between events; an empty one is `NO_FIELDS`.
   */
  get unknownFields(): readonly string[] {
    return this.#unknown;
  }

  /** How far behind the receiver's clock an event may lie (ms), unless a call sets its own bound. */
  get maxPastMs(): number {
    return this.#maxPastMs;
  }

  /**
   * One JSON object in `bytes[start, end)`. `nowMs` is the receiver's clock; `null` in a replay, which has none.
   * `maxPastMs` is an import's own, of history that lies further back.
   */
  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number | null,
    maxPastMs: number = this.#maxPastMs,
  ): PlantEvent | Refusal {
    return this.#decode(bytes, start, end, earliestOf(nowMs, maxPastMs), this.#latestMs(nowMs));
  }

  #decode(bytes: Uint8Array, start: number, end: number, earliestMs: number, latestMs: number): PlantEvent | Refusal {
    const first = skipWhitespace(bytes, start, end);
    const event = this.#scanner.scan(bytes, first, end, earliestMs, latestMs);
    if (event !== null && skipWhitespace(bytes, this.#scanner.end, end) === end) {
      this.#unknown = this.#scanner.unknown;
      return event;
    }
    return this.#decodeCarefully(bytes, first, end, earliestMs, latestMs);
  }

  /**
   * The event of the line that begins at `start`, where its layout was learned and it ends before `end`; `lineEnd` is then the
   * position of its newline. `null`: the caller has to find the line's end, and `decode` the line.
   */
  decodeLine(bytes: Uint8Array, start: number, end: number, nowMs: number | null): PlantEvent | null {
    const event = this.#scanner.scanKnown(bytes, start, end, earliestOf(nowMs, this.#maxPastMs), this.#latestMs(nowMs));
    const eventEnd = this.#scanner.end;
    this.#unknown = this.#scanner.unknown;
    return event !== null && eventEnd < end && bytes[eventEnd] === LF ? event : null;
  }

  /** The position of the newline after the event that `decodeLine` answered last. */
  get lineEnd(): number {
    return this.#scanner.end;
  }

  /** As `decode`, by the careful path alone: `agreement.test.ts` holds `decode` to the same answer. */
  decodeCarefully(bytes: Uint8Array, start: number, end: number, nowMs: number | null): PlantEvent | Refusal {
    const first = skipWhitespace(bytes, start, end);
    return this.#decodeCarefully(bytes, first, end, earliestOf(nowMs, this.#maxPastMs), this.#latestMs(nowMs));
  }

  /** One event that is parsed already: a row of columns. Whole numbers may be bigints, instants Dates. */
  decodeValue(value: unknown, nowMs: number | null, maxPastMs: number = this.#maxPastMs): PlantEvent | Refusal {
    const decoded = readEvent(value, null, this.#vocabulary, earliestOf(nowMs, maxPastMs), this.#latestMs(nowMs));
    this.#unknown = isRefusal(decoded) ? NO_FIELDS : unknownFieldsOf(value as object);
    return decoded;
  }

  /**
   * A record's value in `bytes[from, end)`: one event, or a JSON array of events, each judged on its own, in order. A
   * record that does not parse as a whole is one refusal. A byte order mark before it is passed over, and is no part of
   * an event's bytes: what is kept of them is read again without it.
   */
  decodeRecord(
    bytes: Uint8Array,
    nowMs: number | null,
    onEvent: OnEvent,
    onRefused: OnRefused,
    from: number = 0,
    end: number = bytes.length,
    maxPastMs: number = this.#maxPastMs,
  ): void {
    const [earliest, latest] = [earliestOf(nowMs, maxPastMs), this.#latestMs(nowMs)];
    const unmarked = afterByteOrderMark(bytes, from, end);
    const start = skipWhitespace(bytes, unmarked, end);
    if (start >= end || bytes[start] !== OPEN) {
      const decoded = this.#decode(bytes, start, end, earliest, latest);
      if (isRefusal(decoded)) onRefused(decoded, from, end);
      else onEvent(decoded, unmarked, end);
      return;
    }
    const elements = this.#decodeArray(bytes, start, end, earliest, latest);
    if (isRefusal(elements)) {
      onRefused(elements, from, end);
      return;
    }
    for (const element of elements) {
      this.#unknown = element.unknown;
      if (isRefusal(element.decoded)) onRefused(element.decoded, element.start, element.end);
      else onEvent(element.decoded, element.start, element.end);
    }
  }

  #decodeArray(
    bytes: Uint8Array,
    start: number,
    end: number,
    earliestMs: number,
    latestMs: number,
  ): readonly Element[] | Refusal {
    const elements: Element[] = [];
    // The scanner vouches for what it takes. With the first thing that it leaves, the whole record has to parse.
    let parsed = false;
    let p = skipWhitespace(bytes, start + 1, end);
    if (p < end && bytes[p] === CLOSE) {
      p++;
    } else {
      for (;;) {
        const elementStart = p;
        const event = this.#scanner.scan(bytes, p, end, earliestMs, latestMs);
        if (event === null && !parsed) {
          const whole = parse(bytes, start, end);
          if (isRefusal(whole)) return whole;
          parsed = true;
        }
        p = event === null ? skipValue(bytes, p, end) : this.#scanner.end;
        if (event !== null) this.#unknown = this.#scanner.unknown;
        const decoded = event ?? this.#decodeCarefully(bytes, elementStart, p, earliestMs, latestMs);
        elements.push({ decoded, start: elementStart, end: p, unknown: this.#unknown });
        p = skipWhitespace(bytes, p, end);
        const next = p < end ? bytes[p] : undefined;
        p++;
        if (next === CLOSE) break;
        if (next !== COMMA) return syntaxError(bytes, start, end);
        p = skipWhitespace(bytes, p, end);
      }
    }
    return skipWhitespace(bytes, p, end) === end ? elements : syntaxError(bytes, start, end);
  }

  #decodeCarefully(
    bytes: Uint8Array,
    start: number,
    end: number,
    earliestMs: number,
    latestMs: number,
  ): PlantEvent | Refusal {
    const parsed = parse(bytes, start, end);
    if (isRefusal(parsed)) return parsed;
    const source = mayLoseDigits(parsed.text) ? { bytes, start, end } : null;
    const decoded = readEvent(parsed.value, source, this.#vocabulary, earliestMs, latestMs);
    this.#unknown = isRefusal(decoded) ? NO_FIELDS : unknownFieldsOf(parsed.value as object);
    return decoded;
  }

  #latestMs(nowMs: number | null): number {
    return nowMs === null ? Number.POSITIVE_INFINITY : nowMs + this.#maxFutureMs;
  }
}

/** The first instant that is not `past`. */
function earliestOf(nowMs: number | null, maxPastMs: number): number {
  return nowMs === null || nowMs - maxPastMs < INSTANT_MIN ? INSTANT_MIN : nowMs - maxPastMs;
}

interface Element {
  readonly decoded: PlantEvent | Refusal;
  readonly start: number;
  readonly end: number;
  readonly unknown: readonly string[];
}

interface Parsed {
  readonly text: string;
  readonly value: unknown;
}

function parse(bytes: Uint8Array, start: number, end: number): Parsed | Refusal {
  const text = decodeUtf8(bytes, start, end);
  if (text === null) return { code: "malformed", detail: "expected JSON in UTF-8, found bytes that are not UTF-8" };
  if (text === "") return { code: "malformed", detail: "expected a JSON object, found nothing" };
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    return {
      code: "malformed",
      detail: `expected JSON: ${error instanceof Error ? shortened(error.message) : "no JSON"}`,
    };
  }
}

function syntaxError(bytes: Uint8Array, start: number, end: number): Refusal {
  const parsed = parse(bytes, start, end);
  return isRefusal(parsed) ? parsed : { code: "malformed", detail: "expected a JSON array of events" };
}

function afterByteOrderMark(bytes: Uint8Array, from: number, end: number): number {
  const marked = end - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
  return marked ? from + 3 : from;
}
