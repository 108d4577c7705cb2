/**
 * What the engine makes of a sample of events, machine by machine: totals that it doubts (CN-8), and performance above
 * 100 % (P-4), which a wrong ideal cycle or wrong pieces per count give.
 */
import { kpisOf, sumOf } from "@oee/answers";
import { MachineHistory, PlantModel } from "@oee/engine";
import type { Machine, Plant, PlantEvent } from "@oee/model";
import { counted, percent } from "./output/for-people.ts";

/** So many events are held, of all machines together; of those after them nothing is computed. */
const EVENTS_MAX = 1_000_000;
/** Machines that get lines of their own. */
const MACHINES_SHOWN_MAX = 50;

export class SampleOutcomes {
  readonly #model: PlantModel;
  readonly #histories = new Map<Machine, MachineHistory>();
  #held = 0;
  #left = 0;

  constructor(plant: Plant) {
    this.#model = new PlantModel(plant);
  }

  take(event: PlantEvent): void {
    if (this.#held >= EVENTS_MAX) {
      this.#left++;
      return;
    }
    this.#held++;
    let history = this.#histories.get(event.machine);
    if (history === undefined) {
      this.#histories.set(event.machine, (history = new MachineHistory(this.#model, event.machine)));
    }
    history.accept(event);
  }

  lines(): readonly string[] {
    const told = [...this.#histories].flatMap(([machine, history]) => {
      const lines = linesOf(machine, history);
      return lines.length === 0 ? [] : [lines];
    });
    const lines = told.slice(0, MACHINES_SHOWN_MAX).flat();
    if (told.length > MACHINES_SHOWN_MAX) {
      lines.push(`and ${counted(told.length - MACHINES_SHOWN_MAX, "more machine")} with such totals or figures`);
    }
    if (this.#left > 0) {
      lines.push(`nothing is computed of the last ${counted(this.#left, "event")}: a sample of so many is enough`);
    }
    return lines;
  }
}

function linesOf(machine: Machine, history: MachineHistory): readonly string[] {
  const { first, last } = history;
  // Corrections alone.
  if (first > last) return [];
  const to = last + 1;
  const { rows, doubts } = history.evaluate({ from: first, to, now: to, cuts: [first, to] });
  const { performance } = kpisOf(sumOf(rows), machine.idealCycleUs !== null);
  const lines: string[] = [];
  if (doubts > 0) {
    lines.push(
      `${machine.id}: ${counted(doubts, "total")} doubted: more than maxRatePerHour allows; they count nothing`,
    );
  }
  if (performance !== null && performance > 1) {
    lines.push(
      `${machine.id}: performance ${percent(performance)}: more than the ideal cycle allows; it is too long, or piecesPerCount too high`,
    );
  }
  return lines;
}
