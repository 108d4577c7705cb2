/**
 * Time that a test moves on: timers fall due in their order as fast as the work behind them is done. What is done outside,
 * such as a write to a database, takes real time but no simulated time: the clock stands still until it is done.
 */
import type { Cancel, Scheduler } from "./scheduler.ts";

interface Timer {
  at: number;
  readonly periodMs: number | null;
  readonly call: () => void;
}

/** Rounds of the event loop without anything under way after which nothing more comes by itself. */
const QUIET_ROUNDS = 3;

export class SimulatedTime implements Scheduler {
  readonly #start: number;
  #now: number;
  /** In the order in which they were asked for; of those due at one instant the first is called first. */
  readonly #timers = new Set<Timer>();
  #underWay = 0;

  /** `start`: epoch ms. */
  constructor(start: number) {
    this.#start = start;
    this.#now = start;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  elapsed(): number {
    return this.#now - this.#start;
  }

  /** All of it: work takes no simulated time. */
  idle(): number {
    return this.elapsed();
  }

  after(delayMs: number, call: () => void): Cancel {
    return this.#add({ at: this.#now + Math.max(0, delayMs), periodMs: null, call });
  }

  every(periodMs: number, call: () => void): Cancel {
    return this.#add({ at: this.#now + periodMs, periodMs, call });
  }

  turn(): Promise<void> {
    return this.outside(new Promise((resolve) => setImmediate(resolve)));
  }

  /** The clock stands still until `work` is done; answers it. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
    }
  }

  /** Moves the clock on to `to` (epoch ms) and calls what falls due on the way, itself included. */
  async advanceTo(to: number): Promise<void> {
    await this.#settled();
    for (let next = this.#next(to); next !== null; next = this.#next(to)) {
      this.#now = Math.max(this.#now, next.at);
      if (next.periodMs === null) this.#timers.delete(next);
      else next.at += next.periodMs;
      next.call();
      await this.#settled();
    }
    this.#now = Math.max(this.#now, to);
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  #next(to: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (timer.at <= to && (next === null || timer.at < next.at)) next = timer;
    return next;
  }

  /** Resolves when nothing is under way and nothing comes by itself. */
  async #settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#underWay > 0) quiet = -1;
    }
  }
}
