/**
 * The fast path of the decoder: reads a state, count or job event from its bytes in one pass, without parsing JSON as a whole.
 * It reads events as producers mostly write them: one flat object, known fields in any order, texts without escapes, plain
 * decimal numbers. It allocates the event and nothing else. For anything else it answers `null`, and the careful path
 * (`read-event.ts`) reads the event: the scanner may accept less than that does, and never more.
 *
 * Each producer writes its events in the same layout. `scanKnown` compares an event with the layouts that were learned
 * (`event-layout.ts`), four bytes at a time; `#scanFields` reads an event of any layout field by field.
 */
import type { PlantEvent } from "../event.ts";
import { PIECES_MAX, smallestUnitsOfDigits } from "../decimal.ts";
import { parseInstantBytes } from "../instant.ts";
import type { Machine, Plant } from "../plant.ts";
import { normalizeStateName } from "../state.ts";
import { countEvent, jobEvent, stateEvent, totalEvent } from "./events.ts";
import {
  AT_NUMBER,
  AT_TEXT,
  END,
  type LayoutNode,
  GOOD_NUMBER,
  GOOD_TOTAL,
  ID_TEXT,
  MACHINE_TEXT,
  ORDER_TEXT,
  PIECES_NUMBER,
  PRODUCED_NUMBER,
  PRODUCED_TOTAL,
  PRODUCT_TEXT,
  REASON_TEXT,
  REWORK_NUMBER,
  REWORK_TOTAL,
  SCRAP_NUMBER,
  SCRAP_TOTAL,
  STATE_NUMBER,
  STATE_TEXT,
  ValueMarks,
} from "./event-layout.ts";
import { TEXT_MAX } from "./bounds.ts";
import { INSTANT_LIMIT } from "./fields.ts";
import { skipWhitespace } from "./json-span.ts";
import { TextCache } from "./text-cache.ts";
import { NO_FIELDS, unknownFieldsOf } from "./unknown-fields.ts";
import { decodeAscii, decodeUtf8 } from "./utf8.ts";
import type { Meanings, Vocabulary } from "./vocabulary.ts";
import { ascii, bytesEqual, WordTable } from "./word-table.ts";
import { USUAL_INSTANT_BYTES, UsualInstants } from "./usual-instants.ts";
import { fourDigits, HASH_SEED, hashOf, hashStep, isAscii, stopsIn } from "./words.ts";

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
const PRODUCED = 14;
const PIECES = 15;
/** Every field that has no number here: its value may be anything flat, and it may stand in one event several times. */
const OTHER = 16;

/** Of events whose layout is not known, one in so many has its layout learned: with a producer that has no fixed layout, learning each would be in vain. */
const UNKNOWN_PER_LEARNED = 16;
/** When the layouts that were learned have more nodes than this, all are forgotten, and learning begins anew. */
const LAYOUT_NODES_MAX = 256;
/** Layouts are compared only in chunks of at least so many bytes: in smaller ones it costs more time than it saves. */
const KNOWN_BYTES_MIN = 1024;
const NO_BYTES = new Uint8Array(0);

/** Most digits of a number: a double holds every whole number of so many digits exactly. */
const DIGITS_MAX = 15;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const UTC = 0x5a;

