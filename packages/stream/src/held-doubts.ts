/** The totals of one machine that the engine last said are doubted (CN-8); those of a sweep are compared with them. */
import {
  type CounterName,
  type CounterState,
  type Doubt,
  doubtedTotal,
  isJudgedFrom,
  QUANTITY_NAMES,
  unsettledDoubts,
} from "@oee/engine";
import type { DoubtedTotal } from "@oee/model";

export interface DoubtsSwept {
  readonly machine: string;
  /** Where the sweep began (epoch ms). */
  readonly from: number;
  /** As of `MachineEngine`. */
  readonly rowsFrom: number;
  /** Whether doubts before `rowsFrom` are returned too: the plant file that they were judged by is still in force. */
  readonly tellsOlder: boolean;
}

const NONE: readonly DoubtedTotal[] = [];
/** A key is the instant × this and the quantity: a whole number below 2^53. */
const QUANTITIES = 4;

export class HeldDoubts {
  readonly #held = new Set<number>();

  /** Structured-clonable. */
  get keys(): readonly number[] {
    return [...this.#held];
  }

  has({ at, quantity }: Pick<DoubtedTotal, "at" | "quantity">): boolean {
    return this.#held.has(at * QUANTITIES + QUANTITY_NAMES.indexOf(quantity));
  }

  /** The doubts of a sweep take the place of those held of its time; says which came, and which are gone. */
  replace(swept: readonly Doubt[], { machine, from, rowsFrom, tellsOlder }: DoubtsSwept): readonly DoubtedTotal[] {
    const held = this.#held;
    if (swept.length === 0 && held.size === 0) return NONE;
    const gone = new Set<number>();
    for (const key of held) if (instantOf(key) >= from) gone.add(key);
    const changed: DoubtedTotal[] = [];
    for (const doubt of swept) {
      const { at, quantity, isTrue } = doubt;
      const key = at * QUANTITIES + quantity;
      gone.delete(key);
      const isOlder = at < rowsFrom;
      if (isOlder && !(isJudgedFrom(doubt, rowsFrom) && (isTrue || tellsOlder))) continue;
      // An older one that is found true may be stored as doubted, and not be held.
      if (held.has(key) === !isTrue && !(isOlder && isTrue)) continue;
      if (isTrue) held.delete(key);
      else held.add(key);
      changed.push(doubtedTotal(machine, doubt, !isTrue));
    }
    for (const key of gone) {
      if (instantOf(key) < rowsFrom) continue;
      held.delete(key);
      changed.push(totalOf(machine, key, false));
    }
    return changed;
  }

  /** Forgets those before an instant that no later total can show to be true; `counters`: how they stood at it. */
  forgetBefore(instant: number, counters: CounterState): void {
    if (this.#held.size === 0) return;
    const unsettled = new Set(unsettledDoubts(counters).map(({ at, quantity }) => at * QUANTITIES + quantity));
    for (const key of this.#held) if (instantOf(key) < instant && !unsettled.has(key)) this.#held.delete(key);
  }

  static restore(keys: readonly number[]): HeldDoubts {
    const restored = new HeldDoubts();
    for (const key of keys) restored.#held.add(key);
    return restored;
  }
}

function instantOf(key: number): number {
  return Math.floor(key / QUANTITIES);
}

function totalOf(machine: string, key: number, doubted: boolean): DoubtedTotal {
  return { machine, at: instantOf(key), quantity: QUANTITY_NAMES[key % QUANTITIES] as CounterName, doubted };
}
