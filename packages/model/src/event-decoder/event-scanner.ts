/**
 * The fast path: one pass over the bytes of a state, count or job event as producers mostly write it: flat, known fields
 * in any order, no escapes, plain integers. It allocates the event and nothing else. Whatever it does not know at sight it
 * leaves to the careful path by answering `null`, so it may be narrow, but must never take what that would refuse.
 */
import type { PlantEvent } from "../event.ts";
import { parseInstantBytes } from "../instant.ts";
import type { Machine, Plant } from "../plant.ts";
import { normalizeStateName } from "../state.ts";
import { countEvent, jobEvent, stateEvent, totalEvent } from "./events.ts";
import { INSTANT_LIMIT, INSTANT_MIN } from "./fields.ts";
import { skipWhitespace } from "./json-span.ts";
import { TextCache } from "./text-cache.ts";
import { decodeAscii, decodeUtf8 } from "./utf8.ts";
import type { Meanings, Vocabulary } from "./vocabulary.ts";
import { ascii, bytesEqual, HASH_SEED, hashOf, WordTable } from "./word-table.ts";

const TYPE = 0;
const MACHINE = 1;
const AT = 2;
const STATE = 3;
const REASON = 4;
const ID = 5;
const GOOD = 6;
const SCRAP = 7;
const REWORK = 8;
const STARTUP = 9;
const TOTAL = 10;
const PRODUCT = 11;
const ORDER = 12;
const IDEAL_CYCLE = 13;
/** A field that no event of the fast path has: it may be anything flat, and come twice. */
const OTHER = 14;

/** Up to here every integer is exact, and stays so with a sign. */
const DIGITS_MAX = 15;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const UTC = 0x5a;

export class EventScanner {
  /** The position after the event that `scan` gave last. */
  end = 0;
  readonly #vocabulary: Vocabulary;
  readonly #machines: WordTable<Machine>;
  readonly #texts = new TextCache((text) => text);
  readonly #words: TextCache<Meanings>;
  // What the leaf that ran last found besides the position it returned.
  #field = OTHER;
  #hash = 0;
  #ascii = true;
  #integer = 0;
  #good: number | null = null;
  #scrap: number | null = null;
  #rework: number | null = null;

  constructor(plant: Plant, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#machines = new WordTable(plant.machineById);
    this.#words = new TextCache((text) => vocabulary.meanings(normalizeStateName(text)));
  }

