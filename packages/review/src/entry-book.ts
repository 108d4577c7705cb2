/**
 * All accepted revisions of entries, in their one order (RE-1, RE-3). A refused revision changes nothing: the former stays in
 * force. An entry is listed at the place of its first accepted revision.
 */
import type { EntryType } from "@oee/model";
import type { Entry, EntryOf, EntryRefusal, StructureEntry } from "./entries.ts";

export class EntryBook {
  readonly #revisions = new Map<string, Entry[]>();
  readonly #order: Entry[] = [];
  readonly #structures: StructureEntry[] = [];

  /** A book with the same revisions, which goes its own way from here. */
  copy(): EntryBook {
    const copy = new EntryBook();
    for (const [key, revisions] of this.#revisions) copy.#revisions.set(key, [...revisions]);
    for (const entry of this.#order) copy.#order.push(entry);
    for (const entry of this.#structures) copy.#structures.push(entry);
    return copy;
  }

  /** The refusal of a revision whose number is not the next one of its entry; `null`: it may come next. */
  check({ type, id, rev }: Entry): EntryRefusal | null {
    const key = keyOf(type, id);
    const expected = (this.#revisions.get(key)?.at(-1)?.rev ?? 0) + 1;
    if (rev === expected) return null;
    return { code: "conflict", detail: `${key}: expected revision ${expected}, found ${rev}` };
  }

  /** Takes the next revision, or returns why it is refused. */
  accept(entry: Entry): EntryRefusal | null {
    const refusal = this.check(entry);
    if (refusal !== null) return refusal;
    const key = keyOf(entry.type, entry.id);
    const revisions = this.#revisions.get(key);
    if (revisions === undefined) this.#revisions.set(key, [entry]);
    else revisions.push(entry);
    this.#order.push(entry);
    if (entry.type === "structure") this.#structures.push(entry);
    return null;
  }

  /** The newest revision of each entry of a type, withdrawn ones too, in the order of the first revisions. */
  newest<T extends EntryType>(type: T): readonly EntryOf[T][] {
    return [...this.#revisions.values()]
      .flatMap((revisions) => revisions.slice(-1))
      .filter((entry) => isOf(entry, type));
  }

  /** The newest revision of each entry of a type, without withdrawn ones. */
  inForce<T extends EntryType>(type: T): readonly EntryOf[T][] {
    return this.newest(type).filter(({ withdrawn }) => !withdrawn);
  }

  /** The entries by which the plant's structure changed (DI-3), in order. */
  structures(): readonly StructureEntry[] {
    return this.#structures;
  }

  /** All revisions in their one order, withdrawn ones too. */
  all(): readonly Entry[] {
    return this.#order;
  }

  /** The newest revision of one entry; `null`: there is none. */
  newestOf<T extends EntryType>(type: T, id: string): EntryOf[T] | null {
    return this.revisionsOf(type, id).at(-1) ?? null;
  }

  /** All revisions of one entry, the oldest first. */
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
