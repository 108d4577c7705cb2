/** Computes when a machine must be computed next though no event comes for it. */
import type { MachineRunner } from "./machine-runner.ts";

/**
 * The instant (epoch ms) at which a machine must be computed next: `now + idleMs`, so that rows and figures follow the
 * clock, or sooner where time alone changes what is shown. That is when a break or a shift begins or ends, a minor stop
 * becomes an unplanned one (ST-2), the machine has been silent for longer than `staleAfter` (TL-4), or it has counted
 * nothing for longer than `pulseGap` (TL-9).
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
