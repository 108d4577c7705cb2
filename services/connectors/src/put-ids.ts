/**
 * The ids of events that were put in the newest writes to the outbox, kept on disk beside them. A peer whose acknowledgements were
 * lost, as where the connector is killed, sends again what was put. That may be more than the last 256 ids of a machine, by which the
 * engine knows repeats (CN-4).
 */
import type { MappedEvent } from "./mapping/mapper.ts";

/** A write begins every 10 ms at most: those of two seconds and more. */
const WRITES = 256;
/** However many events came in them: more than a peer has ahead of acknowledgements. */
const IDS_MAX = 4_096;
/** So many ids are searched for write by write; for more at once there is a set of all, which takes as long to make as to search for 20. */
const SEARCHED_MAX = 8;
/** The set goes after so many writes that did without it. */
const SET_WRITES = 16;
const NAME = "\nput ";
const LINE_END = "\n";

export interface PutNote {
  readonly name: string;
  readonly text: string;
  /** The write is on disk. */
  readonly done: () => void;
}

interface PutWrite {
  readonly ids: readonly string[];
  /** The newest instant of its events (epoch ms). */
  readonly newestAt: number;
}

export class PutIds {
  /** By the number of the write, oldest first. */
  readonly #writes = new Map<number, PutWrite>();
  #count = 0;
  /** The ids of `#writes`, while many events at once may be among them; else `null`. */
  #known: Set<string> | null = null;
  /** Writes since there were many. */
  #unasked = 0;
  /** By machine: the newest instant of its events that were put since the start (epoch ms). */
  readonly #newestAt = new Map<string, number>();
  /** The newest instant of events that were put before the start (epoch ms). */
  readonly #newestBefore: number;
  #next = 0;

  /** `note`: a text of the outbox by its name. */
  constructor(note: (name: string) => string | null) {
    const kept = Array.from({ length: WRITES }, (_, place) => note(NAME + place)?.split(LINE_END) ?? []);
    const numbered = kept.flatMap(([head, ...ids]) => {
      const [number, newestAt = Infinity] = head?.split(" ").map(Number) ?? [];
      return number === undefined ? [] : [{ number, ids, newestAt }];
    });
    for (const { number, ids, newestAt } of numbered.toSorted((a, b) => a.number - b.number)) {
      this.#remember(number, { ids, newestAt });
      this.#next = number + 1;
    }
    this.#newestBefore = numbered.reduce((newest, { newestAt }) => Math.max(newest, newestAt), -Infinity);
  }

  /** The events that were not put lately. */
  newOf(events: readonly MappedEvent[]): readonly MappedEvent[] {
    const asked = events.filter((event) => this.#mayBeKnown(event));
    if (asked.length === 0) return events;
    if (asked.length > SEARCHED_MAX) {
      this.#known ??= new Set([...this.#writes.values()].flatMap(({ ids }) => ids));
      this.#unasked = 0;
    }
    const known = new Set(asked.filter(({ id }) => id !== undefined && this.#isKnown(id)));
    return known.size === 0 ? events : events.filter((event) => !known.has(event));
  }

  /** An event that is newer than all that its machine had was not put before: that is most of them. */
  #mayBeKnown({ machine, id, at = -Infinity }: MappedEvent): boolean {
    if (id === undefined) return false;
    return at <= Math.max(this.#newestAt.get(machine) ?? -Infinity, this.#newestBefore);
  }

  #isKnown(id: string): boolean {
    if (this.#known !== null) return this.#known.has(id);
    for (const { ids } of this.#writes.values()) if (ids.includes(id)) return true;
    return false;
  }

  /** What a write of events notes of them, in place of an old one; `null`: none of them has an id. */
  noteOf(events: readonly MappedEvent[]): PutNote | null {
    const ids: string[] = [];
    let newestAt = -Infinity;
    for (const { id, at = Infinity } of events) {
      if (id === undefined) continue;
      ids.push(id);
      if (at > newestAt) newestAt = at;
    }
    if (ids.length === 0) return null;
    const number = this.#next++;
    return {
      name: NAME + (number % WRITES),
      text: `${number} ${newestAt}${LINE_END}${ids.join(LINE_END)}`,
      done: () => {
        this.#remember(number, { ids, newestAt });
        this.#noteNewest(events);
      },
    };
  }

  #noteNewest(events: readonly MappedEvent[]): void {
    let [known, newest] = ["", -Infinity];
    const note = (): void => void (newest > -Infinity && this.#newestAt.set(known, newest));
    for (const { machine, at = Infinity } of events) {
      if (machine !== known) {
        note();
        [known, newest] = [machine, this.#newestAt.get(machine) ?? -Infinity];
      }
      if (at > newest) newest = at;
    }
    note();
  }

  #remember(number: number, write: PutWrite): void {
    this.#writes.set(number, write);
    this.#count += write.ids.length;
    if (++this.#unasked > SET_WRITES) this.#known = null;
    const known = this.#known;
    if (known !== null) for (const id of write.ids) known.add(id);
    for (const [oldest, { ids }] of this.#writes) {
      const isRoom = this.#writes.size <= WRITES && this.#count <= IDS_MAX;
      if (isRoom || oldest === number) return;
      this.#writes.delete(oldest);
      this.#count -= ids.length;
      if (known !== null) for (const id of ids) known.delete(id);
    }
  }
}