  /** The event whose object begins at `start`, or `null` for the careful path. `latestMs`: the last instant allowed. */
  scan(bytes: Uint8Array, start: number, end: number, latestMs: number): PlantEvent | null {
    if (start >= end || bytes[start] !== OPEN) return null;
    let seen = 0;
    let type = 0;
    let machine: Machine | null = null;
    let at = Number.NaN;
    let id: string | null = null;
    let word: Meanings | null = null;
    let reason: string | null = null;
    let product: string | null = null;
    let order: string | null = null;
    let startup = false;
    let hasTotal = false;
    let good: number | null = null;
    let scrap: number | null = null;
    let rework: number | null = null;
    this.#good = null;
    this.#scrap = null;
    this.#rework = null;

    let p = start + 1;
    for (;;) {
      p = this.#name(bytes, p, end);
      if (p < 0) return null;
      const field = this.#field;
      if (field !== OTHER && (seen & (1 << field)) !== 0) return null;
      seen |= 1 << field;

      const first = bytes[p] ?? 0;
      if (field === AT && first === QUOTE) {
        // The usual form has its length, and says itself that it holds nothing odd.
        const usual = p + 25 < end && bytes[p + 24] === UTC && bytes[p + 25] === QUOTE;
        const to = usual ? p + 25 : this.#string(bytes, p + 1, end);
        if (to < 0) return null;
        at = parseInstantBytes(bytes, p + 1, to);
        p = to + 1;
      } else if (first === QUOTE) {
        const from = p + 1;
        const to = this.#string(bytes, from, end);
        if (to < 0 || (to === from && field !== OTHER)) return null;
        switch (field) {
          case TYPE:
            type = bytes[from] ?? 0;
            if (!isType(bytes, from, to)) return null;
            break;
          case MACHINE:
            machine = this.#machines.get(bytes, from, to, this.#hash) ?? null;
            if (machine === null) return null;
            break;
          case STATE:
            word = this.#words.get(bytes, from, to, this.#hash);
            if (word === null) return null;
            break;
          case REASON:
            reason = this.#texts.get(bytes, from, to, this.#hash);
            if (reason === null) return null;
            break;
          case PRODUCT:
            product = this.#texts.get(bytes, from, to, this.#hash);
            if (product === null) return null;
            break;
          case ORDER:
            order = this.#texts.get(bytes, from, to, this.#hash);
            if (order === null) return null;
            break;
          case ID:
            id = this.#ascii ? decodeAscii(bytes, from, to) : decodeUtf8(bytes, from, to);
            if (id === null) return null;
            break;
          case OTHER:
            if (!this.#ascii) return null;
            break;
          default:
            return null;
        }
        p = to + 1;
      } else if (first === MINUS || (first >= 0x30 && first <= 0x39)) {
        const from = p;
        p = this.#number(bytes, from, end);
        if (p < 0) return null;
        switch (field) {
          case AT:
            at = this.#integer;
            break;
          case GOOD:
            good = this.#integer;
            break;
          case SCRAP:
            scrap = this.#integer;
            break;
          case REWORK:
            rework = this.#integer;
            break;
          case STATE:
            if (first === MINUS) return null;
            word = this.#words.get(bytes, from, p, hashOf(bytes, from, p));
            break;
          case OTHER:
            break;
          default:
            return null;
        }
      } else if (first === OPEN) {
        if (field !== TOTAL) return null;
        p = this.#totals(bytes, p, end);
        if (p < 0) return null;
        hasTotal = true;
      } else if (matches(bytes, p, end, NULL)) {
        p += NULL.length;
      } else if (matches(bytes, p, end, TRUE)) {
        if (field !== STARTUP && field !== OTHER) return null;
        if (field === STARTUP) startup = true;
        p += TRUE.length;
      } else if (matches(bytes, p, end, FALSE)) {
        if (field !== STARTUP && field !== OTHER) return null;
        p += FALSE.length;
      } else {
        return null;
      }

      if (p < end && (bytes[p] ?? 0) <= 0x20) p = skipWhitespace(bytes, p, end);
      if (p >= end) return null;
      const next = bytes[p];
      p++;
      if (next === CLOSE) break;
      if (next !== COMMA) return null;
    }
    this.end = p;

    // NaN fails the first comparison.
    if (machine === null || !(at >= INSTANT_MIN) || at >= INSTANT_LIMIT || at > latestMs) return null;
    switch (type) {
      case S: {
        const state = word === null ? undefined : this.#vocabulary.stateIn(word, machine);
        return state === undefined ? null : stateEvent(machine, at, id, state, reason);
      }
      case C: {
        const empty = good === null && scrap === null && rework === null;
        if (empty !== hasTotal) return null;
        return hasTotal
          ? totalEvent(machine, at, id, this.#good, this.#scrap, this.#rework, startup)
          : countEvent(machine, at, id, good, scrap, rework, startup);
      }
      case J: {
        if (product === null || (seen & (1 << IDEAL_CYCLE)) !== 0) return null;
        return jobEvent(machine, at, id, product, order, null);
      }
      default:
        return null;
    }
  }

  /** The position of the value of the member whose name is next, which sets `#field`; −1 when there is no plain name. */
  #name(bytes: Uint8Array, start: number, end: number): number {
    let p = start;
    if (p < end && (bytes[p] ?? 0) <= 0x20) p = skipWhitespace(bytes, p, end);
    if (p >= end || bytes[p] !== QUOTE) return -1;
    p++;
    const known = fieldAt(bytes, p, end);
    if (known === null) {
      this.#field = OTHER;
      p = this.#string(bytes, p, end);
      if (p < 0 || !this.#ascii) return -1;
    } else {
      this.#field = known.field;
      p += known.name.length - 1;
    }
    p++;
    if (p < end && (bytes[p] ?? 0) <= 0x20) p = skipWhitespace(bytes, p, end);
    if (p >= end || bytes[p] !== COLON) return -1;
    p++;
    if (p < end && (bytes[p] ?? 0) <= 0x20) p = skipWhitespace(bytes, p, end);
    return p < end ? p : -1;
  }

  /** The quotation mark that ends the string whose first byte is at `start`; −1 when it holds an escape or never ends. */
  #string(bytes: Uint8Array, start: number, end: number): number {
    let hash = HASH_SEED;
    let all = 0;
    for (let p = start; p < end; p++) {
      const byte = bytes[p] ?? 0;
      if (STOPS[byte] !== 0) {
        if (byte !== QUOTE) return -1;
        this.#hash = hash;
        this.#ascii = all < 0x80;
        return p;
      }
      all |= byte;
      // `hashStep`, by hand: an import is looked up at each call, which here is each byte.
      hash = ((hash << 5) - hash + byte) | 0;
    }
    return -1;
  }

  /** The position after the integer at `start`; −1 when it is longer than doubles are sure of, or written oddly. */
  #number(bytes: Uint8Array, start: number, end: number): number {
    const negative = bytes[start] === MINUS;
    const first = negative ? start + 1 : start;
    let p = first;
    let value = 0;
    for (; p < end; p++) {
      const digit = (bytes[p] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = p - first;
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && bytes[first] === 0x30)) return -1;
    // 0 − value rather than −value, which would be −0 for 0.
    this.#integer = negative ? 0 - value : value;
    return p;
  }

