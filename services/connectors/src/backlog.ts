/**
 * Chooses which events are sent next: of each machine that has any its oldest, in turn, so that no machine waits for
 * the many events of another. Events that waited through an outage are sent first, in order, for a bounded time; those
 * that are left then (the backlog) are sent beside newer ones.
 */
import type { Outbox, WaitingEvent } from "./outbox.ts";

/** A gateway lists so many refused events of one request. */
const BATCH_EVENTS_MAX = 1_000;
const BATCH_BYTES_MAX = 4 << 20;
/**
 * Of one machine: a batch whose answer was lost is sent again, and must be known as a repeat. The engine knows the last 256 ids of a
 * machine (CN-4).
 */
const MACHINE_EVENTS_MAX = 200;
/** How long what has come since an outage waits for what came before. */
const LIVE_WAITS_MS = 5_000;
/** Kept, so that a batch that was sent before a restart is sent again as it was. */
const NOTE = "\nbacklog";

export class Backlog {
  readonly #outbox: Outbox;
  /** Monotonic ms. */
  readonly #now: () => number;
  /** Events with smaller numbers are the backlog; `null`: there is none. */
  #end: number | null;
  /** When events went again after an outage; `null`: no outage is being caught up, or none has gone yet. */
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

  /** Empty: nothing waits. */
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

  /** What was next is delivered, and gone from the outbox. */
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
