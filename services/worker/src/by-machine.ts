/**
 * Events of a batch by machine: a machine's events are then taken one after the other while all that belongs to it is at
 * hand, instead of reaching for another machine's memory with each event. Columns are used again for the next batch.
 */
import type { PlantEvent } from "@oee/model";
import type { OnDecoded } from "./decode-batch.ts";
import type { MachineRunner } from "./machine-runner.ts";

const FIRST_EVENTS = 1024;
const NONE = -1;

/** Takes an event of a batch with what was told of it when it was decoded. */
export type TakeEvent = (runner: MachineRunner, ...decoded: Parameters<OnDecoded>) => void;

/** What a batch has of one machine. */
interface Group {
  /** The machine's index in the plant file. */
  readonly index: number;
  /** `null`: the machine is another partition's. */
  readonly runner: MachineRunner | null;
  first: number;
  last: number;
}

export class ByMachine {
  /** By the machine's index in the plant file. */
  readonly #groups: (Group | undefined)[] = [];
  #present: Group[] = [];
  #events: PlantEvent[] = [];
  #bytes: Buffer[] = [];
  /** Four numbers an event: its record, its place in it, where its original begins and ends. */
  #places: Int32Array = new Int32Array(4 * FIRST_EVENTS);
  /** The next event of the same machine. */
  #next: Int32Array = new Int32Array(FIRST_EVENTS);

  get length(): number {
    return this.#events.length;
  }

  /** What is known of the machine at `index`, since the last `clear`; `undefined`: no event of it came. */
  groupAt(index: number): Group | undefined {
    return this.#groups[index];
  }

  /** Notes whose events those of the machine at `index` are. */
  begin(index: number, runner: MachineRunner | null): Group {
    const group: Group = { index, runner, first: NONE, last: NONE };
    // An array with holes would be looked up as a table.
    while (this.#groups.length <= index) this.#groups.push(undefined);
    this.#groups[index] = group;
    this.#present.push(group);
    return group;
  }

  /** Adds an event of a group, whose original is `bytes[start, end)`. */
  add(group: Group, event: PlantEvent, record: number, index: number, bytes: Buffer, start: number, end: number): void {
    const at = this.#events.length;
    if (at === this.#next.length) this.#grow();
    this.#events.push(event);
    this.#bytes.push(bytes);
    const places = this.#places;
    places[4 * at] = record;
    places[4 * at + 1] = index;
    places[4 * at + 2] = start;
    places[4 * at + 3] = end;
    this.#next[at] = NONE;
    if (group.last === NONE) group.first = at;
    else this.#next[group.last] = at;
    group.last = at;
  }

  /** Calls back for each machine, in order of its first event, with each of its events in order of arrival; then forgets them. */
  drain(take: TakeEvent): void {
    const places = this.#places;
    for (const { runner, first } of this.#present) {
      if (runner === null || first === NONE) continue;
      for (let at = first; at !== NONE; at = this.#next[at] as number) {
        take(
          runner,
          this.#events[at] as PlantEvent,
          places[4 * at] as number,
          places[4 * at + 1] as number,
          this.#bytes[at] as Buffer,
          places[4 * at + 2] as number,
          places[4 * at + 3] as number,
        );
      }
    }
    this.clear();
  }

  clear(): void {
    for (const { index } of this.#present) this.#groups[index] = undefined;
    this.#present = [];
    this.#events = [];
    this.#bytes = [];
  }

  #grow(): void {
    const places = new Int32Array(2 * this.#places.length);
    places.set(this.#places);
    this.#places = places;
    const next = new Int32Array(2 * this.#next.length);
    next.set(this.#next);
    this.#next = next;
  }
}
