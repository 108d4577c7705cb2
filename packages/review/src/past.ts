/** The plant with its past structures (DI-3), from the entries that record them. */
import { atOnce, type EntryType, type Plant, plantWithPastInSteps, type Steps, structureEpochs } from "@oee/model";
import { isEntryRefusal, readEntry } from "./entries.ts";
import { EntryBook } from "./entry-book.ts";

/** The plant with its past structures; the plant itself where no entry records a change. */
export function plantAsItWas(plant: Plant, book: EntryBook): Plant {
  return atOnce(plantAsItWasInSteps(plant, book));
}

/** The same, step by step. */
export function* plantAsItWasInSteps(plant: Plant, book: EntryBook): Steps<Plant> {
  const changes = book.structures().map(({ change }) => change);
  return changes.length === 0 ? plant : yield* plantWithPastInSteps(plant, structureEpochs(changes));
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
