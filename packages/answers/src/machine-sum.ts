/**
 * The sum of one machine's rows over one span: `WIDTH` numbers as rows hold them (ms, µs and the machine's smallest units),
 * and the time under each takt. Rolling windows and running shifts are such sums; `Sums` adds those of many machines.
 */
import type { RowDelta } from "@oee/columns";
import { WIDTH } from "@oee/model";
import { zeros } from "./zeros.ts";

const NOTHING = zeros(WIDTH);

/** Planned and elapsed time (ms) under one takt. */
export interface TaktTime {
  planned: number;
  elapsed: number;
}

/** A machine's sum in the form in which it travels from the worker to the gateway. */
export interface SumNumbers {
  /** `WIDTH` sums, as rows hold them: ms, µs and the machine's smallest units. */
  readonly components: readonly number[];
  /** Planned time (ms) by takt (µs) in force. */
  readonly plannedByTakt: readonly (readonly [number, number])[];
}

export class MachineSum {
  readonly values: Float64Array;
  /** By takt (µs). */
  readonly takts: Map<number, TaktTime>;

  constructor(values: Float64Array = new Float64Array(WIDTH), takts: Map<number, TaktTime> = new Map()) {
    this.values = values;
    this.takts = takts;
  }

  /** Adds what a row under a takt changed by. */
  add(taktUs: number | null, delta: RowDelta): void {
    delta.addTo(this.values);
    if (taktUs !== null) this.addTakt(taktUs, delta.planned, delta.elapsed);
  }

  /** Adds planned and elapsed time (ms) under a takt. */
  addTakt(taktUs: number, planned: number, elapsed: number): void {
    const time = this.takts.get(taktUs);
    if (time === undefined) this.takts.set(taktUs, { planned, elapsed });
    else {
      time.planned += planned;
      time.elapsed += elapsed;
    }
  }

  numbers(): SumNumbers {
    const plannedByTakt: [number, number][] = [];
    for (const [taktUs, { planned, elapsed }] of this.takts) if (elapsed > 0) plannedByTakt.push([taktUs, planned]);
    // A copy of a list of this length: `Array.from` would ask an iterator for each number, and a list that grows takes twice the room.
    const components = NOTHING.slice();
    for (let i = 0; i < WIDTH; i++) components[i] = this.values[i] as number;
    return { components, plannedByTakt };
  }
}
