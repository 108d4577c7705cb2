/**
 * Whether one machine is recomputed, or waits for it, and from which instant its stored rows are wrong until then (DI-1).
 * The engine and events that come ask for a recompute; the cold path begins, continues and ends it. Instants are epoch ms.
 */
import { type PlantEvent, RowBatch } from "@oee/model";
import type { Acceptance, Changes } from "@oee/stream";

/** The state of a machine while it is recomputed beside the stream. */
interface Underway {
  /** The instant from which stored rows are not recomputed yet. */
  from: number;
  /** Of time before this instant only the recompute's rows are stored, not the live engine's. */
  readonly storedFrom: number;
  /** Events that came since `beginAdopt`, which the recompute may not read from the store; `null`: not in that phase. */
  arrived: { readonly event: PlantEvent; readonly offset: number }[] | null;
  /** By instant, how often the live engine asked for a recompute from there. */
  readonly asked: Map<number, number>;
}

/** Events change time from an instant on; `corrected`: a correction is among them. */
export interface RecomputeRequest {
  readonly from: number;
  readonly corrected: boolean;
}

const ASKED_MAX = 2;

export class Recompute {
  #from: number | null = null;
  #underway: Underway | null = null;
  /** Events that came during a recompute and change time that it may have been through; `null`: none did. */
  #request: RecomputeRequest | null = null;

  /** The instant from which stored rows are wrong until a recompute that has not begun (`-Infinity`: all); `null`: none waits. */
  get waitsFrom(): number | null {
    return this.#from;
  }

  /** Whether one is under way or waits. */
  get isWanted(): boolean {
    return this.#from !== null || this.#underway !== null;
  }

  /** Whether an event came during the recompute that it may not have read. */
  get requested(): boolean {
    return this.#request !== null;
  }

  /** Asks for a recompute of time from `instant` on, or earlier where that was asked for before. */
  ask(instant: number): void {
    this.#from = Math.min(this.#from ?? Infinity, instant);
  }

  /** Begins, and returns the instant from which stored rows are wrong. The live engine's rows of time before `storedFrom` are not stored any more. */
  begin(storedFrom: number): number {
    const from = this.#from ?? -Infinity;
    this.#underway = { from, storedFrom, arrived: null, asked: new Map() };
    this.#request = null;
    this.#from = null;
    return from;
  }

  /** Notes that stored rows are right up to `instant`; the next checkpoint says so too. */
  reached(instant: number): void {
    if (this.#underway !== null) this.#underway.from = instant;
  }

  /** Ends one that is not done: the next begins where it was, or earlier where events that came meanwhile ask for it. */
  abandon(): void {
    if (this.#underway === null) return;
    const { from } = this.#underway;
    this.#from = Math.min(from, this.#from ?? Infinity, this.#request?.from ?? Infinity);
    this.#underway = null;
    this.#request = null;
  }

  /** Ends one whose rows are stored, or that had nothing to compute. */
  end(): void {
    if (this.#request !== null) this.ask(this.#request.from);
    this.#underway = null;
    this.#request = null;
  }

  /** Empties and returns the request of events that came since the last call. Store them before their time is recomputed. */
  drainRequest(): RecomputeRequest | null {
    const request = this.#request;
    this.#request = null;
    return request;
  }

  /** Begins to remember accepted events, for the new engine. */
  beginAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = [];
  }

  /** Forgets the events remembered since `beginAdopt`: the recompute will read them from the store. */
  abandonAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = null;
  }

  /** The new engine has taken the live one's place: returns the events remembered since `beginAdopt` whose offset is at least `offset`. */
  adopt(from: number, offset: number): readonly PlantEvent[] {
    const arrived = this.#underway?.arrived ?? [];
    this.#underway = { from, storedFrom: -Infinity, arrived: null, asked: new Map() };
    return arrived.filter((of) => of.offset >= offset).map(({ event }) => event);
  }

  /** The live engine accepted an event. */
  accepted(event: PlantEvent, offset: number, acceptance: Acceptance): void {
    if (this.#underway === null) return;
    const { arrived, storedFrom } = this.#underway;
    arrived?.push({ event, offset });
    const corrected = event.type === "correction";
    const from = corrected ? event.from : event.at;
    // A recompute reads the corrections once, when it begins: a later one makes it begin again.
    const missed = corrected && arrived === null && Number.isFinite(storedFrom);
    if (acceptance === "late" || from < storedFrom || missed) this.#request = this.#joined(from, corrected);
  }

  /** The live engine moved on: notes a recompute that it asks for, and returns the changes that are to be stored. */
  heed(changes: Changes): Changes {
    const { recomputeFrom } = changes;
    if (this.#underway === null) {
      if (recomputeFrom !== null) this.ask(recomputeFrom);
      return changes;
    }
    if (recomputeFrom !== null && this.#mayAskAgain(recomputeFrom)) this.#request = this.#joined(recomputeFrom, false);
    return since(changes, this.#underway.storedFrom);
  }

  /** For a checkpoint: the instant from which stored rows are wrong; `null`: none are. */
  snapshot(): number | null {
    if (!this.isWanted) return null;
    return Math.min(this.#from ?? Infinity, this.#underway?.from ?? Infinity, this.#request?.from ?? Infinity);
  }

  /** Whether to heed the live engine: one that lacks old time asks at every advance (TL-3) until it is replaced, so only twice. */
  #mayAskAgain(from: number): boolean {
    const asked = this.#underway?.asked;
    const times = asked?.get(from) ?? 0;
    asked?.set(from, times + 1);
    return times < ASKED_MAX;
  }

  #joined(from: number, corrected: boolean): RecomputeRequest {
    const before = this.#request;
    return {
      from: Math.min(from, before?.from ?? Infinity),
      corrected: corrected || (before?.corrected ?? false),
    };
  }
}

/** Changes without the rows and stops that begin before an instant, and doubted totals of before it. */
function since(changes: Changes, from: number): Changes {
  const { rows, stops, stopsGone, doubts } = changes;
  if (from === -Infinity) return changes;
  const kept = new RowBatch(rows.length);
  for (let row = 0; row < rows.length; row++) if (rows.fromAt(row) >= from) kept.append(rows, row, row + 1);
  return {
    ...changes,
    rows: kept,
    stops: stops.filter((stop) => stop.from >= from),
    stopsGone: stopsGone.filter((start) => start >= from),
    doubts: doubts.filter(({ at }) => at >= from),
  };
}