  /** The position after the totals at `start`, at least one of them; −1 when there is anything else among them. */
  #totals(bytes: Uint8Array, start: number, end: number): number {
    let seen = 0;
    let p = start + 1;
    for (;;) {
      p = this.#name(bytes, p, end);
      if (p < 0) return -1;
      const field = this.#field;
      if ((seen & (1 << field)) !== 0) return -1;
      seen |= 1 << field;
      if (bytes[p] === MINUS) return -1;
      p = this.#number(bytes, p, end);
      if (p < 0) return -1;
      if (field === GOOD) this.#good = this.#integer;
      else if (field === SCRAP) this.#scrap = this.#integer;
      else if (field === REWORK) this.#rework = this.#integer;
      else return -1;
      p = skipWhitespace(bytes, p, end);
      if (p >= end) return -1;
      const next = bytes[p];
      p++;
      if (next === CLOSE) return p;
      if (next !== COMMA) return -1;
    }
  }
}

const S = 0x73;
const C = 0x63;
const J = 0x6a;

const NULL = ascii("null");
const TRUE = ascii("true");
const FALSE = ascii("false");
const STATE_TYPE = ascii("state");
const COUNT_TYPE = ascii("count");
const JOB_TYPE = ascii("job");

/** Whether the text is one of the types of the fast path; which, its first letter tells. */
function isType(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start] === S ? STATE_TYPE : bytes[start] === C ? COUNT_TYPE : JOB_TYPE;
  return bytesEqual(type, bytes, start, end);
}

interface Field {
  readonly field: number;
  /** With the quotation mark that ends it. */
  readonly name: Uint8Array;
}

/** By first letter; the more frequent first. */
const FIELDS: readonly (readonly Field[])[] = byFirstLetter([
  ["type", TYPE],
  ["machine", MACHINE],
  ["at", AT],
  ["state", STATE],
  ["reason", REASON],
  ["id", ID],
  ["good", GOOD],
  ["scrap", SCRAP],
  ["rework", REWORK],
  ["startup", STARTUP],
  ["total", TOTAL],
  ["product", PRODUCT],
  ["order", ORDER],
  ["idealCycleSeconds", IDEAL_CYCLE],
]);

function byFirstLetter(names: readonly (readonly [string, number])[]): readonly (readonly Field[])[] {
  const fields = names.map(([name, field]) => ({ name: ascii(`${name}"`), field }));
  return Array.from({ length: 256 }, (_, letter) => fields.filter(({ name }) => name[0] === letter));
}

/** The known field whose name begins at `position`. */
function fieldAt(bytes: Uint8Array, position: number, end: number): Field | null {
  const candidates = FIELDS[bytes[position] ?? 0] ?? [];
  for (let i = 0; i < candidates.length; i++) {
    const field = candidates[i];
    if (field !== undefined && matches(bytes, position, end, field.name)) return field;
  }
  return null;
}

/** The bytes that end the plain part of a string: its end, an escape, a control character. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x20 || byte === QUOTE || byte === 0x5c ? 1 : 0));

function matches(bytes: Uint8Array, position: number, end: number, literal: Uint8Array): boolean {
  if (position + literal.length > end) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[position + i] !== literal[i]) return false;
  return true;
}
