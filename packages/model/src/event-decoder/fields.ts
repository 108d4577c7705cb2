/**
 * Reads the fields of one parsed event and checks the kind of each; a field that is missing is one that is `null`. Only the
 * first problem is kept, and reading goes on after it: a reader takes all its fields and asks once, at the end, whether the
 * event is refused.
 */
import { smallestUnitsOf } from "../decimal.ts";
import { TEXT_MAX } from "./bounds.ts";
import { parseInstant } from "../instant.ts";
import { decodeAscii } from "./utf8.ts";
import { memberStarts, skipValue } from "./json-span.ts";
import { shown } from "./refusal.ts";
import { wholeNumberOf } from "./whole-number.ts";

/** 2000-01-01 and 2100-01-01 UTC: instants outside are refused (DI-2). */
export const INSTANT_MIN = 946_684_800_000;
export const INSTANT_LIMIT = 4_102_444_800_000;

/** The bytes an object was parsed from, wanted where a number has more digits than a double holds. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object, and neither `null` nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export class Fields {
  problem: string | null = null;
  readonly #record: JsonObject;
  readonly #source: Source | null;
  readonly #prefix: string;
  #starts: ReadonlyMap<string, number> | null = null;

  constructor(record: JsonObject, source: Source | null, prefix = "") {
    this.#record = record;
    this.#source = source;
    this.#prefix = prefix;
  }

  /** Notes a problem with a field, or with the whole event when no field is to blame. */
  refuse(name: string | null, problem: string): null {
    this.problem ??= name === null ? problem : `${this.#prefix}${name}: ${problem}`;
    return null;
  }

  has(name: string): boolean {
    return this.#value(name) !== null;
  }

  text(name: string, charactersMax: number = TEXT_MAX): string | null {
    const value = this.#value(name);
    if (value === null) return null;
    if (typeof value === "string" && value.length > charactersMax) {
      return this.#unexpected(name, `a text of at most ${charactersMax} characters`, value);
    }
    if (typeof value === "string" && value !== "") return wellFormed(value);
    return this.#unexpected(name, "a text that is not empty", value);
  }

  /** A machine's word for a state: a text, or a number, which counts as its text (TL-5). */
  word(name: string): string | null {
    const value = this.#value(name);
    return typeof value === "number" || typeof value === "bigint" ? String(value) : this.text(name);
  }

  flag(name: string): boolean | null {
    const value = this.#value(name);
    if (value === null || typeof value === "boolean") return value;
    return this.#unexpected(name, "true or false", value);
  }

  whole(name: string): number | null {
    const value = this.#value(name);
    if (value === null) return null;
    return this.#wholeOf(name, value) ?? this.#unexpected(name, "a whole number below 2^53", value);
  }

  /** A quantity in the smallest units of a machine with these decimals (CN-5). */
  quantity(name: string, decimals: number): number | null {
    if (decimals === 0) return this.whole(name);
    const value = this.#value(name);
    if (value === null) return null;
    const isNumber = typeof value === "number" || typeof value === "bigint";
    const units = isNumber ? smallestUnitsOf(this.#sourceText(name) ?? String(value), decimals) : null;
    return units ?? this.#unexpected(name, `a number below 2^53 / 10^${decimals}`, value);
  }

  instant(name: string): number | null {
    const value = this.#value(name);
    if (value === null) return null;
    const instant = this.#instantOf(name, value);
    if (instant === null) {
      const expected = "an RFC 3339 text (2026-03-02T05:00:00Z) or whole epoch milliseconds";
      return this.refuse(name, `expected ${expected}, found ${shown(value)}${instantHint(value)}`);
    }
    if (instant < INSTANT_MIN || instant >= INSTANT_LIMIT) {
      return this.#unexpected(name, "an instant from 2000 to 2099", value);
    }
    return instant;
  }

  /** The text of a number as it was written, as far as that is known. */
  decimal(name: string): string | null {
    const value = this.#value(name);
    if (value === null) return null;
    if (typeof value === "number" || typeof value === "bigint") return this.#sourceText(name) ?? String(value);
    return this.#unexpected(name, "a number", value);
  }

  /** The fields of an object that this one holds. */
  nested(name: string): Fields | null {
    const value = this.#value(name);
    if (value === null) return null;
    if (!isJsonObject(value)) return this.#unexpected(name, "an object", value);
    const start = this.#start(name);
    const source = this.#source === null || start === undefined ? null : { ...this.#source, start };
    return new Fields(value, source, `${name}.`);
  }

  /** Takes over the problem of fields that `nested` gave. */
  adopt(nested: Fields): void {
    this.problem ??= nested.problem;
  }

  missing(name: string, kind: string): null {
    return this.refuse(name, `expected ${kind}, found nothing`);
  }

  #value(name: string): unknown {
    return this.#record[name] ?? null;
  }

  #unexpected(name: string, expected: string, value: unknown): null {
    return this.refuse(name, `expected ${expected}, found ${shown(value)}`);
  }

  #wholeOf(name: string, value: unknown): number | null {
    if (typeof value === "bigint") return wholeNumberOf(String(value));
    if (typeof value !== "number") return null;
    const text = this.#sourceText(name);
    if (text !== null) return wholeNumberOf(text);
    // Adding 0 makes −0 the 0 that it is.
    return Number.isSafeInteger(value) ? value + 0 : null;
  }

  #instantOf(name: string, value: unknown): number | null {
    if (typeof value === "string") return parseInstant(value);
    // What columns of timestamps give.
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.getTime();
    return this.#wholeOf(name, value);
  }

  #sourceText(name: string): string | null {
    const start = this.#start(name);
    if (this.#source === null || start === undefined) return null;
    const { bytes, end } = this.#source;
    return decodeAscii(bytes, start, skipValue(bytes, start, end));
  }

  #start(name: string): number | undefined {
    if (this.#source === null) return undefined;
    this.#starts ??= memberStarts(this.#source.bytes, this.#source.start, this.#source.end);
    return this.#starts.get(name);
  }
}

/** What is missing in the ways of writing an instant that databases and spreadsheets have. */
function instantHint(value: unknown): string {
  if (typeof value !== "string") return "";
  if (/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$/.test(value)) {
    return ": an offset such as Z or +01:00 is missing";
  }
  if (
    /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}/.test(value) ||
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*[+-]\d{2}(\d{2})?$/.test(value)
  ) {
    return ": write a T between date and time, and an offset such as Z or +01:00 (DuckDB and PostgreSQL: epoch_ms(at), or extract(epoch from at) * 1000 as a whole number)";
  }
  return "";
}

/** Half a character, which only an escape can write, becomes what it would become in the store: U+FFFD. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
