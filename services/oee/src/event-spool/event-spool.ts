/**
 * Histories for replays of any length: all events are kept as bytes, in memory as long as they fit and in a temporary file
 * beyond, and one machine's become a `MachineHistory` while it is evaluated. So memory is bounded by the given bound, the
 * ids of CN-4, and the events of one machine, which must fit.
 */
import { type Evaluation, type EvaluationQuery, MachineHistory, type PlantModel, RecentIds } from "@oee/engine";
import type { Histories } from "../replay.ts";
import type { Machine, PlantEvent } from "@oee/model";
import { EVENT_BYTES_MAX, EventCodec } from "./event-codec.ts";
import { PAGE_BYTES, PAGE_SHIFT, Pages, SLAB_SHIFT } from "./pages.ts";

const MEMORY_BYTES_MAX = 192 << 20;

/** The instant that the page's others are counted from. */
const HEADER_BYTES = 8;
/** From here on a page has no room for any event, with a byte that stays 0 behind it. */
const FULL_FROM: number = PAGE_BYTES - EVENT_BYTES_MAX;
const IN_PAGE: number = PAGE_BYTES - 1;
const IN_SLAB: number = (1 << SLAB_SHIFT) - 1;

export class EventSpool implements Histories {
  readonly #model: PlantModel;
  readonly #pages: Pages;
  readonly #codec: EventCodec = new EventCodec();
  // By `machine.index`, in columns, so that taking an event touches little memory.
  /** Where the next event goes, in the bytes of all slots; 0 before the first. */
  readonly #positions: Int32Array;
  /** The instant that the open page counts from. */
  readonly #bases: Float64Array;
  readonly #full: (number[] | undefined)[] = [];
  readonly #ids: (RecentIds | undefined)[] = [];

  constructor(model: PlantModel, memoryBytesMax: number = MEMORY_BYTES_MAX) {
    this.#model = model;
    this.#pages = new Pages(memoryBytesMax);
    this.#positions = new Int32Array(model.plant.machines.length);
    this.#bases = new Float64Array(model.plant.machines.length);
  }

  /** How much went to the temporary file. */
  get fileBytes(): number {
    return this.#pages.fileBytes;
  }

  dispose(): void {
    this.#pages.dispose();
  }

  accept(event: PlantEvent): boolean {
    const { index } = event.machine;
    if (event.id !== null && !(this.#ids[index] ??= new RecentIds()).accept(event.id)) return false;
    let position = this.#positions[index] ?? 0;
    if (position === 0 || (position & IN_PAGE) >= FULL_FROM) position = this.#turn(index, position, event.at);
    const slab = this.#pages.slabs[position >> SLAB_SHIFT] as DataView;
    const start = position & IN_SLAB;
    const end = this.#codec.encode(event, slab, start, this.#bases[index] ?? 0);
    this.#positions[index] = position + end - start;
    return true;
  }

  evaluate(machine: Machine, query: EvaluationQuery): Evaluation {
    const history = new MachineHistory(this.#model, machine);
    const scratch = new Uint8Array(PAGE_BYTES);
    for (const page of this.#full[machine.index] ?? []) this.#replay(this.#pages.read(page, scratch), machine, history);
    const position = this.#positions[machine.index] ?? 0;
    if (position > 0) this.#replay(this.#pages.readOpen(position >> PAGE_SHIFT), machine, history);
    return history.evaluate(query);
  }

  /** Gives the open page of a machine away, if it has one, and opens the next. */
  #turn(index: number, position: number, at: number): number {
    if (position > 0) (this.#full[index] ??= []).push(this.#pages.close(position >> PAGE_SHIFT));
    const opened = this.#pages.open() << PAGE_SHIFT;
    const slab = this.#pages.slabs[opened >> SLAB_SHIFT] as DataView;
    slab.setFloat64(opened & IN_SLAB, at);
    this.#bases[index] = at;
    return opened + HEADER_BYTES;
  }

  #replay(page: DataView, machine: Machine, history: MachineHistory): void {
    this.#codec.decode(page, HEADER_BYTES, page.getFloat64(0), machine, history);
  }
}
