/**
 * Turns what happens to a simulated machine into events, with that machine's state names and its way of counting. Before
 * `from`, while the plant warms up, it makes none; at `from` it makes a job, a first total and a state. Events of a machine
 * come in order of time, at most one of each type an instant.
 */
import type { Machine, StateName } from "@oee/model";
import type { Habits } from "./habits.ts";
import type { Order } from "./order-book.ts";
import { RandomStream } from "./random-stream.ts";
import { instantText, type Quantities, type WireEvent } from "./wire-event.ts";
import { wordFor } from "./vocabulary.ts";

export interface VoiceOptions {
  readonly seed: string | number;
  /** The first instant (epoch ms) of which events are made; before it the plant warms up. */
  readonly from: number;
  readonly countEveryMs: number;
  /** Whether events carry an `id`. */
  readonly ids: boolean;
  /** The share of `staleAfter` after which a silent machine repeats its state, so that it does not count as gone (TL-4). */
  readonly heartbeatShare: number;
  /** Whether counters that roll over report totals. */
  readonly rollovers: boolean;
}

export class MachineVoice {
  /** The next instant (epoch ms) at which `keepUp` makes an event. */
  dueAt: number;
  readonly #machine: Machine;
  readonly #habits: Habits;
  readonly #options: VoiceOptions;
  readonly #out: WireEvent[];
  readonly #words = new Map<StateName, string | number>();
  readonly #heartbeatMs: number;
  /** The machine sends counts and no states: it has sensors at its infeed and its outfeed and nothing else (TL-9). */
  readonly #onlyCounts: boolean;
  readonly #countsTotals: boolean;
  #introduced = false;
  #state: StateName = "unknown";
  #stateAt = Number.NaN;
  /** The reason of the present stop; it is sent at `#reasonAt` if the stop lasts that long. */
  #reason: string | null = null;
  #reasonAt = Infinity;
  #lastAt = Number.NEGATIVE_INFINITY;
  #idsOfInstant = 0;
  #idAt = Number.NaN;
  #order: Order | null = null;
  #cycleUs = 0;
  /** Items made since the last count event. */
  #good = 0;
  #scrap = 0;
  #rework = 0;
  #startup = false;
  #countAt = 0;
  #totalGood: number;
  #totalScrap: number;
  #totalRework: number;

  constructor(machine: Machine, habits: Habits, options: VoiceOptions, out: WireEvent[]) {
    this.#machine = machine;
    this.#habits = habits;
    this.#options = options;
    this.#out = out;
    this.#onlyCounts = machine.pulseGapMs !== null && machine.states.size === 0;
    this.#heartbeatMs =
      machine.staleAfterMs === null || this.#onlyCounts
        ? Infinity
        : Math.floor(machine.staleAfterMs * options.heartbeatShare);
    this.dueAt = options.from;
    this.#countsTotals = habits.countsTotals && (machine.rolloverAt === null || options.rollovers);
    const random = new RandomStream(options.seed, machine.id, "counter");
    this.#totalGood = random.whole(0, (machine.rolloverAt ?? 1) - 1);
    this.#totalScrap = Math.floor(this.#totalGood * habits.defectShare);
    this.#totalRework = Math.floor(this.#totalScrap * habits.reworkShare);
  }

