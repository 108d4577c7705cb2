/**
 * Category and failure flag of a segment, from its state and reason under one plant file (TL-5, TL-6).
 */
import { type Category, type Plant, resolveReason, type StateName, STATES } from "@oee/model";

export interface SegmentClass {
  readonly category: Category;
  readonly failure: boolean;
}

/** Reasons are free text, so what is remembered of them is bounded; beyond it the memory starts anew. */
const REMEMBERED_MAX = 10_000;

export class Classifier {
  readonly #plant: Plant;
  readonly #ofState = new Map<StateName, SegmentClass>();
  readonly #ofReason = new Map<StateName, Map<string, SegmentClass>>();
  #remembered = 0;

  constructor(plant: Plant) {
    this.#plant = plant;
    for (const [state, { failure }] of Object.entries(STATES) as [StateName, SegmentClass][]) {
      this.#ofState.set(state, { category: plant.categories[state], failure });
      this.#ofReason.set(state, new Map());
    }
  }

  classOf(state: StateName, reason: string | null): SegmentClass {
    const own = this.#ofState.get(state) as SegmentClass;
    if (reason === null || !takesReason(own.category)) return own;
    const known = this.#ofReason.get(state) as Map<string, SegmentClass>;
    let found = known.get(reason);
    if (found === undefined) {
      const set = resolveReason(this.#plant.reasons, reason);
      found = { category: set.category ?? own.category, failure: set.failure ?? own.failure };
      if (this.#remembered++ > REMEMBERED_MAX) {
        for (const reasons of this.#ofReason.values()) reasons.clear();
        this.#remembered = 0;
      }
      known.set(reason, found);
    }
    return found;
  }

  /** TL-6, TL-7: whether a reason says anything about this state. */
  takesReason(state: StateName): boolean {
    return takesReason(this.#plant.categories[state]);
  }
}

function takesReason(category: Category): boolean {
  return category !== "production" && category !== "unknown";
}
