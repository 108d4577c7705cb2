/**
 * What is frozen with a position (RV-3, BL-2) has to be what the events before that position come to, and the store is written
 * while it is read: rows of an event a moment before the event, those of a late one that is computed again after it. So nothing
 * is frozen while figures of the period are on their way, and what was computed holds if the position has not moved meanwhile, or
 * if it comes to the same again at a later one.
 */
import type { EventLog, Topics } from "@oee/event-log";
import type { Machine } from "@oee/model";
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
  /** For so long it is tried again. */
  readonly triedForMs: number;
}

/** What is to be frozen: figures of machines, of time before an instant (epoch ms). */
export interface Frozen {
  readonly machines: readonly Machine[];
  readonly before: number;
}

/** Rows of an event are stored, or its machine's live record says that they are computed again, within this time of its coming. */
const SETTLED_MS = 6_000;
const LOOK_AGAIN_MS = 200;
/** However long it takes, it is computed so many times before it is refused. */
const COMPUTED_MIN = 3;

/**
 * `compute` is asked with what is known at one position after another. Throws `HttpProblem` where the figures do not come to rest.
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
    const moves = await onTheirWay(sources, frozen);
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
    // What takes long to compute has its chance too.
  } while (performance.now() < until || (last !== null && computed < COMPUTED_MIN));
  throw new HttpProblem("OEE_HTTP_FIGURES_MOVING", `the figures did not come to rest: ${why}; try again in a moment`);
}

/**
 * Resolves when the store has every event that the log had: then it has those of all rows that were read before. Records that
 * are no events, and refused ones, are never stored: where nothing more is for a while, no write is under way.
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

/** Why figures may be older than the events that are stored; `null`: they are not. */
async function onTheirWay(
  { store, turnstile, recordOf, clock }: RestSources,
  { machines, before }: Frozen,
): Promise<string | null> {
  const recomputed = machines.filter((machine) => recordOf(machine)?.recomputing === true);
  const [first] = recomputed;
  if (first !== undefined) {
    return `${first.path}${recomputed.length > 1 ? ` and ${recomputed.length - 1} more` : ""} is being computed again`;
  }
  const query = { machines: machines.map(({ id }) => id), before, since: clock() - SETTLED_MS, corrections: true };
  const came = await turnstile.run(() => store.eventsAfter(query));
  return came === 0 ? null : `${came} events of before came within ${SETTLED_MS / 1000} s`;
}
