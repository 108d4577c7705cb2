/**
 * The port of time: clocks, timers and turns of the event loop come in by it, so that whatever paces itself can also be run
 * by simulated time. `systemScheduler` is the machine's time, `SimulatedTime` a test's.
 */
import { performance } from "node:perf_hooks";

/** Ends what was asked for; does nothing where it has ended already. */
export type Cancel = () => void;

export interface Scheduler {
  /** The time of day in whole epoch milliseconds; it may be set, and go back. */
  now(): number;
  /** Milliseconds of a clock that never goes back, from an arbitrary zero. */
  elapsed(): number;
  /** For how many milliseconds in all the event loop had nothing to do. */
  idle(): number;
  /** Calls once, `delayMs` from now. */
  after(delayMs: number, call: () => void): Cancel;
  /** Calls every `periodMs` until it is cancelled. */
  every(periodMs: number, call: () => void): Cancel;
  /** Resolves when other work that was ready had the event loop. */
  turn(): Promise<void>;
}

/** The machine's own time. `now` is the time of day (epoch ms), which a product may let go faster. */
export function systemScheduler(now: () => number = Date.now): Scheduler {
  return {
    now,
    elapsed: () => performance.now(),
    idle: () => performance.eventLoopUtilization().idle,
    after: (delayMs, call) => {
      const timer = setTimeout(call, delayMs);
      return () => clearTimeout(timer);
    },
    every: (periodMs, call) => {
      const timer = setInterval(call, periodMs);
      return () => clearInterval(timer);
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** Resolves `delayMs` from now. */
export function pause(scheduler: Scheduler, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(delayMs, resolve);
  });
}
