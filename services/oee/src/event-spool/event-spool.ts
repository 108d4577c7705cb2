/**
 * Histories for replays of any length: all events are kept as bytes, in memory as long as they fit and in a temporary file
 * beyond, and one machine's become a `MachineHistory` while it is evaluated. So memory is bounded by the given bound, the
 * ids of CN-4, and the events of one machine, which must fit.
 */
import { type History, type Histories, MachineHistory, type PlantModel, RecentIds } from "@oee/engine";
import type { Machine, PlantEvent } from "@oee/model";
import { EVENT_BYTES_MAX, EventCodec } from "./event-codec.ts";
import { type OpenPage, PAGE_BYTES, Pages } from "./pages.ts";

const MEMORY_BYTES_MAX = 192 << 20;

/** The instant that the page's others are counted from. */
const HEADER_BYTES = 8;

export class EventSpool implements Histories {
  readonly #model: PlantModel;
  readonly #pages: Pages;
  readonly #codec = new EventCodec();
  readonly #histories: (SpooledHistory | undefined)[] = [];

  constructor(model: PlantModel, memoryBytesMax: number = MEMORY_BYTES_MAX) {
    this.#model = model;
    this.#pages = new Pages(memoryBytesMax);
  }

  of(machine: Machine): History {
    return (this.#histories[machine.index] ??= new SpooledHistory(this.#model, machine, this.#pages, this.#codec));
  }

  /** How much went to the temporary file. */
  get fileBytes(): number {
    return this.#pages.fileBytes;
  }

  dispose(): void {
    this.#pages.dispose();
  }
}

class SpooledHistory implements History {
  readonly #model: PlantModel;
  readonly #machine: Machine;
  readonly #pages: Pages;
  readonly #codec: EventCodec;
  #ids: RecentIds | null = null;
  readonly #full: number[] = [];
  #open: OpenPage | null = null;
  #position = 0;
  #base = 0;

  constructor(model: PlantModel, machine: Machine, pages: Pages, codec: EventCodec) {
    this.#model = model;
    this.#machine = machine;
    this.#pages = pages;
    this.#codec = codec;
  }

  accept(event: PlantEvent): boolean {
    if (event.id !== null && !(this.#ids ??= new RecentIds()).accept(event.id)) return false;
    let page = this.#open;
    if (page === null || this.#position > PAGE_BYTES - EVENT_BYTES_MAX) page = this.#turn(page, event.at);
    this.#position = this.#codec.encode(event, page.view, this.#position, this.#base);
    return true;
  }

  evaluate(period: Parameters<History["evaluate"]>[0]): ReturnType<History["evaluate"]> {
    const history = new MachineHistory(this.#model, this.#machine);
    const scratch = new Uint8Array(PAGE_BYTES);
    for (const page of this.#full) this.#replay(this.#pages.read(page, scratch), history);
    if (this.#open !== null) this.#replay(this.#open.view, history);
    return history.evaluate(period);
  }

  #turn(full: OpenPage | null, at: number): OpenPage {
    if (full !== null) this.#full.push(this.#pages.close(full));
    const page = this.#pages.open();
    page.view.setFloat64(0, at);
    this.#open = page;
    this.#base = at;
    this.#position = HEADER_BYTES;
    return page;
  }

  #replay(view: DataView, history: MachineHistory): void {
    const base = view.getFloat64(0);
    const codec = this.#codec;
    for (let position = HEADER_BYTES; position < PAGE_BYTES; position = codec.position) {
      const event = codec.decode(this.#machine, view, position, base);
      if (event === null) return;
      history.accept(event);
    }
  }
}
