/**
 * Readers of single values of a plant file. Each returns the value that the plant needs, or adds a problem (what was found,
 * what was expected, where) and returns `null`. Since a plant with a problem is never handed out, callers may put any value
 * in place of that `null`.
 */
import { durationMsOf } from "../duration.ts";
import { IDEAL_TIME_US_MAX } from "../event-decoder/bounds.ts";
import { microsecondsOf } from "../microseconds.ts";
import { type Entry, type Mapping, quote, type Value } from "./value.ts";
import { nearest } from "./nearest.ts";
import type { Problems } from "./problem.ts";

/** Says that a value is not what it should be; `null`, so that readers can return it. */
export function unexpected(value: Value, expected: string, problems: Problems): null {
  problems.add(value, describe(value), expected);
  return null;
}

function describe(value: Value): string {
  if (value.kind !== "scalar") return `a ${value.kind}`;
  if (value.value === null) return "nothing";
  if (typeof value.value === "string") return `the text ${quote(value.value)}`;
  return typeof value.value === "number" ? `the number ${value.source}` : String(value.value);
}

function mappingOf(value: Value, expected: string, problems: Problems): Mapping | null {
  return value.kind === "mapping" ? value : unexpected(value, expected, problems);
}

export function itemsOf(value: Value, expected: string, problems: Problems): readonly Value[] {
  return value.kind === "list" ? value.items : (unexpected(value, expected, problems) ?? []);
}

/** The values of a mapping whose keys the format knows. Unknown keys and missing ones are problems. */
export type Fields<Key extends string> = Partial<Readonly<Record<Key, Value>>>;

export function fieldsOf<Key extends string>(
  value: Value,
  keys: readonly Key[],
  required: readonly Key[],
  problems: Problems,
): Fields<Key> {
  const mapping = mappingOf(value, `a mapping with ${listed(keys)}`, problems);
  const fields: Partial<Record<Key, Value>> = {};
  for (const { key, keyPlace, value: field } of mapping?.entries.values() ?? []) {
    const known = keys.find((name) => name === key);
    if (known === undefined) problems.add(keyPlace, `the unknown key ${quote(key)}`, didYouMean(key, keys));
    else fields[known] = field;
  }
  const missing = mapping === null ? [] : required.filter((key) => fields[key] === undefined);
  for (const key of missing) problems.add(value, `no ${key}`, `the key ${key}, which must be written`);
  return fields;
}

/** What keys that the plant chooses must look like. */
export interface KeyForm {
  readonly pattern: RegExp;
  readonly words: string;
}

export const ANY_TEXT: KeyForm = { pattern: /[^]/, words: "a text that is not empty" };

/** The entries of a mapping whose keys the plant chooses; those of another form are problems and left out. */
export function entriesOf(value: Value, expected: string, form: KeyForm, problems: Problems): readonly Entry[] {
  const mapping = mappingOf(value, `a mapping of ${expected}`, problems);
  const entries: Entry[] = [];
  for (const entry of mapping?.entries.values() ?? []) {
    if (form.pattern.test(entry.key)) entries.push(entry);
    else problems.add(entry.keyPlace, `the key ${quote(entry.key)}`, `as a key of ${expected} ${form.words}`);
  }
  return entries;
}

/** What the plant file defines by that name; a name that points nowhere is a problem. */
export function referenceOf<T>(
  value: Value,
  what: string,
  targets: ReadonlyMap<string, T>,
  problems: Problems,
): T | null {
  const name = textOf(value, `the name of ${what}`, problems);
  if (name === null) return null;
  const target = targets.get(name);
  if (target !== undefined) return target;
  problems.add(value, quote(name), `the name of ${what}: ${didYouMean(name, [...targets.keys()])}`);
  return null;
}

const LISTED_MAX = 24;

/** What to expect of a name that does not exist: the names that do, and the nearest of them. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const closest = nearest(name, candidates);
  if (closest === null) return "none, as there is none";
  return candidates.length === 1 ? quote(closest) : `${quote(closest)}, the nearest of ${listed(candidates)}`;
}

function listed(names: readonly string[]): string {
  return names.length > LISTED_MAX ? `${names.slice(0, LISTED_MAX).join(", ")}, …` : names.join(", ");
}

export function textOf(value: Value, expected: string, problems: Problems): string | null {
  const text = value.kind === "scalar" ? value.value : null;
  if (typeof text === "string" && text !== "") return text;
  // YAML reads `name: 7` as a number; its author meant a text.
  const isWord = typeof text === "number" || typeof text === "boolean";
  return unexpected(value, isWord ? `${expected}, in quotes` : expected, problems);
}

export function oneOf<T extends string>(value: Value, words: readonly T[], problems: Problems): T | null {
  const word = value.kind === "scalar" ? words.find((candidate) => candidate === value.value) : undefined;
  return word ?? unexpected(value, `one of ${words.join(", ")}`, problems);
}

export function booleanOf(value: Value, problems: Problems): boolean | null {
  const word = value.kind === "scalar" ? value.value : null;
  return typeof word === "boolean" ? word : unexpected(value, "true or false", problems);
}

export function numberOf(
  value: Value,
  accepts: (number: number) => boolean,
  expected: string,
  problems: Problems,
): number | null {
  const number = value.kind === "scalar" ? value.value : null;
  return typeof number === "number" && accepts(number) ? number : unexpected(value, expected, problems);
}

/** Whole microseconds of a number of seconds (P-2), above 0 and up to 100 days. */
export function microsecondsIn(value: Value, expected: string, problems: Problems): number | null {
  const written = value.kind === "scalar" && typeof value.value === "number" ? microsecondsOf(value.source) : null;
  if (written !== null && written > IDEAL_TIME_US_MAX) {
    return unexpected(value, `${expected}, at most ${IDEAL_TIME_US_MAX / 1e6} (100 days)`, problems);
  }
  if (written !== 0) return written ?? unexpected(value, expected, problems);
  problems.add(value, `${describe(value)}, which is 0 in whole microseconds`, expected);
  return null;
}

export function durationMsIn(value: Value, expected: string, problems: Problems): number | null {
  const durationMs = value.kind === "scalar" && value.value !== null ? durationMsOf(value.source) : null;
  return durationMs ?? unexpected(value, expected, problems);
}

/** Reads a value that may be left out. */
export function optional<T>(value: Value | undefined, read: (value: Value) => T | null): T | null {
  return value === undefined ? null : read(value);
}
