/**
 * Signals picked out of documents, which are JSON or rows of a table: `value` and `at` for one observation, or `values` for
 * several of one document, as a stop that has a start and an end. `when` says which documents speak of the signal.
 */
import { fieldsOf, optional, textOf, unexpected, type Value } from "@oee/model/settings-file";
import type { Observation, SettingsContext, Signal, Stamped } from "../port.ts";
import { EXPRESSION, Picker } from "./picker.ts";

const LOCAL_INSTANT = "an instant (RFC 3339, ms since 1970, or a local time of timezone and dates)";

export interface PickedAddress {
  readonly when: Picker | null;
  readonly value: Picker | null;
  readonly at: Picker | null;
  /** A list of `{ value, at }`. */
  readonly values: Picker | null;
}

/** Reads an address; `null` where a problem was said. */
export function pickedAddressIn(value: Value, { problems }: SettingsContext): PickedAddress | null {
  const pickerIn = (text: Value): Picker | null => {
    const source = textOf(text, "a JSONata expression", problems);
    return source === null ? null : (Picker.of(source) ?? unexpected(text, EXPRESSION, problems));
  };
  if (value.kind === "scalar") {
    const picker = pickerIn(value);
    return picker === null ? null : { when: null, value: picker, at: null, values: null };
  }
  const fields = fieldsOf(value, ["when", "value", "at", "values"], [], problems);
  const given = [fields.value, fields.values].filter((field) => field !== undefined);
  if (given.length !== 1 || (fields.values !== undefined && fields.at !== undefined)) {
    return unexpected(value, "value, with at if wished, or values", problems);
  }
  return {
    when: optional(fields.when, pickerIn),
    value: optional(fields.value, pickerIn),
    at: optional(fields.at, pickerIn),
    values: optional(fields.values, pickerIn),
  };
}

export interface PickOptions {
  /** The instant that a document's value means (epoch ms); `null`: it is none. */
  readonly instantOf: (found: unknown) => number | null;
  /** The instant where `at` is not given (epoch ms). */
  readonly otherwise: number;
  /** Tells observations of one document from those of another that says the same. */
  readonly key?: string;
  /** Texts of numbers are written as `1.234,5`. */
  readonly decimalComma?: boolean;
}

export interface Picked {
  readonly observations: readonly Observation[];
  readonly refused: readonly string[];
}

/** What a document says of signals. */
export async function pick(
  signals: readonly Signal<PickedAddress>[],
  document: unknown,
  options: PickOptions,
): Promise<Picked> {
  const observations: Observation[] = [];
  const refused: string[] = [];
  for (const signal of signals) {
    try {
      const { when } = signal.address;
      if (when !== null && !isTrue(await when.valueIn(document))) continue;
      for (const { value, at } of await pairsIn(signal.address, document)) {
        if (value === undefined) continue;
        const observation = observationOf(signal, value, at, options);
        if (typeof observation === "string") refused.push(`${signal.signal}: ${observation}`);
        else observations.push(observation);
      }
    } catch (error) {
      refused.push(`${signal.signal}: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
    }
  }
  return { observations, refused };
}

interface Pair {
  readonly value: unknown;
  /** `undefined`: it is not asked for. */
  readonly at: unknown;
}

async function pairsIn({ value, at, values }: PickedAddress, document: unknown): Promise<readonly Pair[]> {
  if (values === null) {
    const found = value === null ? undefined : await value.valueIn(document);
    return [{ value: found, at: at === null ? undefined : ((await at.valueIn(document)) ?? null) }];
  }
  const found = await values.valueIn(document);
  const list: readonly unknown[] = Array.isArray(found) ? found : found === undefined ? [] : [found];
  return list.map((item) => {
    const pair = item as Partial<Pair> | null;
    return { value: pair?.value, at: pair?.at ?? null };
  });
}

function observationOf(
  { machine, signal, isNumber, counts }: Signal<PickedAddress>,
  found: unknown,
  at: unknown,
  { instantOf, otherwise, key, decimalComma = false }: PickOptions,
): Observation | string {
  if (!isValue(found)) {
    return `expected a text, a number or a truth, found ${JSON.stringify(found).slice(0, 80)}`;
  }
  const value = isNumber && decimalComma ? withPoint(found) : found;
  if (counts !== null && value !== null && !isNumeric(value)) {
    return `expected a number, found ${JSON.stringify(value)}`;
  }
  const instant = at === undefined ? null : instantOf(at);
  if (at !== undefined && instant === null) return `expected ${LOCAL_INSTANT}, found ${JSON.stringify(at)}`;
  const stamped: Stamped = instant === null ? "arrival" : "source";
  return {
    machine,
    signal,
    value,
    quality: value === null ? "bad" : "good",
    at: instant ?? otherwise,
    stamped,
    age: "live",
    ...(key === undefined ? {} : { key }),
  };
}

function isTrue(value: unknown): boolean {
  return value === true;
}

/** Whether a signal can have it as its value. */
export function isValue(found: unknown): found is Observation["value"] {
  return found === null || ["string", "number", "boolean"].includes(typeof found);
}

/** `1.234,5` as `1234.5`. */
function withPoint(value: Observation["value"]): Observation["value"] {
  return typeof value === "string" ? value.replaceAll(/[.\s](?=\d{3}(?:\D|$))/g, "").replace(",", ".") : value;
}

function isNumeric(value: Exclude<Observation["value"], null>): boolean {
  return (
    typeof value === "number" || (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
  );
}
