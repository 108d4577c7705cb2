/** Tells that instants of a file have no time zone: who writes local times there finds everything an hour or more off. */
import { printable } from "./printable.ts";

/** The fields of events that are instants. */
const INSTANTS = new Set(["at", "to"]);

/** Of the columns without a time zone in one file; nothing where no event's instant is among them. */
export function withoutZoneLines(file: string, columns: readonly string[]): readonly string[] {
  const names = columns.filter((name) => INSTANTS.has(name)).map((name) => JSON.stringify(name));
  if (names.length === 0) return [];
  return [printable(`${file}: the timestamps of ${names.join(" and ")} have no time zone and were read as UTC`)];
}
