/**
 * What the engine needs to know of one machine, worked out once from the plant: its calendar as spans,
 * the classes of its segments, and the rates of its products. Machines with one calendar share the spans.
 */
import { CalendarClock, type Shift } from "@oee/calendar";
import type { JobEvent, Machine, Plant, RowHead, Zone } from "@oee/model";
import { Classifier } from "./classifier.ts";

/** What a product is made at on one machine. */
export interface Rates {
  readonly product: string | null;
  /** Planned run time per item (µs); `null` when the machine is not rated (EQ-2). */
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
  /** CN-6. */
  readonly piecesPerCount: number;
}

/** Heads of the newest rows that are remembered. */
const HEADS_MAX = 4;

export class MachineModel {
  readonly plant: Plant;
  readonly machine: Machine;
  readonly clock: CalendarClock;
  readonly classifier: Classifier;
  /** In force before the first job. */
  readonly ownRates: Rates;
  readonly #heads: RowHead[] = [];

  constructor(plant: Plant, machine: Machine, clock: CalendarClock, classifier: Classifier) {
    this.plant = plant;
    this.machine = machine;
    this.clock = clock;
    this.classifier = classifier;
    this.ownRates = ratesOf(this, null);
  }

  /** What rows of a product and shift say of it: one object for as long as rows of few products and shifts are made in turn. */
  headOf({ product, taktUs }: Rates, shift: Shift | null): RowHead {
    const name = shift === null ? null : shift.name;
    const date = shift === null ? null : shift.date;
    for (const head of this.#heads) {
      if (head.product === product && head.taktUs === taktUs && head.shift === name && head.shiftDate === date)
        return head;
    }
    const { id, costPerHour, decimals } = this.machine;
    const head: RowHead = { machine: id, product, shift: name, shiftDate: date, taktUs, costPerHour, decimals };
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
    piecesPerCount: job?.piecesPerCount ?? product?.piecesPerCount ?? machine.piecesPerCount,
  };
}

/** CN-9: the rates of a product that a count names, whatever job is in force; the job's own are not for it. */
function ratesOfNamed({ plant, machine }: MachineModel, id: string): Rates {
  const product = plant.products.get(id);
  return {
    product: id,
    idealCycleUs: machine.idealCycleUs === null ? null : (product?.idealCycleUs ?? machine.idealCycleUs),
    taktUs: product?.taktUs ?? machine.taktUs,
    piecesPerCount: product?.piecesPerCount ?? machine.piecesPerCount,
  };
}

/** The rates in force at instants that are asked about mostly in order of time. */
export class RatesAt {
  readonly #model: MachineModel;
  readonly #jobs: readonly JobEvent[];
  #job = -1;
  #rates: Rates;
  #named: Rates | null = null;

  /** `jobs` is sorted by instant. */
  constructor(model: MachineModel, jobs: readonly JobEvent[]) {
    this.#model = model;
    this.#jobs = jobs;
    this.#rates = model.ownRates;
  }

  /** The place of the job in force, or −1. */
  get job(): number {
    return this.#job;
  }

  /** Of the job in force. */
  at(instant: number): Rates {
    const jobs = this.#jobs;
    let job = this.#job;
    while (job + 1 < jobs.length && (jobs[job + 1] as JobEvent).at <= instant) job++;
    while (job >= 0 && (jobs[job] as JobEvent).at > instant) job--;
    if (job !== this.#job) {
      this.#job = job;
      this.#rates = job < 0 ? this.#model.ownRates : ratesOf(this.#model, jobs[job] as JobEvent);
    }
    return this.#rates;
  }

  /** Of a count that may name a product (CN-9). */
  of(instant: number, product: string | null): Rates {
    const rates = this.at(instant);
    if (product === null || product === rates.product) return rates;
    if (this.#named?.product !== product) this.#named = ratesOfNamed(this.#model, product);
    return this.#named;
  }
}
