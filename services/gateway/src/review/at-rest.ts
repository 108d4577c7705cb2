/**
 * Computes figures that are frozen with a position (RV-3, BL-2), which must be those of exactly the events before that
 * position. The store is written while it is read: rows come a moment before their event, or after it where a late event has
 * them recomputed. So nothing is frozen while rows of the period are still to come. A result holds only if the position did not
 * move while it was computed, or if a second computation at a later position gives the same.
 */
import type { EventLog, Topics } from "@oee/event-log";
import type { Machine } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { sleepTimer, type Turnstile } from "@oee/pacing";
import type { Store } from "@oee/store";
import { isDeepStrictEqual } from "node:util";
import type { RecordOf } from "../answers/open-stops.ts";
import { HttpProblem } from "../problems.ts";
import type { Known } from "./review-answers.ts";

export interface RestSources {
  readonly store: Pick<Store, "eventsAfter" | "storedPositions">;
  readonly log: Pick<EventLog, "endsOf">;
  readonly topics: Topics;
  readonly turnstile: Turnstile;
  readonly recordOf: RecordOf;
  readonly clock: () => number;
  /** How long (ms) it is tried again. */
  readonly triedForMs: number;
}

/** Which figures are frozen: those of some machines, of time before an instant (epoch ms). */
export interface Frozen {
  readonly machines: readonly Machine[];
  readonly before: number;
}

/** Within this time of an event's arrival its rows are stored, or the machine's live record says that it is being recomputed. */
const SETTLED_MS = 6_000;
/**
 * For so long (ms) after events of a machine came no figures are frozen while no fresh live record says that the machine is computed
 * that far: a worker that is given a machine's first months moves it on through them in steps, and shows it when it is there.
 */
const COMPUTED_WITHIN_MS = 30 * 60_000;
const LOOK_AGAIN_MS = 200;
/** It is computed so many times before it is refused, even where that takes longer than `triedForMs`. */
const COMPUTED_MIN = 3;

/**
 * The result of `compute` at a position at which the figures rest, with that position. `compute` is called with what is known
 * at one position after another. Throws `HttpProblem` where the figures do not come to rest.
 */
export async function atRest<T>(
  sources: RestSources,
  frozen: Frozen,
  known: () => Promise<Known>,
  compute: (known: Known) => Promise<T>,
): Promise<{ readonly value: T; readonly known: Known }> {
  const { signal } = new AbortController();
  const until = performance.now() + sources.triedForMs;
  let last: { readonly value: T; readonly known: Known } | null = null;
  let [why, computed] = ["", 0];
  do {
    await storedToTheEnd(sources, signal);
    const moves = await whyMoving(sources, frozen);
    if (moves !== null) {
      [last, why] = [null, moves];
      await sleepTimer(LOOK_AGAIN_MS, signal);
      continue;
    }
    const now = await known();
    if (last !== null && isDeepStrictEqual(last.known.position, now.position)) return last;
    const value = await compute(now);
    computed++;
    if (last !== null && isDeepStrictEqual(last.value, value)) return { value, known: now };
    why = "events that come change them";
    last = { value, known: now };
    // A computation that takes longer than `triedForMs` is done at least `COMPUTED_MIN` times.
  } while (performance.now() < until || (last !== null && computed < COMPUTED_MIN));
  throw new HttpProblem("OEE_HTTP_FIGURES_MOVING", `the figures did not come to rest: ${why}; try again in a moment`);
}

/**
 * Resolves when the store has every event that the log had at the call, and thus the events of all rows that were read before.
 * Records that are no events, and refused ones, are never stored: where stored positions do not move for `SETTLED_MS`, no
 * write is under way, and it resolves too.
 */
async function storedToTheEnd({ store, log, topics, turnstile }: RestSources, signal: AbortSignal): Promise<void> {
  const topic = topics.events.name;
  const ends = await log.endsOf(topic);
  let [stored, since] = ["", performance.now()];
  for (;;) {
    const positions = await turnstile.run(() => store.storedPositions(topic));
    if (ends.every(({ partition, readableEnd }) => (positions.get(partition) ?? 0) >= readableEnd)) return;
    const reached = JSON.stringify([...positions]);
    if (reached !== stored) [stored, since] = [reached, performance.now()];
    if (performance.now() > since + SETTLED_MS) return;
    await sleepTimer(LOOK_AGAIN_MS, signal);
  }
}

/** Why rows may lag behind the stored events: a machine is recomputed, or events came just now; `null`: they do not. */
async function whyMoving(
  { store, turnstile, recordOf, clock }: RestSources,
  { machines, before }: Frozen,
): Promise<string | null> {
  const recomputed = machines.filter((machine) => recordOf(machine)?.recomputing === true);
  const [first] = recomputed;
  if (first !== undefined) {
    return `${first.path}${recomputed.length > 1 ? ` and ${recomputed.length - 1} more` : ""} is being computed again`;
  }
  const cameSince = (of: readonly Machine[], since: number): Promise<number> => {
    const query = { machines: of.map(({ id }) => id), before, since, corrections: true };
    return of.length === 0 ? Promise.resolve(0) : turnstile.run(() => store.eventsAfter(query));
  };
  const came = await cameSince(machines, clock() - SETTLED_MS);
  if (came > 0) return `${came} events of before came within ${SETTLED_MS / 1000} s`;
  const behind = machines.filter((machine) => !isComputedTo(recordOf(machine), before));
  const waiting = await cameSince(behind, clock() - COMPUTED_WITHIN_MS);
  return waiting === 0 ? null : `${waiting} events of before are not computed yet`;
}

/** Whether a machine's live record says that it is computed up to an instant (epoch ms), as far as records are made that often. */
function isComputedTo(record: LiveRecord | null, before: number): boolean {
  return record !== null && record.now + record.nextWithinMs >= before;
}
