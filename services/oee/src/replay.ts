/**
 * Computes a plant from all of its events without a store: takes events in log order, then gives reports and stops of any
 * period. A `Histories` keeps one `MachineHistory` a machine; a caller may give one that does not keep all in memory.
 */
import { report, type ReportQuery, scopesOf } from "@oee/answers";
import { type Evaluation, type EvaluationQuery, MachineHistory, PlantModel } from "@oee/engine";
import {
  compareCodePoints,
  type Element,
  type Machine,
  type Plant,
  type PlantEvent,
  RowBatch,
  type StopSegment,
} from "@oee/model";

/** Keeps the histories of machines, in memory or elsewhere; its methods do what those of `MachineHistory` do. */
export interface Histories {
  accept(event: PlantEvent): boolean;
  evaluate(machine: Machine, query: EvaluationQuery): Evaluation;
}

export class Replay {
  readonly #model: PlantModel;
  readonly #histories: Histories;
  #first = Infinity;
  #last = -Infinity;
  /** Machines with a quantity that counts nothing, for no sum could hold it: its newest instant, in what was evaluated. */
  readonly tooLarge: Map<string, number> = new Map();
  readonly #doubts = new Map<Machine, number>();

  constructor(plant: Plant, histories?: Histories) {
    this.#model = new PlantModel(plant);
    this.#histories = histories ?? new HistoriesInMemory(this.#model);
  }

  get model(): PlantModel {
    return this.#model;
  }

  /** Takes the next event in log order; `false`: it was a repeat (CN-4). */
  accept(event: PlantEvent): boolean {
    if (!this.#histories.accept(event)) return false;
    if (event.type !== "correction") {
      if (event.at < this.#first) this.#first = event.at;
      if (event.at > this.#last) this.#last = event.at;
    }
    return true;
  }

  /** Instant of the oldest event, corrections aside; `Infinity` if there was none. */
  get first(): number {
    return this.#first;
  }

  /** Instant of the newest event, corrections aside; `-Infinity` if there was none. */
  get last(): number {
    return this.#last;
  }

  /** Totals that were doubted (CN-8), of the machines that answers were about. */
  get doubts(): number {
    let doubts = 0;
    for (const ofMachine of this.#doubts.values()) doubts += ofMachine;
    return doubts;
  }

  /** `null`: `by` lies above the scope. What is known at `now` (CO-2). */
  report(query: ReportQuery, now: number): Element[] | null {
    const scopes = scopesOf(this.#model.plant, query);
    if (scopes === null) return null;
    const { from, to } = query;
    return report(this.#model, query, scopes, (machine, cuts, take) => {
      const rows = RowBatch.of(this.#evaluate(machine, { from, to, now, cuts }).rows);
      for (let row = 0; row < rows.length; row++) take(rows, row);
    });
  }

  /** The segments of stops that overlap the period, whole, in order of machine and time (ST-5). */
  stops(query: Pick<ReportQuery, "from" | "to" | "scope">, now: number): StopSegment[] {
    const { from, to, scope } = query;
    return [...scope.machines]
      .sort((a, b) => compareCodePoints(a.id, b.id))
      .flatMap((machine) => this.#evaluate(machine, { from, to, now }).stops);
  }

  #evaluate(machine: Machine, query: EvaluationQuery): Evaluation {
    const evaluation = this.#histories.evaluate(machine, query);
    this.#doubts.set(machine, evaluation.doubts);
    if (evaluation.tooLargeAt !== null) this.tooLarge.set(machine.id, evaluation.tooLargeAt);
    return evaluation;
  }
}

class HistoriesInMemory implements Histories {
  readonly #model: PlantModel;
  readonly #histories: (MachineHistory | undefined)[] = [];

  constructor(model: PlantModel) {
    this.#model = model;
  }

  accept(event: PlantEvent): boolean {
    return this.#of(event.machine).accept(event);
  }

  evaluate(machine: Machine, query: EvaluationQuery): Evaluation {
    return this.#of(machine).evaluate(query);
  }

  #of(machine: Machine): MachineHistory {
    return (this.#histories[machine.index] ??= new MachineHistory(this.#model, machine));
  }
}
