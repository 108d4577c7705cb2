/** When a machine has to be moved on in time though nothing comes. */
import type { MachineRunner } from "./machine-runner.ts";

/**
 * After `idleMs`, so that rows and figures follow the clock; sooner where time alone changes what is shown: a break or a shift
 * begins or ends, a minor stop becomes an unplanned one (ST-2), a machine has been silent for too long
 * (TL-4), or has counted nothing for too long (TL-9).
 */
export function dueAfter({ engine, model }: MachineRunner, now: number, idleMs: number): number {
  let due = now + idleMs;
  const sooner = (at: number): void => {
    if (at > now && at < due) due = at;
  };
  const { machine, clock } = model;
  sooner(clock.spanAt(now).to);
  if (machine.staleAfterMs !== null) sooner(engine.lastEventAt + machine.staleAfterMs + 1);
  const { stop, part } = engine;
  if (machine.pulseGapMs !== null && part !== null && part.idleFrom === Infinity) {
    sooner(part.from + Math.max(machine.pulseGapMs, part.cycleMs) + 1);
  }
  if (stop !== null && !stop.unplanned) sooner(now + machine.minorStopThresholdMs - stop.lengthMs);
  return due;
}
