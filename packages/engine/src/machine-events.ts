/**
 * The events of one machine in the order of their instants, however they came: each list is kept sorted, and of
 * events that compete for one instant the later in log order stays (TL-1, CN-2, CN-3). Corrections keep log order.
 */
import { CountColumns, type CountSnapshot, PRODUCED_QUANTITY } from "@oee/columns";
import type { CorrectionEvent, CountEvent, JobEvent, Machine, PlantEvent, StateEvent } from "@oee/model";
import { Presence, type PresenceSnapshot } from "./presence.ts";
import { RecentIds } from "./recent-ids.ts";
import type { Correction } from "./segments.ts";

/** Structured-clonable; events stand without their machine. */
export interface MachineEventsSnapshot {
  readonly states: readonly Omit<StateEvent, "machine">[];
  readonly jobs: readonly Omit<JobEvent, "machine">[];
  readonly corrections: readonly Correction[];
  readonly correctionsMade: number;
  readonly counts: CountSnapshot;
  readonly presence: PresenceSnapshot;
  readonly ids: readonly string[];
}

/** What a sweep reads of a machine's events. */
export type SweptEvents = Pick<MachineEvents, "states" | "jobs" | "corrections" | "counts" | "presence">;

export class MachineEvents {
  readonly states: StateEvent[] = [];
  readonly jobs: JobEvent[] = [];
  corrections: Correction[] = [];
  #correctionsMade = 0;
  counts: CountColumns = new CountColumns();
  presence: Presence;
  #ids: RecentIds = new RecentIds();

  constructor(machine: Machine) {
    this.presence = new Presence(machine.staleAfterMs);
  }

  /** CN-4: whether the event is no repeat; its id is then remembered. */
  isNew(event: PlantEvent): boolean {
    return event.id === null || this.#ids.accept(event.id);
  }

  /** Remembers ids of events that were accepted before, oldest first. */
  rememberIds(ids: Iterable<string>): void {
    for (const id of ids) this.#ids.accept(id);
  }

  /** Takes over the memory of ids of the same machine's events. */
  adoptIds(other: MachineEvents): void {
    this.#ids = RecentIds.restore(other.#ids.snapshot());
  }

  /** Puts an event in its place. */
  add(event: PlantEvent): void {
    // Most events are counts. The others are apart, so that V8 makes all that placing a count takes part of the caller.
    if (event.type === "count") {
      this.addCount(event.at, false, event.good, event.scrap, event.rework, null, event.startup, event.product);
    } else this.#addRarer(event);
  }

  #addRarer(event: Exclude<PlantEvent, CountEvent>): void {
    switch (event.type) {
      case "total": {
        const { at, good, scrap, rework, produced, startup, product } = event;
        this.addCount(at, true, good, scrap, rework, produced, startup, product);
        return;
      }
      case "state":
        insert(this.states, event);
        break;
      case "job":
        insert(this.jobs, event);
        break;
      case "correction":
        this.corrections.push(this.#numbered(event));
        return;
    }
    this.presence.add(event.at);
  }

  /** Puts a count or a total in its place. */
  addCount(
    at: number,
    total: boolean,
    good: number | null,
    scrap: number | null,
    rework: number | null,
    produced: number | null,
    startup: boolean,
    product: string | null,
  ): void {
    if (good !== null) this.counts.add(at, 0, good, total, startup, product);
    // Apart, so that what most counts take is small enough to be made part of the caller.
    if (scrap !== null || rework !== null || produced !== null) {
      this.#addOthers(at, total, scrap, rework, produced, startup, product);
    }
    this.presence.add(at);
  }

  #addOthers(
    at: number,
    total: boolean,
    scrap: number | null,
    rework: number | null,
    produced: number | null,
    startup: boolean,
    product: string | null,
  ): void {
    if (scrap !== null) this.counts.add(at, 1, scrap, total, startup, product);
    if (rework !== null) this.counts.add(at, 2, rework, total, startup, product);
    if (produced !== null) this.counts.add(at, PRODUCED_QUANTITY, produced, total, startup, product);
  }

  #numbered({ from, to, state, reason, clear, by }: CorrectionEvent): Correction {
    return { number: this.#correctionsMade++, from, to, state, reason, clear, by };
  }

  /** Forgets what cannot bear any more on instants from `instant` on, but for the jobs in force since `jobsFrom`. */
  forgetBefore(instant: number, jobsFrom: number): void {
    this.states.splice(0, lowerBound(this.states, instant));
    // The job in force there stays.
    const job = lowerBound(this.jobs, jobsFrom + 1);
    if (job > 1) this.jobs.splice(0, job - 1);
    if (this.corrections.some((correction) => correction.to <= instant)) {
      this.corrections = this.corrections.filter((correction) => correction.to > instant);
    }
    this.counts.forgetBefore(instant);
    this.presence.forgetBefore(instant);
  }

  snapshot(): MachineEventsSnapshot {
    return {
      states: this.states.map(withoutMachine),
      jobs: this.jobs.map(withoutMachine),
      corrections: [...this.corrections],
      correctionsMade: this.#correctionsMade,
      counts: this.counts.snapshot(),
      presence: this.presence.snapshot(),
      ids: this.#ids.snapshot(),
    };
  }

  /** `change` is applied to every quantity, as where the machine's decimals were changed (CN-5); `null`: they stay as they are. */
  static restore(
    machine: Machine,
    snapshot: MachineEventsSnapshot,
    change: ((units: number) => number) | null,
  ): MachineEvents {
    const events = new MachineEvents(machine);
    for (const state of snapshot.states) events.states.push({ ...state, machine });
    for (const job of snapshot.jobs) events.jobs.push({ ...job, machine });
    events.corrections = [...snapshot.corrections];
    events.#correctionsMade = snapshot.correctionsMade;
    events.counts = CountColumns.restore(snapshot.counts, change);
    events.presence = Presence.restore(machine.staleAfterMs, snapshot.presence);
    events.#ids = RecentIds.restore(snapshot.ids);
    return events;
  }
}

function withoutMachine<E extends PlantEvent>(event: E): Omit<E, "machine"> {
  const { machine: _, ...rest } = event;
  return rest;
}

/** The first place in a sorted list whose instant is not before `instant`. */
export function lowerBound(list: readonly { readonly at: number }[], instant: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as { at: number }).at < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert<E extends { readonly at: number }>(list: E[], event: E): void {
  const last = list[list.length - 1];
  if (last === undefined || last.at < event.at) {
    list.push(event);
    return;
  }
  const place = lowerBound(list, event.at);
  list.splice(place, (list[place] as E).at === event.at ? 1 : 0, event);
}
