/** Writes answers as one JSON array, an element a line, with exact numbers. */
import { type TextFormat, textsOf } from "./text-format.ts";

/** What stands before all records, before the first, between two, and after them, where there are some and where there is none. */
export const AROUND = { head: "[", first: "\n", next: ",\n", last: "\n]\n", none: "]\n" } as const;

export function jsonFormat<R>(valueOf: (record: R) => unknown): TextFormat<R> {
  return {
    head: AROUND.head,
    textOf: (record, index) => (index === 0 ? AROUND.first : AROUND.next) + JSON.stringify(valueOf(record)),
    tailOf: (records) => (records === 0 ? AROUND.none : AROUND.last),
  };
}

export function jsonOf<R>(records: Iterable<R>, valueOf: (record: R) => unknown): Iterable<string> {
  return textsOf(records, jsonFormat(valueOf));
}
