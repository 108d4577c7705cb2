/** The plant with its past (DI-3), as the entries of its structure tell it. */
import { type EntryType, type Plant, plantWithPast, structureEpochs } from "@oee/model";
import { isEntryRefusal, readEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";

/** The plant itself where nothing says that it was ever otherwise. */
export function plantAsItWas(plant: Plant, book: EntryBook): Plant {
  const changes = book.structures().map(({ change }) => change);
  return changes.length === 0 ? plant : plantWithPast(plant, structureEpochs(changes));
}

/** Of entries as they were given those of some types, which need no figures to be read. */
export function bookOf(plant: Plant, given: readonly unknown[], types: readonly EntryType[]): EntryBook {
  const book = new EntryBook();
  for (const value of given) {
    const entry = readEntry(plant, value);
    if (!isEntryRefusal(entry) && types.includes(entry.type)) book.accept(entry);
  }
  return book;
}
