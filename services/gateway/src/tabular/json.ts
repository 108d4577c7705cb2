/** Writes answers as one JSON array, an element a line, with exact numbers. */
import { type TextFormat, textsOf } from "./text-format.ts";

export function jsonFormat<R>(valueOf: (record: R) => unknown): TextFormat<R> {
  return {
    head: "[",
    textOf: (record, index) => (index === 0 ? "\n" : ",\n") + JSON.stringify(valueOf(record)),
    tailOf: (records) => (records === 0 ? "]\n" : "\n]\n"),
  };
}

export function jsonOf<R>(records: Iterable<R>, valueOf: (record: R) => unknown): Iterable<string> {
  return textsOf(records, jsonFormat(valueOf));
}
