/**
 * Reads texts that are in the plain part of YAML, in which most plant files are written, some twenty times as fast as the parser
 * of all YAML: mappings and lists by indentation, `{…}` and `[…]`, plain words, numbers and quoted texts of one line, comments
 * between lines and at their ends. Of any other text, and of one with a mistake, it says nothing: the parser reads it, and says
 * what is wrong. What it reads is what the parser would have read, places included (`plain-yaml.test.ts`).
 */
import type { Place } from "./problem.ts";
import { DEPTH_MAX, type Entry, extent, joinPath, type Mapping, scalar, type Scalar, type Value } from "./value.ts";

/** The tree of a text; `null`: the text has something that is not plain. */
export function readPlain(text: string): Value | null {
  try {
    return new PlainReader(text).read();
  } catch (error) {
    if (error === NOT_PLAIN) return null;
    throw error;
  }
}

const NOT_PLAIN = new Error("the text is not plain");

/** Letters of most alphabets; none that YAML or its parser takes for space, for a sign of its own, or for the end of a line. */
const LETTER = "A-Za-z\\u00c0-\\u1fff\\u3040-\\ud7ff";
/** The text of a key is the group that matched. */
const KEY = new RegExp(
  `(?:"([^"\\\\\\r\\n\\t\\0]{0,200})"|'([^'\\r\\n\\t\\0]{0,200})'|([${LETTER}0-9_](?:[${LETTER}0-9_./()+-]| (?=[${LETTER}0-9_./()+-])){0,200}))(?=:[ \\r\\n])`,
  "y",
);
/** A colon or a `#` within a word is part of it only where no space is beside it; the parser may tell where they are. */
const BLOCK_WORD = new RegExp(
  `[${LETTER}0-9_/(](?:[${LETTER}0-9_./()+%&*'"=<>;!?@,{}[\\]~^|\`$-]| (?=[^ #\\r\\n])|:(?=[${LETTER}0-9_]))*`,
  "y",
);
const FLOW_WORD = new RegExp(
  `[${LETTER}0-9_/(](?:[${LETTER}0-9_./()+%&*'"=<>;!?@~^|\`$-]| (?=[${LETTER}0-9_./()+-])|:(?=[${LETTER}0-9_]))*`,
  "y",
);
const DOUBLE_QUOTED = /"([^"\\\r\n\t\0]*)"/y;
const SINGLE_QUOTED = /'([^'\r\n\t\0]*)'/y;
/** The rest of a line, and lines without content. */
const TO_CONTENT = /(?: *| +#[^\r\n\0]*)(?:\r?\n|$)(?: *(?:#[^\r\n\0]*)?\r?\n)*(?: *#[^\r\n\0]*$)?/y;
const WITHOUT_CONTENT = /(?: *(?:#[^\r\n\0]*)?\r?\n)*/y;
const SPACES = / */y;
const FLOW_SPACE = / *(?:\r?\n *)*/y;
const SIMPLE_NUMBER = /^(?:0|[1-9]\d{0,14}|\d{1,15}\.\d{1,15})$/;
/** What YAML may read as a number or a word of its own, and what would be one in another dialect. */
const MAY_BE_OTHER = /^(?:[\d.]+(?:e[-+]?\d*)?|0[ox][\da-f]*|null|true|false)$/i;

class PlainReader {
  readonly #text: string;
  #at = 0;
  /** Of the line whose content is at `#at`; -1: the text is at its end. */
  #indent = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    this.#take(WITHOUT_CONTENT);
    const root = this.#mapping(0, "", 1);
    if (this.#indent !== -1) throw NOT_PLAIN;
    return root;
  }

  #take(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw NOT_PLAIN;
    this.#at = pattern.lastIndex;
    return found;
  }

  #next(sign: string): boolean {
    return this.#text.startsWith(sign, this.#at);
  }

  #isKey(): boolean {
    KEY.lastIndex = this.#at;
    return KEY.test(this.#text);
  }

  /** Past a key and its colon. */
  #key(): string {
    const [, double, single, word = ""] = this.#take(KEY);
    this.#at++;
    return double ?? single ?? word;
  }

  /** Past the rest of the line, to the first content after it. */
  #toContent(): void {
    this.#take(TO_CONTENT);
    this.#indent = this.#at === this.#text.length ? -1 : this.#take(SPACES)[0].length;
    if (this.#at === this.#text.length) this.#indent = -1;
  }

  #mapping(indent: number, path: string, level: number): Mapping {
    if (level > DEPTH_MAX) throw NOT_PLAIN;
    const place: Place = { path, offset: this.#at };
    const entries = new Map<string, Entry>();
    do {
      const offset = this.#at;
      const key = this.#key();
      const keyPath = joinPath(path, key);
      this.#add(entries, { key, keyPlace: { path: keyPath, offset }, value: this.#below(indent, keyPath, level + 1) });
    } while (this.#indent === indent);
    if (this.#indent > indent) throw NOT_PLAIN;
    return mapping(place, entries);
  }

  #add(entries: Map<string, Entry>, entry: Entry): void {
    if (entries.has(entry.key)) throw NOT_PLAIN;
    entries.set(entry.key, entry);
  }

  /** The value after a key and its colon, up to the next line's content. */
  #below(indent: number, path: string, level: number): Value {
    const { [0]: spaces } = this.#take(SPACES);
    if (!/[\r\n#]/.test(this.#text[this.#at] ?? "\n")) return this.#inLine(indent, path, level);
    this.#at -= spaces.length;
    this.#toContent();
    if (this.#next("- ") && this.#indent >= indent) return this.#list(this.#indent, path, level);
    // A key without a value.
    if (this.#indent <= indent) throw NOT_PLAIN;
    return this.#isKey() ? this.#mapping(this.#indent, path, level) : this.#inLine(indent, path, level);
  }

  #list(indent: number, path: string, level: number): Value {
    if (level > DEPTH_MAX) throw NOT_PLAIN;
    const place: Place = { path, offset: this.#at };
    const items: Value[] = [];
    do {
      const begin = this.#at++;
      this.#take(SPACES);
      const item = `${path}[${items.length}]`;
      const within = indent + this.#at - begin;
      items.push(this.#isKey() ? this.#mapping(within, item, level + 1) : this.#inLine(indent, item, level + 1));
    } while (this.#indent === indent && this.#next("- "));
    if (this.#indent > indent) throw NOT_PLAIN;
    return { ...place, kind: "list", items, ...extent(items) };
  }

  /** A value that begins in this line, and ends it; lines that it takes besides are further in than `indent`. */
  #inLine(indent: number, path: string, level: number): Value {
    const value = this.#flow(BLOCK_WORD, indent, path, level);
    this.#toContent();
    // More lines of the same text.
    if (this.#indent > indent) throw NOT_PLAIN;
    return value;
  }

  #flow(word: RegExp, indent: number, path: string, level: number): Value {
    const place: Place = { path, offset: this.#at };
    if (this.#next('"')) return quoted(place, this.#take(DOUBLE_QUOTED));
    if (this.#next("'")) return quoted(place, this.#take(SINGLE_QUOTED));
    if (this.#next("{")) return this.#flowMapping(place, indent, level);
    if (this.#next("[")) return this.#flowList(place, indent, level);
    return fromWord(place, this.#take(word)[0]);
  }

  #flowMapping(place: Place, indent: number, level: number): Mapping {
    const entries = new Map<string, Entry>();
    this.#members("}", indent, level, () => {
      const offset = this.#at;
      const key = this.#key();
      if (this.#take(SPACES)[0] === "") throw NOT_PLAIN;
      const path = joinPath(place.path, key);
      const value = this.#flow(FLOW_WORD, indent, path, level + 1);
      this.#add(entries, { key, keyPlace: { path, offset }, value });
    });
    return mapping(place, entries);
  }

  #flowList(place: Place, indent: number, level: number): Value {
    const items: Value[] = [];
    this.#members("]", indent, level, () => {
      items.push(this.#flow(FLOW_WORD, indent, `${place.path}[${items.length}]`, level + 1));
    });
    return { ...place, kind: "list", items, ...extent(items) };
  }

  /** Members and commas between brackets. */
  #members(end: string, indent: number, level: number, member: () => void): void {
    if (level > DEPTH_MAX) throw NOT_PLAIN;
    this.#at++;
    this.#flowSpace(indent);
    while (!this.#next(end)) {
      member();
      this.#flowSpace(indent);
      if (this.#next(end)) break;
      if (!this.#next(",")) throw NOT_PLAIN;
      this.#at++;
      this.#flowSpace(indent);
    }
    this.#at++;
  }

  #flowSpace(indent: number): void {
    const [space] = this.#take(FLOW_SPACE);
    const line = space.lastIndexOf("\n");
    if (line >= 0 && space.length - line - 1 <= indent) throw NOT_PLAIN;
  }
}

function mapping(place: Place, entries: ReadonlyMap<string, Entry>): Mapping {
  return { kind: "mapping", ...place, entries, ...extent([...entries.values()].map(({ value }) => value)) };
}

function quoted(place: Place, [, text = ""]: RegExpExecArray): Scalar {
  return scalar(place, text, text);
}

function fromWord(place: Place, word: string): Scalar {
  if (SIMPLE_NUMBER.test(word)) return scalar(place, Number(word), word);
  if (word === "null") return scalar(place, null, word);
  if (word === "true" || word === "false") return scalar(place, word === "true", word);
  if (MAY_BE_OTHER.test(word)) throw NOT_PLAIN;
  return scalar(place, word, word);
}
