/**
 * All accepted revisions of entries, in their one order (RE-1, RE-3). A refused revision is none: the former stays in
 * force. The place of an entry is that of its first accepted revision.
 */
import type { Entry, EntryOf, EntryRefusal, EntryType } from "./entries.ts";

export class EntryBook {
  readonly #revisions = new Map<string, Entry[]>();

  /** Takes a revision, or says why not: its number is not the next one. */
  accept(entry: Entry): EntryRefusal | null {
    const key = keyOf(entry.type, entry.id);
    const revisions = this.#revisions.get(key);
    const expected = (revisions?.at(-1)?.rev ?? 0) + 1;
    if (entry.rev !== expected) {
      return { code: "conflict", detail: `${key}: expected revision ${expected}, found ${entry.rev}` };
    }
    if (revisions === undefined) this.#revisions.set(key, [entry]);
    else revisions.push(entry);
    return null;
  }

  /** The newest revisions of a type, those withdrawn too, at the places of the first ones. */
  newest<T extends EntryType>(type: T): readonly EntryOf[T][] {
    return [...this.#revisions.values()]
      .flatMap((revisions) => revisions.slice(-1))
      .filter((entry) => isOf(entry, type));
  }

  /** Those in force. */
  inForce<T extends EntryType>(type: T): readonly EntryOf[T][] {
    return this.newest(type).filter(({ withdrawn }) => !withdrawn);
  }

  /** The trail of one entry, the oldest first. */
  revisionsOf<T extends EntryType>(type: T, id: string): readonly EntryOf[T][] {
    return (this.#revisions.get(keyOf(type, id)) ?? []).filter((entry) => isOf(entry, type));
  }
}

function keyOf(type: EntryType, id: string): string {
  return `${type}/${id}`;
}

function isOf<T extends EntryType>(entry: Entry, type: T): entry is Entry & EntryOf[T] {
  return entry.type === type;
}
