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
const NO_KEYS: ReadonlySet<number> = new Set();
/** A key is the instant × this and the quantity: a whole number below 2^53. */
const QUANTITIES = 4;

export class HeldDoubts {
  /** Made with the first doubt: most machines have none. */
  #known: Set<number> | null = null;

  get #held(): ReadonlySet<number> {
    return this.#known ?? NO_KEYS;
  }

  /** Structured-clonable. */
  get keys(): readonly number[] {
    return [...this.#held];
  }

  has({ at, quantity }: Pick<DoubtedTotal, "at" | "quantity">): boolean {
    return this.#held.has(at * QUANTITIES + QUANTITY_NAMES.indexOf(quantity));
  }

  /** The doubts of a sweep take the place of those held of its time; says which came, and which are gone. */
  replace(swept: readonly Doubt[], { machine, from, rowsFrom, tellsOlder }: DoubtsSwept): readonly DoubtedTotal[] {
    if (swept.length === 0 && this.#held.size === 0) return NONE;
    const held = (this.#known ??= new Set());
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
    for (const key of this.#held) if (instantOf(key) < instant && !unsettled.has(key)) this.#known?.delete(key);
  }

  static restore(keys: readonly number[]): HeldDoubts {
    const restored = new HeldDoubts();
    if (keys.length > 0) restored.#known = new Set(keys);
    return restored;
  }
}

function instantOf(key: number): number {
  return Math.floor(key / QUANTITIES);
}

function totalOf(machine: string, key: number, doubted: boolean): DoubtedTotal {
  return { machine, at: instantOf(key), quantity: QUANTITY_NAMES[key % QUANTITIES] as CounterName, doubted };
}