  /** A state begins. Its `reason` is sent at `reasonAt`: at once, later (TL-3), or never where the stop ends before. */
  state(at: number, state: StateName, reason: string | null = null, reasonAt: number = at): void {
    this.flush(at);
    this.#state = state;
    this.#stateAt = at;
    this.#reason = reason;
    this.#reasonAt = reason === null || this.#onlyCounts ? Infinity : reasonAt;
    if (this.#introduced) this.#sayState(at);
  }

  job(at: number, order: Order, cycleUs: number): void {
    this.#order = order;
    this.#cycleUs = cycleUs;
    if (this.#introduced) this.#sayJob(at);
  }

  /** Items that were made since the last call. Before `startup` changes, call `flush`: a count event is of one kind. */
  made(at: number, good: number, scrap: number, rework: number, startup: boolean): void {
    this.#startup = startup;
    this.#good += good;
    this.#scrap += scrap;
    this.#rework += rework;
    if (at >= this.#countAt) this.flush(at);
  }

  /** Makes the count event of the items made since the last one, if there are any. */
  flush(at: number): void {
    if (this.#good + this.#scrap + this.#rework === 0) return;
    const every = this.#options.countEveryMs;
    this.#countAt = (Math.floor(at / every) + 1) * every + this.#habits.phaseMs;
    this.#totalGood += this.#good;
    this.#totalScrap += this.#scrap;
    this.#totalRework += this.#rework;
    if (this.#introduced) {
      const quantities = this.#countsTotals
        ? { total: this.#totals() }
        : this.#quantities(this.#good, this.#scrap, this.#rework);
      this.#say(at, { type: "count", ...this.#stamp(at), ...quantities, ...(this.#startup ? { startup: true } : {}) });
    }
    this.#good = 0;
    this.#scrap = 0;
    this.#rework = 0;
  }

  /** The controller lost its power or was reset by hand: totals, unless they roll over, begin at 0. */
  resetTotals(at: number): void {
    if (!this.#countsTotals || this.#machine.rolloverAt !== null) return;
    this.#beginTotals();
    if (this.#introduced) this.#sayTotals(at);
  }

  #beginTotals(): void {
    this.#totalGood = 0;
    this.#totalScrap = 0;
    this.#totalRework = 0;
  }

  /** Makes what is due: the first events (job, totals, state), or the state again, with a reason that became known or as a heartbeat. */
  keepUp(at: number): void {
    if (!this.#introduced && at >= this.#options.from) {
      this.#introduced = true;
      this.#sayJob(at);
      // Totals begin at 0, like those of a controller that starts anew: after a simulation that ended before they fall, and
      // a fall adds no quantity (CN-2).
      if (this.#machine.rolloverAt === null) this.#beginTotals();
      if (this.#countsTotals) this.#sayTotals(at);
      this.#sayState(at);
    } else if (this.#stateAt !== at && (at >= this.#reasonAt || at - this.#lastAt >= this.#heartbeatMs)) {
      this.#sayState(at);
    }
    this.dueAt = this.#introduced ? Math.min(this.#reasonAt, this.#lastAt + this.#heartbeatMs) : this.#options.from;
  }

  #sayState(at: number): void {
    if (this.#onlyCounts) return;
    let word = this.#words.get(this.#state);
    if (word === undefined) {
      word = wordFor(this.#machine, this.#habits, this.#state);
      this.#words.set(this.#state, word);
    }
    const known = this.#reason !== null && at >= this.#reasonAt;
    if (known) this.#reasonAt = Infinity;
    this.#say(at, {
      type: "state",
      ...this.#stamp(at),
      state: word,
      ...(known && this.#reason !== null ? { reason: this.#reason } : {}),
    });
  }

  #sayJob(at: number): void {
    const product = this.#order?.product ?? null;
    if (this.#order === null || product === null) return;
    const { idealCycleUs } = this.#machine;
    // The job event names the ideal cycle only where that of the product or machine is another (CN-3).
    const given = idealCycleUs !== null && (product.idealCycleUs ?? idealCycleUs) !== this.#cycleUs;
    this.#say(at, {
      type: "job",
      ...this.#stamp(at),
      product: product.id,
      order: this.#order.number,
      ...(given ? { idealCycleSeconds: this.#cycleUs / 1e6 } : {}),
    });
  }

  #sayTotals(at: number): void {
    this.#say(at, { type: "count", ...this.#stamp(at), total: this.#totals() });
  }

  #totals(): Quantities {
    const modulus = this.#machine.rolloverAt ?? Number.MAX_SAFE_INTEGER;
    return this.#quantities(this.#totalGood % modulus, this.#totalScrap % modulus, this.#totalRework % modulus);
  }

  #quantities(good: number, scrap: number, rework: number): Quantities {
    const unit = 10 ** this.#machine.decimals;
    const lost = this.#onlyCounts ? { produced: (good + scrap + rework) / unit } : { scrap: scrap / unit };
    const quantities = { good: good / unit, ...lost };
    return this.#habits.reworkShare > 0 ? { ...quantities, rework: rework / unit } : quantities;
  }

  #stamp(at: number): { readonly machine: string; readonly at: string | number } {
    return { machine: this.#machine.id, at: this.#habits.speaksNumbers ? at : instantText(at) };
  }

  #say(at: number, event: WireEvent): void {
    this.#lastAt = at;
    if (!this.#options.ids) {
      this.#out.push(event);
      return;
    }
    this.#idsOfInstant = at === this.#idAt ? this.#idsOfInstant + 1 : 0;
    this.#idAt = at;
    this.#out.push({ ...event, id: `${at.toString(36)}-${this.#idsOfInstant}` });
  }
}
