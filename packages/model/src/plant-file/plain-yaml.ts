/**
 * Reads the plain part of YAML, in which most plant files are written: mappings, lists, words, numbers, quoted texts of one line
 * without escapes, comments. It uses the events of js-yaml, which take a sixth of the time of the full parser (`yaml`), the one that
 * says what is wrong with a text. Any other text, and one with a mistake, is left to the full parser. What is read here is what the
 * full parser would have read, places included (`plain-yaml.test.ts`).
 */
import { type Event, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { Place } from "./problem.ts";
import { DEPTH_MAX, type Entry, extent, joinPath, type Mapping, scalar, type Scalar, type Value } from "./value.ts";

/** Signs that one of the parsers takes for space, for the end of a line or for nothing, and the other does not. */
// oxlint-disable-next-line no-control-regex
const DIFFERS = /\r(?!\n)|[\0-\x08\t\x0b\f\x0e-\x1f\x7f-\xa0\u2028\u2029\ufeff]/;

/** The tree of a text; `null`: the text has something that is not plain. */
export function readPlain(text: string): Value | null {
  if (DIFFERS.test(text)) return null;
  let events: readonly Event[];
  try {
    events = parseEvents(text, { maxDepth: DEPTH_MAX });
  } catch {
    return null;
  }
  return new PlainReader(text, events).read();
}

/** What is read as a number here. */
const SIMPLE_NUMBER = /^(?:0|[1-9]\d{0,14}|\d{1,15}\.\d{1,15})$/;
/** What YAML may read as a number or a word of its own, and what would be one in another dialect. */
const MAY_BE_OTHER = /^(?:[-+]?[\d.]+(?:e[-+]?\d*)?|[-+]?\.inf|\.nan|0[ox][\da-f]*|~|null|true|false)$/i;

class PlainReader {
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;
  #plain = true;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  read(): Value | null {
    const document = this.#events[this.#next++];
    if (document?.type !== EVENT_ID.DOCUMENT || document.directives.length > 0) return null;
    const root = this.#value("");
    // The end of the document is the end of all.
    const whole = this.#plain && this.#next === this.#events.length - 1;
    return whole && root.kind === "mapping" ? root : null;
  }

  #value(path: string): Value {
    const event = this.#events[this.#next++];
    if (event?.type === EVENT_ID.SCALAR) return this.#scalar(event, path);
    if (event?.type !== EVENT_ID.MAPPING && event?.type !== EVENT_ID.SEQUENCE) return this.#notPlain(path);
    if (event.anchorStart >= 0 || event.tagStart >= 0) return this.#notPlain(path);
    const place: Place = { path, offset: event.start };
    return event.type === EVENT_ID.MAPPING ? this.#mapping(place) : this.#list(place);
  }

  #notPlain(path: string): Scalar {
    this.#plain = false;
    return scalar({ path, offset: 0 }, null, "");
  }

  #ends(): boolean {
    if (!this.#plain) return true;
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false;
    this.#next++;
    return true;
  }

  #mapping(place: Place): Mapping {
    const entries = new Map<string, Entry>();
    while (!this.#ends()) {
      const { source: key, offset } = this.#key();
      const path = joinPath(place.path, key);
      if (entries.has(key)) this.#plain = false;
      entries.set(key, { key, keyPlace: { path, offset }, value: this.#value(path) });
    }
    return { kind: "mapping", ...place, entries, ...extent([...entries.values()].map(({ value }) => value)) };
  }

  #key(): Scalar {
    const event = this.#events[this.#next++];
    return event?.type === EVENT_ID.SCALAR ? this.#scalar(event, "") : this.#notPlain("");
  }

  #list(place: Place): Value {
    const items: Value[] = [];
    while (!this.#ends()) items.push(this.#value(`${place.path}[${items.length}]`));
    return { ...place, kind: "list", items, ...extent(items) };
  }

  #scalar(event: ScalarEvent, path: string): Scalar {
    const { valueStart, valueEnd, fast, style, anchorStart, tagStart } = event;
    const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
    if (valueStart < 0 || isBlock || anchorStart >= 0 || tagStart >= 0) return this.#notPlain(path);
    const word = fast ? this.#text.slice(valueStart, valueEnd) : getScalarValue(this.#text, event);
    // Of several lines, or with escapes, it would not stand there as it is.
    if (!fast && !this.#text.startsWith(word, valueStart)) return this.#notPlain(path);
    if (style !== SCALAR_STYLE.PLAIN) return scalar({ path, offset: valueStart - 1 }, word, word);
    const place: Place = { path, offset: valueStart };
    if (SIMPLE_NUMBER.test(word)) return scalar(place, Number(word), word);
    if (word === "null") return scalar(place, null, word);
    if (word === "true" || word === "false") return scalar(place, word === "true", word);
    return MAY_BE_OTHER.test(word) ? this.#notPlain(path) : scalar(place, word, word);
  }
}
