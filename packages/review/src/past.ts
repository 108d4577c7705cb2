/** The plant with its past structures (DI-3), from the entries that record them. */
import { type EntryType, type Plant, plantWithPast, structureEpochs } from "@oee/model";
import { isEntryRefusal, readEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";

/** The plant with its past structures; the plant itself where no entry records a change. */
export function plantAsItWas(plant: Plant, book: EntryBook): Plant {
  const changes = book.structures().map(({ change }) => change);
  return changes.length === 0 ? plant : plantWithPast(plant, structureEpochs(changes));
}

/** A book of those entries that have one of some types, read from their JSON; the others are passed over. */
export function bookOf(plant: Plant, given: readonly unknown[], types: readonly EntryType[]): EntryBook {
  const book = new EntryBook();
  for (const value of given) {
    const entry = readEntry(plant, value);
    if (!isEntryRefusal(entry) && types.includes(entry.type)) book.accept(entry);
  }
  return book;
}
