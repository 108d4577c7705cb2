/**
 * Reads the fields of one entry as JSON has them. The first field that is wrong is refused, with what was found and what was
 * expected. A field that is `null` counts as absent, as in events.
 */
import { Amount } from "@oee/answers";
import { isJsonObject, type JsonObject, parseInstant } from "@oee/model";
import { DATES_END, type Day, dayOf, EARLIEST_DAY } from "./dates.ts";

export type Fields = JsonObject;

/** An entry is `invalid` (RE-2); thrown and caught in this package alone. */
export class InvalidEntry extends Error {}

/** A decimal of at most 16 characters, of which a double keeps every digit. */
const AMOUNT = /^(?=[\d.]{1,16}$)\d+(?:\.\d+)?$/;

const A_DATE = "a date such as 2026-03-02, from 2000 to 2100";

export class EntryFields {
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  get(name: string): unknown {
    return this.#fields[name] ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  text(name: string): string {
    return this.#required(name, this.optionalText(name), "a text that is not empty");
  }

  optionalText(name: string): string | null {
    const found = this.get(name);
    if (found === null) return null;
    return typeof found === "string" && found !== "" ? found : this.refuse(name, "a text that is not empty");
  }

  date(name: string): Day {
    return this.#required(name, this.optionalDate(name), A_DATE);
  }

  optionalDate(name: string): Day | null {
    const found = this.get(name);
    if (found === null) return null;
    const day = typeof found === "string" ? dayOf(found) : null;
    return day !== null && day >= EARLIEST_DAY && day < DATES_END ? day : this.refuse(name, A_DATE);
  }

  /** Epoch ms. */
  optionalInstant(name: string): number | null {
    const found = this.get(name);
    if (found === null) return null;
    if (typeof found === "number" && Number.isInteger(found)) return found;
    const instant = typeof found === "string" ? parseInstant(found) : null;
    return instant ?? this.refuse(name, "an instant such as 2026-03-02T08:00:00Z");
  }

  whole(name: string, otherwise: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const found = this.get(name);
    if (found === null) return otherwise;
    const fits = typeof found === "number" && Number.isSafeInteger(found) && found >= least && found <= most;
    const upTo = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`;
    return fits ? found : this.refuse(name, `a whole number from ${least} ${upTo}`);
  }

  /** An amount of money (CS-5), from a number or a decimal text; 0 where it is missing. */
  amount(name: string): Amount {
    const found = this.get(name);
    if (found === null) return Amount.ZERO;
    const value = typeof found === "string" && AMOUNT.test(found) ? Number(found) : found;
    return typeof value === "number" && Number.isFinite(value) && value >= 0
      ? Amount.of(value)
      : this.refuse(name, 'a number from 0 on, or one as text such as "1234.50"');
  }

  share(name: string, otherwise: number): number {
    const found = this.get(name);
    if (found === null) return otherwise;
    return typeof found === "number" && found >= 0 && found <= 1 ? found : this.refuse(name, "a share from 0 to 1");
  }

  flag(name: string, otherwise: boolean): boolean {
    const found = this.get(name);
    if (found === null) return otherwise;
    return typeof found === "boolean" ? found : this.refuse(name, "true or false");
  }

  oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const found = this.get(name);
    if (found === null) return otherwise;
    return choices.find((choice) => choice === found) ?? this.refuse(name, choices.join(" or "));
  }

  texts(name: string, least: number): readonly string[] {
    const found = this.get(name) ?? [];
    const fits =
      Array.isArray(found) && found.length >= least && found.every((item) => typeof item === "string" && item !== "");
    return fits ? (found as string[]) : this.refuse(name, `a list of ${least === 0 ? "" : "at least one of "}texts`);
  }

  object(name: string): Fields | null {
    const found = this.get(name);
    if (found === null) return null;
    return isJsonObject(found) ? found : this.refuse(name, "an object");
  }

  refuse(name: string, expected: string): never {
    throw new InvalidEntry(`${name}: expected ${expected}, found ${shown(this.get(name))}`);
  }

  #required<T>(name: string, value: T | null, expected: string): T {
    return value ?? this.refuse(name, expected);
  }
}

const SHOWN_MAX = 80;

function shown(value: unknown): string {
  if (value === null) return "nothing";
  const text = JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