export class EventScanner {
  /** The position in `bytes` after the event that `scan` answered last. */
  end = 0;
  /** Names of the fields of that event that have no meaning for its type. */
  unknown: readonly string[] = NO_FIELDS;
  readonly #vocabulary: Vocabulary;
  // Two bounds of the vocabulary, copied: most events are judged by them alone, without reading the memory of their machine.
  readonly #quantityMaxOfAll: number;
  readonly #hasDecimals: boolean;
  readonly #machines: WordTable<Machine>;
  readonly #texts = new TextCache((text) => text);
  readonly #words: TextCache<Meanings>;
  /** The layouts that were learned, as a tree: the nodes with which an event may begin. */
  #layouts: LayoutNode[] = [];
  #layoutNodes = 0;
  readonly #marks: ValueMarks = new ValueMarks();
  readonly #instants: UsualInstants = new UsualInstants();
  /** How many events had no layout that was known. */
  #unknownLayouts = 0;
  #bytes: Uint8Array = NO_BYTES;
  /** The buffer of which `#bytes` is a part, its length in bytes, and the position in it at which that part begins. */
  #view: DataView = new DataView(NO_BYTES.buffer);
  #viewBytes = 0;
  #offset = 0;
  // What `#name`, `#string` or `#number` found besides the position that it returned.
  #field = OTHER;
  #ascii = true;
  /** Of a number: its digits as a whole number, with the sign, and how many of them come after the decimal point. */
  #digits = 0;
  #fraction = 0;
  #good: number | null = null;
  #scrap: number | null = null;
  #rework: number | null = null;
  #produced: number | null = null;
  /** How many digits of each quantity come after the decimal point: four bits a quantity, where `SHIFT_OF` says. */
  #fractions = 0;

  constructor(plant: Plant, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#quantityMaxOfAll = vocabulary.quantityMaxOfAll;
    this.#hasDecimals = vocabulary.hasDecimals;
    this.#machines = new WordTable(plant.machineById);
    this.#words = new TextCache((text) => vocabulary.meanings(normalizeStateName(text)));
  }

  /**
   * The event whose object begins at `start`; `null`: the careful path has to read it. `earliestMs` (2000 or later) and
   * `latestMs` are the first and the last instant allowed, in epoch milliseconds.
   */
  scan(bytes: Uint8Array, start: number, end: number, earliestMs: number, latestMs: number): PlantEvent | null {
    return (
      this.scanKnown(bytes, start, end, earliestMs, latestMs) ??
      this.#scanFields(bytes, start, end, earliestMs, latestMs)
    );
  }

