/**
 * The ids of events that were put in the newest writes to the outbox, kept on disk beside them: a peer whose acknowledgements were lost, as
 * where the connector is killed, sends again what was put, maybe more than the last 256 ids of a machine that the engine knows (CN-4).
 */
import type { MappedEvent } from "./mapping/mapper.ts";

/** A write begins every 10 ms at most: those of two seconds and more. */
const WRITES = 256;
/** However many events came in them: more than a peer has ahead of acknowledgements. */
const IDS_MAX = 4_096;
const NAME = "\nput ";
const LINE_END = "\n";

export interface PutNote {
  readonly name: string;
  readonly text: string;
  /** The write is on disk. */
  readonly done: () => void;
}

export class PutIds {
  /** By the number of the write, oldest first. */
  readonly #writes = new Map<number, readonly string[]>();
  readonly #known = new Set<string>();
  #next = 0;

  /** `note`: a text of the outbox by its name. */
  constructor(note: (name: string) => string | null) {
    const kept = Array.from({ length: WRITES }, (_, place) => note(NAME + place)?.split(LINE_END) ?? []);
    const numbered = kept.flatMap(([number, ...ids]) =>
      number === undefined ? [] : [{ number: Number(number), ids }],
    );
    for (const { number, ids } of numbered.toSorted((a, b) => a.number - b.number)) {
      this.#remember(number, ids);
      this.#next = number + 1;
    }
  }

  /** The events that were not put lately. */
  newOf(events: readonly MappedEvent[]): readonly MappedEvent[] {
    return events.some((event) => this.#isKnown(event)) ? events.filter((event) => !this.#isKnown(event)) : events;
  }

  #isKnown({ id }: MappedEvent): boolean {
    return id !== undefined && this.#known.has(id);
  }

  /** What a write of events notes of them, in place of an old one; `null`: none of them has an id. */
  noteOf(events: readonly MappedEvent[]): PutNote | null {
    const ids: string[] = [];
    for (const { id } of events) if (id !== undefined) ids.push(id);
    if (ids.length === 0) return null;
    const number = this.#next++;
    return {
      name: NAME + (number % WRITES),
      text: `${number}${LINE_END}${ids.join(LINE_END)}`,
      done: () => this.#remember(number, ids),
    };
  }

  #remember(number: number, ids: readonly string[]): void {
    this.#writes.set(number, ids);
    for (const id of ids) this.#known.add(id);
    for (const [oldest, theirs] of this.#writes) {
      const isRoom = this.#writes.size <= WRITES && this.#known.size <= IDS_MAX;
      if (isRoom || oldest === number) return;
      this.#writes.delete(oldest);
      for (const id of theirs) this.#known.delete(id);
    }
  }
}
