/**
 * Chooses which events are sent next: of each machine that has any its oldest, in turn, so that no machine waits for
 * the many events of another. Events that waited through an outage are sent first, in order, for a bounded time; those
 * that are left then (the backlog) are sent beside newer ones.
 */
import type { Outbox, WaitingEvent } from "./outbox.ts";

/** Events in a request: a gateway lists at most 1,000 refused events in its answer. */
const BATCH_EVENTS_MAX = 1_000;
const BATCH_BYTES_MAX = 4 << 20;
/**
 * Events of one machine in a request. A request whose answer was lost is sent again, and the engine knows the last 256 ids of a machine
 * as repeats (CN-4).
 */
const MACHINE_EVENTS_MAX = 200;
/** How long events that came after an outage wait for those that came during it. */
const LIVE_WAITS_MS = 5_000;
/** The note in the outbox that holds `#end`: after a restart the same events make up the next request. */
const NOTE = "\nbacklog";

export class Backlog {
  readonly #outbox: Outbox;
  /** Monotonic ms. */
  readonly #now: () => number;
  /** The number of the first event after the backlog; `null`: there is no backlog. */
  #end: number | null;
  /** When the first request after an outage was accepted (monotonic ms); `null`: there is no outage, or it lasts. */
  #wentAt: number | null = null;
  #isOutage: boolean;
  #turn = 0;

  constructor(outbox: Outbox, now: () => number) {
    this.#outbox = outbox;
    this.#now = now;
    const kept = outbox.note(NOTE) ?? "";
    this.#end = kept === "" ? null : Number(kept);
    this.#isOutage = outbox.waiting.events > 0;
  }

  /** The events of the next request; empty: none wait. */
  next(): readonly WaitingEvent[] {
    const { machines } = this.#outbox;
    const from = this.#turn++ % Math.max(1, machines.length);
    const batch: WaitingEvent[] = [];
    let bytes = 0;
    for (const machine of [...machines.slice(from), ...machines.slice(0, from)]) {
      for (const event of this.#of(machine, Math.min(MACHINE_EVENTS_MAX, BATCH_EVENTS_MAX - batch.length))) {
        bytes += event.json.length;
        if (bytes > BATCH_BYTES_MAX && batch.length > 0) return batch;
        batch.push(event);
      }
    }
    return batch;
  }

  #of(machine: string, countMax: number): readonly WaitingEvent[] {
    if (this.#end === null) return this.#outbox.oldest(machine, countMax);
    const live = this.#outbox.oldest(machine, Math.ceil(countMax / 2), this.#end);
    return [...live, ...this.#outbox.oldest(machine, countMax - live.length, 0, this.#end)];
  }

  failed(): void {
    this.#isOutage = true;
    this.#wentAt = null;
  }

  /** To be called when the events of `next` were accepted and removed from the outbox. */
  async delivered(): Promise<void> {
    if (this.#outbox.waiting.events === 0) {
      this.#isOutage = false;
      await this.#endsAt(null);
    } else if (this.#isOutage) {
      this.#wentAt ??= this.#now();
      if (this.#now() - this.#wentAt < LIVE_WAITS_MS) return;
      this.#isOutage = false;
      await this.#endsAt(this.#outbox.end);
    } else if (this.#end !== null && !this.#isLeft(this.#end)) await this.#endsAt(null);
  }

  #isLeft(end: number): boolean {
    return this.#outbox.machines.some((machine) => this.#outbox.oldest(machine, 1, 0, end).length > 0);
  }

  async #endsAt(end: number | null): Promise<void> {
    if (end === this.#end) return;
    await this.#outbox.put([], new Map([[NOTE, end === null ? "" : String(end)]]));
    this.#end = end;
  }
}
