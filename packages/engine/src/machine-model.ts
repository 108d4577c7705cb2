/**
 * What the engine needs to know of one machine, worked out once from the plant: its calendar as spans,
 * the classes of its segments, and the rates of its products. Machines with one calendar share the spans.
 */
import type { JobEvent, Machine, Plant, RowHead, Zone } from "@oee/model";
import { CalendarClock, type Shift } from "./calendar.ts";
import { Classifier } from "./classifier.ts";

/** What a product is made at on one machine. */
export interface Rates {
  readonly product: string | null;
  /** Planned run time per item (µs); `null` when the machine is not rated (EQ-2). */
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
}

/** Heads of the newest rows that are remembered. */
const HEADS_MAX = 4;

export class MachineModel {
  readonly plant: Plant;
  readonly machine: Machine;
  readonly clock: CalendarClock;
  readonly classifier: Classifier;
  readonly #heads: RowHead[] = [];

  constructor(plant: Plant, machine: Machine, clock: CalendarClock, classifier: Classifier) {
    this.plant = plant;
    this.machine = machine;
    this.clock = clock;
    this.classifier = classifier;
  }

  /** What rows of a product and shift say of it: one object for as long as rows of few products and shifts are made in turn. */
  headOf({ product, taktUs }: Rates, shift: Shift | null): RowHead {
    const name = shift === null ? null : shift.name;
    const date = shift === null ? null : shift.date;
    for (const head of this.#heads) {
      if (head.product === product && head.taktUs === taktUs && head.shift === name && head.shiftDate === date)
        return head;
    }
    const { id, costPerHour } = this.machine;
    const head: RowHead = { machine: id, product, shift: name, shiftDate: date, taktUs, costPerHour };
    if (this.#heads.length === HEADS_MAX) this.#heads.shift();
    this.#heads.push(head);
    return head;
  }
}

/** The models of all machines of a plant, made when first asked for. */
export class PlantModel {
  readonly plant: Plant;
  readonly #classifier: Classifier;
  readonly #clocks = new Map<unknown, Map<Zone, CalendarClock>>();
  readonly #machines: (MachineModel | undefined)[] = [];

  constructor(plant: Plant) {
    this.plant = plant;
    this.#classifier = new Classifier(plant);
  }

  machine(machine: Machine): MachineModel {
    let model = this.#machines[machine.index];
    if (model === undefined) {
      let byZone = this.#clocks.get(machine.calendar);
      if (byZone === undefined) this.#clocks.set(machine.calendar, (byZone = new Map()));
      let clock = byZone.get(machine.timezone);
      if (clock === undefined)
        byZone.set(machine.timezone, (clock = new CalendarClock(machine.calendar, machine.timezone)));
      model = new MachineModel(this.plant, machine, clock, this.#classifier);
      this.#machines[machine.index] = model;
    }
    return model;
  }
}

/** CN-3: the rates in force with a job, or before the first one. */
export function ratesOf({ plant, machine }: MachineModel, job: JobEvent | null): Rates {
  const product = job === null ? undefined : plant.products.get(job.product);
  return {
    product: job === null ? null : job.product,
    idealCycleUs:
      machine.idealCycleUs === null ? null : (job?.idealCycleUs ?? product?.idealCycleUs ?? machine.idealCycleUs),
    taktUs: product?.taktUs ?? machine.taktUs,
  };
}
