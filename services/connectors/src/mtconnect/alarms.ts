/**
 * The alarms of conditions that are active: a condition may have several at once, and an agent tells each for itself. What is normal again
 * is one alarm, or, where none is named, all of them.
 */
import type { AgentObservation } from "./agent-document.ts";

/** Levels by alarm, by data item. */
export type ActiveAlarms = Readonly<Record<string, Readonly<Record<string, string>>>>;

const FAULT = "Fault";
const WARNING = "Warning";
const NORMAL = "Normal";

export class Alarms {
  readonly #active: Map<string, ReadonlyMap<string, string>>;

  constructor(active: ActiveAlarms) {
    this.#active = new Map(Object.entries(active).map(([item, levels]) => [item, new Map(Object.entries(levels))]));
  }

  get active(): ActiveAlarms {
    return Object.fromEntries([...this.#active].map(([item, levels]) => [item, Object.fromEntries(levels)]));
  }

  /** Forgets the alarms of an item, of which all are told now. */
  forget(item: string): void {
    this.#active.delete(item);
  }

  /** The level of a condition after an observation: the worst of its active alarms. */
  levelAfter({ dataItemId: item, alarm, value: level }: AgentObservation): string {
    const levels = new Map(this.#active.get(item));
    if (level === FAULT || level === WARNING) levels.set(alarm ?? "", level);
    else if (level === NORMAL && alarm) levels.delete(alarm);
    else levels.clear();
    if (levels.size > 0) this.#active.set(item, levels);
    else this.#active.delete(item);
    const told = [...levels.values()];
    return told.includes(FAULT) ? FAULT : (told[0] ?? level);
  }
}
