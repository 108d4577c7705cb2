/** The plant with its past (DI-3), as the entries of its structure tell it. */
import { type Plant, plantWithPast, structureEpochs } from "@oee/model";
import { isEntryRefusal, readEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";

/** The plant itself where nothing says that it was ever otherwise. */
export function plantAsItWas(plant: Plant, book: EntryBook): Plant {
  const changes = book.structures().map(({ change }) => change);
  return changes.length === 0 ? plant : plantWithPast(plant, structureEpochs(changes));
}

/** The same from entries as they were given, of which all others are passed over. */
export function plantOfEntries(plant: Plant, given: readonly unknown[]): Plant {
  const book = new EntryBook();
  for (const value of given) {
    const entry = readEntry(plant, value);
    if (!isEntryRefusal(entry) && entry.type === "structure") book.accept(entry);
  }
  return plantAsItWas(plant, book);
}