  /** As `scan`, for an event whose layout was learned. Layouts have no line break, so an event that is found ends before its line does. */
  scanKnown(bytes: Uint8Array, start: number, end: number, earliestMs: number, latestMs: number): PlantEvent | null {
    if (start >= end || bytes.length < KNOWN_BYTES_MIN) return null;
    if (bytes !== this.#bytes) this.#turnTo(bytes);
    const view = this.#view;
    const offset = this.#offset;
    // The last position at which four bytes can be read.
    const last = this.#viewBytes - 4;
    let type = 0;
    let startup = false;
    let machine: Machine | null = null;
    let at = Number.NaN;
    let id: string | null = null;
    let word: Meanings | null = null;
    let reason: string | null = null;
    let product: string | null = null;
    let order: string | null = null;
    let hasTotal = false;
    let good: number | null = null;
    let scrap: number | null = null;
    let rework: number | null = null;
    let produced: number | null = null;
    let pieces: number | null = null;
    let fractions = 0;
    /** Whether a number is larger than one count of any machine may bring. */
    let large = false;

    let p = offset + start;
    let nodes = this.#layouts;
    for (;;) {
      let node: LayoutNode | null = null;
      for (let n = 0; n < nodes.length; n++) {
        const candidate = nodes[n] as LayoutNode;
        const { words } = candidate;
        const { length } = words;
        let q = p;
        if (q + 4 * length > last) continue;
        let w = 0;
        while (w < length && view.getInt32(q, true) === words[w]) {
          w++;
          q += 4;
        }
        if (w < length || (view.getInt32(q, true) & candidate.restMask) !== candidate.rest) continue;
        // Another producer may write a text or `null` where this layout has a number: a later candidate may have that.
        if (candidate.kind >= AT_NUMBER && !beginsNumber(view.getInt8(q + candidate.restLength))) continue;
        if (n > 0) {
          // A candidate that matches moves one place forward, so that frequent ones are tried first.
          nodes[n] = nodes[n - 1] as LayoutNode;
          nodes[n - 1] = candidate;
        }
        node = candidate;
        p = q + candidate.restLength;
        break;
      }
      if (node === null) return null;
      const { kind } = node;
      if (kind === END) {
        ({ type, startup } = node);
        this.unknown = node.unknown;
        break;
      }
      nodes = node.next;
      if (kind >= AT_NUMBER) {
        const negative = p <= last && view.getInt8(p) === MINUS;
        if (negative) p++;
        const first = p;
        let value = 0;
        for (; p <= last; p += 4) {
          const four = fourDigits(view.getInt32(p, true));
          if (four < 0) break;
          value = value * 10_000 + four;
        }
        for (; p <= last; p++) {
          const digit = view.getInt8(p) - 0x30;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        let digits = p - first;
        if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && view.getInt8(first) === 0x30)) return null;
        if (p <= last && view.getInt8(p) === POINT) {
          if (kind < GOOD_NUMBER || kind > PRODUCED_TOTAL) return null;
          const point = p++;
          for (; p <= last; p++) {
            const digit = view.getInt8(p) - 0x30;
            if (digit < 0 || digit > 9) break;
            value = value * 10 + digit;
          }
          const fraction = p - point - 1;
          digits += fraction;
          if (fraction === 0 || digits > DIGITS_MAX) return null;
          fractions |= fraction << (SHIFT_OF[kind] as number);
        }
        // Epoch milliseconds are larger than any quantity.
        if (kind !== AT_NUMBER && value > this.#quantityMaxOfAll) large = true;
        if (negative) {
          if (kind >= GOOD_TOTAL) return null;
          value = 0 - value;
        }
        switch (kind) {
          case AT_NUMBER:
            at = value;
            break;
          case GOOD_NUMBER:
            good = value;
            break;
          case SCRAP_NUMBER:
            scrap = value;
            break;
          case REWORK_NUMBER:
            rework = value;
            break;
          case PRODUCED_NUMBER:
            produced = value;
            break;
          case GOOD_TOTAL:
            hasTotal = true;
            good = value;
            break;
          case SCRAP_TOTAL:
            hasTotal = true;
            scrap = value;
            break;
          case REWORK_TOTAL:
            hasTotal = true;
            rework = value;
            break;
          case PRODUCED_TOTAL:
            hasTotal = true;
            produced = value;
            break;
          case PIECES_NUMBER:
            pieces = value;
            break;
          case STATE_NUMBER:
            word = this.#words.get(bytes, first - offset, p - offset, hashOf(bytes, first - offset, p - offset));
            break;
        }
        continue;
      }

      if (kind === AT_TEXT && p + USUAL_INSTANT_BYTES <= last && view.getInt8(p + USUAL_INSTANT_BYTES) === QUOTE) {
        at = this.#instants.read(view, p, bytes, p - offset);
        // Not NaN, which alone differs from itself and says that the text is written in another way.
        if (at === at) {
          p += USUAL_INSTANT_BYTES;
          continue;
        }
      }

      const from = p - offset;
      let hash = HASH_SEED;
      let all = 0;
      for (;;) {
        if (p > last) return null;
        const four = view.getInt32(p, true);
        const stops = stopsIn(four);
        if (stops === 0) {
          all |= four;
          hash = hashStep(hash, four);
          p += 4;
          continue;
        }
        // How many bits of the four bytes come before the byte that ends the text.
        const bits = 24 - Math.clz32(stops & -stops);
        if (((four >>> bits) & 0xff) !== QUOTE) return null;
        const rest = four & ((1 << bits) - 1);
        all |= rest;
        hash = hashStep(hash, rest);
        p += bits >> 3;
        break;
      }
      const to = p - offset;
      // A text has no more characters than bytes: with at most `TEXT_MAX` bytes it is short enough.
      if (to === from || to >= end || to - from > TEXT_MAX) return null;
      switch (kind) {
        case MACHINE_TEXT:
          machine = this.#machines.getAt(view, offset + from, to - from, hash) ?? null;
          if (machine === null) return null;
          break;
        case AT_TEXT:
          at = parseInstantBytes(bytes, from, to);
          break;
        case STATE_TEXT:
          word = this.#words.get(bytes, from, to, hash);
          break;
        case REASON_TEXT:
          reason = this.#texts.get(bytes, from, to, hash);
          if (reason === null) return null;
          break;
        case PRODUCT_TEXT:
          product = this.#texts.get(bytes, from, to, hash);
          if (product === null) return null;
          break;
        case ORDER_TEXT:
          order = this.#texts.get(bytes, from, to, hash);
          if (order === null) return null;
          break;
        case ID_TEXT:
          id = isAscii(all) ? decodeAscii(bytes, from, to) : decodeUtf8(bytes, from, to);
          if (id === null) return null;
          break;
      }
    }
    this.end = p - offset;
    // An instant that could not be read is NaN, which fails the comparison with `earliestMs`.
    if (this.end > end || machine === null || !(at >= earliestMs) || at >= INSTANT_LIMIT || at > latestMs) return null;
    switch (type) {
      case S: {
        const state = word === null ? undefined : this.#vocabulary.stateIn(word, machine);
        return state === undefined ? null : stateEvent(machine, at, id, state, reason);
      }
      case C:
        if (fractions !== 0 || produced !== null || this.#mayHaveDecimals(machine)) {
          this.#good = good;
          this.#scrap = scrap;
          this.#rework = rework;
          this.#produced = produced;
          return this.#quantified(machine, at, id, fractions, hasTotal, startup, product, order);
        }
        if (hasTotal) return totalEvent(machine, at, id, good, scrap, rework, null, startup, product, order);
        return large && this.#isTooMuch(machine, good, scrap, rework)
          ? null
          : countEvent(machine, at, id, good, scrap, rework, startup, product, order);
      case J:
        return product === null || pieces === 0 || (pieces ?? 1) > PIECES_MAX
          ? null
          : jobEvent(machine, at, id, product, order, null, pieces);
      default:
        return null;
    }
  }

  /** Converts the quantities that were read to smallest units (CN-5), and what was produced to scrap (CN-7); `false`: the careful path has to read the event. */
  #settle(fractions: number, decimals: number, hasTotal: boolean): boolean {
    this.#good = inUnits(this.#good, fractions, GOOD_NUMBER, decimals);
    this.#scrap = inUnits(this.#scrap, fractions, SCRAP_NUMBER, decimals);
    this.#rework = inUnits(this.#rework, fractions, REWORK_NUMBER, decimals);
    this.#produced = inUnits(this.#produced, fractions, PRODUCED_NUMBER, decimals);
    const produced = this.#produced;
    // A quantity that could not be converted is NaN, which alone differs from itself.
    if (this.#good !== this.#good || this.#scrap !== this.#scrap) return false;
    if (this.#rework !== this.#rework || produced !== produced) return false;
    if (produced === null) return true;
    if (this.#good === null || this.#scrap !== null) return false;
    if (hasTotal) return true;
    this.#scrap = produced - this.#good - (this.#rework ?? 0);
    return Number.isSafeInteger(this.#scrap);
  }

  /** The count or total event of the quantities that were read; `null`: the careful path has to read it. */
  #quantified(
    machine: Machine,
    at: number,
    id: string | null,
    fractions: number,
    hasTotal: boolean,
    startup: boolean,
    product: string | null,
    order: string | null,
  ): PlantEvent | null {
    const plain = fractions === 0 && this.#produced === null && !this.#mayHaveDecimals(machine);
    if (!plain && !this.#settle(fractions, machine.decimals, hasTotal)) return null;
    const good = this.#good;
    const scrap = this.#scrap;
    const rework = this.#rework;
    if (hasTotal) return totalEvent(machine, at, id, good, scrap, rework, this.#produced, startup, product, order);
    return this.#isTooMuch(machine, good, scrap, rework)
      ? null
      : countEvent(machine, at, id, good, scrap, rework, startup, product, order);
  }

  #mayHaveDecimals(machine: Machine): boolean {
    return this.#hasDecimals && machine.decimals > 0;
  }

  /** Whether a quantity is larger than one count of the machine may bring (`bounds.ts`), which the careful path refuses. */
  #isTooMuch(machine: Machine, good: number | null, scrap: number | null, rework: number | null): boolean {
    return (
      isBeyond(good, scrap, rework, this.#quantityMaxOfAll) &&
      isBeyond(good, scrap, rework, this.#vocabulary.quantityMax(machine))
    );
  }

  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#offset = bytes.byteOffset;
    const { buffer } = bytes;
    if (buffer === this.#view.buffer) return;
    this.#view = new DataView(buffer);
    this.#viewBytes = buffer.byteLength;
  }

  /** As `scan`, for an event of any layout, field by field; now and then the layout is learned. */
  #scanFields(bytes: Uint8Array, start: number, end: number, earliestMs: number, latestMs: number): PlantEvent | null {
    if (start >= end || bytes[start] !== OPEN) return null;
    const marks = this.#marks;
    marks.clear();
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
    let hasDelta = false;
    let pieces: number | null = null;
    this.#good = null;
    this.#scrap = null;
    this.#rework = null;
    this.#produced = null;
    this.#fractions = 0;

    let p = start + 1;
    for (;;) {
      p = this.#name(bytes, p, end);
      if (p < 0) return null;
      const field = this.#field;
      if (field !== OTHER && (seen & (1 << field)) !== 0) return null;
      seen |= 1 << field;

      const first = bytes[p] ?? 0;
      if (field === AT && first === QUOTE) {
        // 24 characters that end in Z and a quotation mark are the usual form, which has no escape: its end need not be searched.
        const usual = p + 25 < end && bytes[p + 24] === UTC && bytes[p + 25] === QUOTE;
        const to = usual ? p + 25 : this.#string(bytes, p + 1, end);
        if (to < 0) return null;
        at = parseInstantBytes(bytes, p + 1, to);
        marks.add(AT_TEXT, p + 1, to);
        p = to + 1;
      } else if (first === QUOTE) {
        const from = p + 1;
        const to = this.#string(bytes, from, end);
        if (to < 0 || ((to === from || to - from > TEXT_MAX) && field !== OTHER)) return null;
        switch (field) {
          case TYPE:
            type = bytes[from] ?? 0;
            if (!isType(bytes, from, to)) return null;
            break;
          case MACHINE:
            machine = this.#machines.get(bytes, from, to, hashOf(bytes, from, to)) ?? null;
            if (machine === null) return null;
            marks.add(MACHINE_TEXT, from, to);
            break;
          case STATE:
            word = this.#words.get(bytes, from, to, hashOf(bytes, from, to));
            if (word === null) return null;
            marks.add(STATE_TEXT, from, to);
            break;
          case REASON:
            reason = this.#texts.get(bytes, from, to, hashOf(bytes, from, to));
            if (reason === null) return null;
            marks.add(REASON_TEXT, from, to);
            break;
          case PRODUCT:
            product = this.#texts.get(bytes, from, to, hashOf(bytes, from, to));
            if (product === null) return null;
            marks.add(PRODUCT_TEXT, from, to);
            break;
          case ORDER:
            order = this.#texts.get(bytes, from, to, hashOf(bytes, from, to));
            if (order === null) return null;
            marks.add(ORDER_TEXT, from, to);
            break;
          case ID:
            id = this.#ascii ? decodeAscii(bytes, from, to) : decodeUtf8(bytes, from, to);
            if (id === null) return null;
            marks.add(ID_TEXT, from, to);
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
            if (this.#fraction > 0) return null;
            at = this.#digits;
            marks.add(AT_NUMBER, from, p);
            break;
          case GOOD:
          case SCRAP:
          case REWORK:
          case PRODUCED:
            // Deltas beside totals contradict each other, and would overwrite what the totals set.
            if (hasTotal) return null;
            hasDelta = true;
            marks.add(this.#setQuantity(field), from, p);
            break;
          case PIECES:
            if (this.#fraction > 0 || this.#digits < 1 || this.#digits > PIECES_MAX) return null;
            pieces = this.#digits;
            marks.add(PIECES_NUMBER, from, p);
            break;
          case STATE:
            if (first === MINUS || this.#fraction > 0) return null;
            word = this.#words.get(bytes, from, p, hashOf(bytes, from, p));
            marks.add(STATE_NUMBER, from, p);
            break;
          case OTHER:
            break;
          default:
            return null;
        }
      } else if (first === OPEN) {
        if (field !== TOTAL || hasDelta) return null;
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

    // An instant that could not be read is NaN, which fails the comparison with `earliestMs`.
    if (machine === null || !(at >= earliestMs) || at >= INSTANT_LIMIT || at > latestMs) return null;
    let event: PlantEvent | null = null;
    switch (type) {
      case S: {
        const state = word === null ? undefined : this.#vocabulary.stateIn(word, machine);
        if (state !== undefined) event = stateEvent(machine, at, id, state, reason);
        break;
      }
      case C:
        if (hasTotal !== hasDelta) {
          event = this.#quantified(machine, at, id, this.#fractions, hasTotal, startup, product, order);
        }
        break;
      case J:
        if (product !== null && (seen & (1 << IDEAL_CYCLE)) === 0) {
          event = jobEvent(machine, at, id, product, order, null, pieces);
        }
        break;
    }
    if (event === null) return null;
    this.unknown = (seen & ~(KNOWN_OF[type] ?? 0)) === 0 ? NO_FIELDS : unknownIn(bytes, start, p);
    if (this.#unknownLayouts++ % UNKNOWN_PER_LEARNED === 0) this.#learn(bytes, start, p, type, startup);
    return event;
  }

  #learn(bytes: Uint8Array, start: number, end: number, type: number, startup: boolean): void {
    if (this.#layoutNodes > LAYOUT_NODES_MAX) {
      this.#layouts = [];
      this.#layoutNodes = 0;
    }
    this.#layoutNodes += this.#marks.addTo(this.#layouts, bytes, start, end, type, startup, this.unknown);
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
    let all = 0;
    for (let p = start; p < end; p++) {
      const byte = bytes[p] ?? 0;
      if (STOPS[byte] !== 0) {
        if (byte !== QUOTE) return -1;
        this.#ascii = all < 0x80;
        return p;
      }
      all |= byte;
    }
    return -1;
  }

  /** Sets a quantity of the event to the number that `#number` read; answers the kind of its mark. */
  #setQuantity(field: number): number {
    const value = this.#digits;
    let kind: number;
    switch (field) {
      case GOOD:
        this.#good = value;
        kind = GOOD_NUMBER;
        break;
      case SCRAP:
        this.#scrap = value;
        kind = SCRAP_NUMBER;
        break;
      case REWORK:
        this.#rework = value;
        kind = REWORK_NUMBER;
        break;
      default:
        this.#produced = value;
        kind = PRODUCED_NUMBER;
    }
    this.#fractions |= this.#fraction << (SHIFT_OF[kind] as number);
    return kind;
  }

  /**
   * The position after the decimal number at `start`, whose parts it puts into `#digits` and `#fraction`; −1 where the number
   * has more than `DIGITS_MAX` digits, an exponent or a leading 0.
   */
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
    let digits = p - first;
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && bytes[first] === 0x30)) return -1;
    this.#fraction = 0;
    if (p < end && bytes[p] === POINT) {
      const point = p++;
      for (; p < end; p++) {
        const digit = (bytes[p] ?? 0) - 0x30;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      this.#fraction = p - point - 1;
      digits += this.#fraction;
      if (this.#fraction === 0 || digits > DIGITS_MAX) return -1;
    }
    // 0 − value rather than −value, which would be −0 for 0.
    this.#digits = negative ? 0 - value : value;
    return p;
  }

  /** The position after the object of totals at `start`; −1 where it has none, or anything else. */
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
      const from = p;
      p = this.#number(bytes, from, end);
      if (p < 0) return -1;
      if (field !== GOOD && field !== SCRAP && field !== REWORK && field !== PRODUCED) return -1;
      this.#marks.add(this.#setQuantity(field) + TOTAL_AFTER_NUMBER, from, p);
      p = skipWhitespace(bytes, p, end);
      if (p >= end) return -1;
      const next = bytes[p];
      p++;
      if (next === CLOSE) return p;
      if (next !== COMMA) return -1;
    }
  }
}

/** What is added to the kind of a quantity for the kind of its total. */
const TOTAL_AFTER_NUMBER = GOOD_TOTAL - GOOD_NUMBER;

/** By kind: the bit of `#fractions` at which the number of its decimal digits begins. */
const SHIFT_OF: readonly number[] = Array.from({ length: PRODUCED_TOTAL + 1 }, (_, kind) =>
  kind < GOOD_NUMBER ? 0 : 4 * ((kind - GOOD_NUMBER) % TOTAL_AFTER_NUMBER),
);

/** A quantity in smallest units (CN-5); NaN: it is larger than a double holds exactly, or has decimal digits on a machine without decimals. */
function inUnits(digits: number | null, fractions: number, kind: number, decimals: number): number | null {
  if (digits === null) return null;
  return smallestUnitsOfDigits(digits, (fractions >> (SHIFT_OF[kind] as number)) & 15, decimals);
}

const S = 0x73;
const C = 0x63;
const J = 0x6a;

const EACH = (1 << TYPE) | (1 << MACHINE) | (1 << AT) | (1 << ID);
/** By the first letter of the type: the fields that have a meaning for it, a bit each. */
const KNOWN_OF: Readonly<Record<number, number>> = {
  [S]: EACH | (1 << STATE) | (1 << REASON),
  [C]:
    EACH |
    (1 << GOOD) |
    (1 << SCRAP) |
    (1 << REWORK) |
    (1 << PRODUCED) |
    (1 << STARTUP) |
    (1 << TOTAL) |
    (1 << PRODUCT) |
    (1 << ORDER),
  [J]: EACH | (1 << PRODUCT) | (1 << ORDER) | (1 << IDEAL_CYCLE) | (1 << PIECES),
};

function unknownIn(bytes: Uint8Array, start: number, end: number): readonly string[] {
  return unknownFieldsOf(JSON.parse(decodeUtf8(bytes, start, end) ?? "{}") as object);
}

const NULL = ascii("null");
const TRUE = ascii("true");
const FALSE = ascii("false");
const STATE_TYPE = ascii("state");
const COUNT_TYPE = ascii("count");
const JOB_TYPE = ascii("job");

function isBeyond(good: number | null, scrap: number | null, rework: number | null, max: number): boolean {
  return (
    (good !== null && (good > max || good < -max)) ||
    (scrap !== null && (scrap > max || scrap < -max)) ||
    (rework !== null && (rework > max || rework < -max))
  );
}

function beginsNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === MINUS;
}

/** Whether the text is `state`, `count` or `job`; these differ by their first letter. */
function isType(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start] === S ? STATE_TYPE : bytes[start] === C ? COUNT_TYPE : JOB_TYPE;
  return bytesEqual(type, bytes, start, end);
}

interface Field {
  readonly field: number;
  /** In ASCII, with the quotation mark that ends it. */
  readonly name: Uint8Array;
}

/** The known fields by their first letter; of one letter the more frequent first. */
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
  ["produced", PRODUCED],
  ["piecesPerCount", PIECES],
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

/** By byte: 1 where it ends the plain part of a string, as a quotation mark, a backslash or a control character does. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x20 || byte === QUOTE || byte === 0x5c ? 1 : 0));

function matches(bytes: Uint8Array, position: number, end: number, literal: Uint8Array): boolean {
  if (position + literal.length > end) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[position + i] !== literal[i]) return false;
  return true;
}
