/**
 * What the machines of one line share: orders, buffers between them, and the times at which the whole line is
 * cleaned and maintained.
 */
import type { Machine } from "@oee/model";
import type { OrderBook } from "./order-book.ts";
import { RandomStream } from "./random-stream.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** A conveyor or store between two machines: how full it is and how much it takes, in units of flow (`OrderBook`). */
export interface Buffer {
  level: number;
  readonly capacity: number;
}

/** A machine as its line sees it. */
export interface Station<Neighbour> {
  readonly machine: Machine;
  /** How many orders the machine has finished. */
  readonly orderIndex: number;
  connect(before: Neighbour | null, input: Buffer | null, behind: Neighbour | null, output: Buffer | null): void;
}

export class Line {
  readonly orders: OrderBook;
  /** Length of the cleaning at the end of each shift; 0: none. */
  readonly cleaningMs: number;
  readonly #seed: string | number;
  readonly #id: string;
  readonly #maintenanceOffsetMs: number;
  #machines: readonly Pick<Station<never>, "orderIndex">[] = [];

  constructor(seed: string | number, id: string, orders: OrderBook) {
    this.orders = orders;
    this.#seed = seed;
    this.#id = id;
    const random = new RandomStream(seed, id, "line");
    this.cleaningMs = random.chance(0.6) ? random.whole(6, 15) * MINUTE_MS : 0;
    this.#maintenanceOffsetMs = Math.floor(random.between(0, WEEK_MS));
  }

  /** Puts the machines in a row, with buffers between them that hold two to five minutes of flow and begin half full. */
  connect<S extends Station<S>>(machines: readonly S[]): void {
    this.#machines = machines;
    const buffers = machines.map((machine, i): Buffer | null => {
      const behind = machines[i + 1];
      if (behind === undefined) return null;
      const random = new RandomStream(this.#seed, machine.machine.id, "buffer");
      const items = this.orders.unitsPerItem(machine.machine) + this.orders.unitsPerItem(behind.machine);
      const capacity = Math.ceil(this.orders.unitsIn(random.between(2, 5) * MINUTE_MS) + 4 * items);
      return { level: Math.floor(capacity / 2), capacity };
    });
    machines.forEach((machine, i) => {
      machine.connect(machines[i - 1] ?? null, buffers[i - 1] ?? null, machines[i + 1] ?? null, buffers[i] ?? null);
    });
  }

  /** When the line's weekly maintenance begins, at or after an instant (epoch ms). */
  maintenanceFrom(at: number): number {
    return Math.ceil((at - this.#maintenanceOffsetMs) / WEEK_MS) * WEEK_MS + this.#maintenanceOffsetMs;
  }

  /** How long the maintenance that begins at an instant takes. */
  maintenanceMs(maintenanceAt: number): number {
    return new RandomStream(this.#seed, this.#id, "maintenance", maintenanceAt).whole(45, 120) * MINUTE_MS;
  }

  /** Tells that a machine has gone on to its next order: orders that all machines have finished are dropped. */
  passOrder(): void {
    this.orders.dropBefore(Math.min(...this.#machines.map((machine) => machine.orderIndex)));
  }
}
